// Reports, releases and splits over the API.
#include <set>

#include "tests/integration/server/api_world.h"

namespace server {
namespace {

class Reports : public WithApi {
protected:
    static void SetUpTestSuite() {
        auto& world = ApiWorld::the();
        ASSERT_NE(world.reconciled(), "");
        for (const std::string account : {"payable:reported", "payable:statement"}) {
            world.funds(account, 700);
        }
        for (const std::string number : {"1", "2", "3"}) {
            world.pays("ch_report_" + number, 50, "report-" + number);
        }
    }
    Value got(const std::string& path, const std::string& role = "reader") {
        const auto answer = world_.get(path, role);
        EXPECT_EQ(answer.status, 200) << path << ": " << answer.body;
        return parsed(answer.body);
    }
    static std::int64_t minor(const Value& object, std::string_view name) {
        return object.path(name, "amount")->integer().value_or(-1);
    }
};

TEST_F(Reports, TheTrialBalanceHasTotalsThatAreEqualWhateverThePage) {
    const auto whole = got("/v1/trial-balance?limit=1000");
    ASSERT_FALSE(whole.find("totals")->items().empty());
    std::int64_t debit = 0;
    for (const auto& row : whole.find("data")->items()) {
        debit += text_at(*row.find("debit"), "currency") == "CNY" ? minor(row, "debit") : 0;
    }
    for (const auto& total : whole.find("totals")->items()) {
        EXPECT_EQ(minor(total, "debit"), minor(total, "credit"));
        if (text_at(*total.find("debit"), "currency") == "CNY") {
            EXPECT_EQ(minor(total, "debit"), debit);
        }
    }
    EXPECT_EQ(got("/v1/trial-balance?limit=1").find("totals")->items().size(), whole.find("totals")->items().size());
    EXPECT_EQ(world_.walk("/v1/trial-balance?limit=3", "reader", "account"),
              world_.walk("/v1/trial-balance?limit=1000", "reader", "account"));
    EXPECT_TRUE(got("/v1/trial-balance?until=2020-01-01").find("data")->items().empty());
    EXPECT_EQ(world_.get("/v1/trial-balance?recorded=yesterday", "reader").status, 400);
}

TEST_F(Reports, OpenItemsAddUpToTheBalanceOfTheirAccount) {
    const auto rows = got("/v1/ageing?account=payable:reported&date=2026-11-28");
    ASSERT_EQ(rows.find("data")->items().size(), 1U);
    const auto& row = rows.find("data")->items()[0];
    EXPECT_EQ(minor(row, "days_1_to_30"), -700);
    EXPECT_EQ(minor(row, "balance"), -700);
    EXPECT_EQ(text_at(rows, "as_of"), "2026-11-28");
    const auto items = got("/v1/ageing/items?account=payable:reported&date=2026-11-28");
    ASSERT_EQ(items.find("data")->items().size(), 1U);
    EXPECT_EQ(items.find("data")->items()[0].integer_at("days"), 10);
    EXPECT_EQ(world_.walk("/v1/ageing/items?limit=1&account=transit:", "reader", "since"),
              world_.walk("/v1/ageing/items?limit=1000&account=transit:", "reader", "since"));
    EXPECT_EQ(world_.walk("/v1/ageing?limit=1", "reader", "account"),
              world_.walk("/v1/ageing?limit=1000", "reader", "account"));
    EXPECT_EQ(world_.get("/v1/ageing?date=2026-02-30", "reader").status, 400);
}

TEST_F(Reports, AStatementsLinesLeadFromItsOpeningToItsClosing) {
    const std::string path = "/v1/accounts/transit:payment:stripe/statement";
    const auto whole = got(path + "?limit=1000");
    for (const auto& opening : whole.find("opening")->items()) {
        EXPECT_EQ(opening.integer_at("amount"), 0);
    }
    std::int64_t stands = 0;
    for (const auto& line : whole.find("data")->items()) {
        if (text_at(*line.find("amount"), "currency") == "CNY") {
            stands += minor(line, "amount");
            EXPECT_EQ(minor(line, "balance"), stands);
        }
    }
    for (const auto& end : whole.find("closing")->items()) {
        EXPECT_TRUE(text_at(end, "currency") != "CNY" || end.integer_at("amount") == stands);
    }
    EXPECT_EQ(world_.walk(path + "?limit=2", "reader", "entry"), world_.walk(path + "?limit=1000", "reader", "entry"));
    const auto later = got("/v1/accounts/payable:statement/statement?from=2026-11-19");
    EXPECT_EQ(later.find("opening")->items().at(0).integer_at("amount"), -700);
    EXPECT_TRUE(later.find("data")->items().empty());
    EXPECT_EQ(world_.get(path + "?from=2026-11-19&until=2026-11-18", "reader").status, 400);
    EXPECT_EQ(world_.get("/v1/accounts/payable:never/statement", "reader").status, 404);
}

TEST_F(Reports, AFulfilmentIsRecordedOnce) {
    ASSERT_LT(world_.post("/v1/orders", "shop", order_json("fulfilled-1", 100)).status, 202);
    const auto tell = [&](const std::string& more) {
        return world_.post("/v1/fulfilments", "shop", R"({"merchant_order_id":"fulfilled-1")" + more + "}");
    };
    EXPECT_EQ(tell(R"(,"fulfilled_at":"2099-01-01T00:00:00Z")").status, 400);
    const auto first = tell("");
    EXPECT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(tell("").status, 200);
    const auto unknown = world_.post("/v1/fulfilments", "shop", R"({"merchant_order_id":"nobody's"})");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(text_at(parsed(unknown.body), "field"), "merchant_order_id");
    const auto shared = world_.post("/v1/share-outs", "accountant", "{}", "share-outs-1");
    EXPECT_EQ(shared.status, 200) << shared.body;
    EXPECT_TRUE(parsed(shared.body).find("next_after")->is_null());
    EXPECT_EQ(world_.post("/v1/share-outs", "accountant", "{}", "share-outs-1").body, shared.body);
    EXPECT_EQ(complaints(), "");
}

TEST_F(Reports, APreviewSharesOutToTheUnitAndBooksNothing) {
    const auto before = world_.walk("/v1/entries?limit=1000", "reader", "entry").size();
    const auto answer = world_.post("/v1/splits/marketplace/preview", "shop",
                                    R"({"amount":{"amount":101,"currency":"CNY"},"refunds":[50,51]})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    std::int64_t received = 0;
    const auto body = parsed(answer.body);
    for (const auto& receiver : body.find("receivers")->items()) {
        received += minor(receiver, "receives");
        EXPECT_EQ(minor(receiver, "left"), 0) << "all was refunded";
    }
    EXPECT_EQ(received, 101);
    const auto refused = world_.post("/v1/splits/marketplace/preview", "shop",
                                     R"({"amount":{"amount":101,"currency":"CNY"},"refunds":[50,52]})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(text_at(parsed(refused.body), "field"), "refunds");
    EXPECT_EQ(world_.post("/v1/splits/none/preview", "shop", R"({"amount":5,"currency":"CNY"})").status, 404);
    EXPECT_EQ(world_.walk("/v1/entries?limit=1000", "reader", "entry").size(), before);
}

}  // namespace
}  // namespace server
