// Closing over the API. It stands in books of its own tenant's, since closed days stay closed.
#include "tests/integration/server/api_world.h"

namespace server {
namespace {

class Closes : public WithApi {
protected:
    Answer close(const std::string& until, const std::string& more = {}, const std::string& idempotency_key = {}) {
        return world_.request("POST", "/v1/closes", world_.key("accountant", true),
                              R"({"until":")" + until + "\"" + more + "}", idempotency_key);
    }
    Answer closes() { return world_.request("GET", "/v1/closes", world_.key("reader", true)); }
};

// A day long before the demo's movements, so that none of the other tests meets a closed day.
TEST_F(Closes, AreMadeOnceSignedAndListed) {
    const auto tried = close("2026-01-31", R"(,"dry_run":true)");
    ASSERT_EQ(tried.status, 200) << tried.body;
    EXPECT_EQ(parsed(tried.body).find("closed")->boolean(), false);
    EXPECT_EQ(parsed(closes().body).find("data")->items().size(), 0U);

    const auto closed = close("2026-01-31", R"(,"accept_open":"first close")", "closes-1");
    ASSERT_EQ(closed.status, 201) << closed.body;
    EXPECT_EQ(text_at(*parsed(closed.body).find("close"), "closed_until"), "2026-01-31");
    EXPECT_EQ(close("2026-01-31", R"(,"accept_open":"first close")", "closes-1").body, closed.body);
    ASSERT_EQ(close("2026-02-28", R"(,"accept_open":"second close")").status, 201);
    const auto again = close("2026-01-31");
    EXPECT_EQ(again.status, 201) << "the close that did so before: " << again.body;

    const auto rows = parsed(closes().body);
    ASSERT_EQ(rows.find("data")->items().size(), 2U);
    EXPECT_EQ(text_at(rows.find("data")->items()[0], "closed_until"), "2026-02-28");
    EXPECT_EQ(text_at(rows.find("data")->items()[0], "after_day"), "2026-01-31");

    const auto late = world_.request("POST", "/v1/entries", world_.key("accountant", true),
                                     R"({"business_date":"2026-01-15","description":"late","legs":[)"
                                     R"({"account":"expense:rent","amount":{"amount":5,"currency":"CNY"}},)"
                                     R"({"account":"bank:main","amount":{"amount":-5,"currency":"CNY"}}]})",
                                     "closes-late");
    EXPECT_EQ(late.status, 409) << late.body;
}

TEST_F(Closes, AreRefusedWithWhatIsOpen) {
    ASSERT_NE(world_.reconciled(), "");
    const auto now = world_.clock().now();
    const auto today = core::format_day(core::day_of(now, {"UTC", std::chrono::minutes(0)}));
    const auto early = close(today);
    EXPECT_EQ(early.status, 400) << early.body;
    EXPECT_EQ(text_at(parsed(early.body), "field"), "until");
    EXPECT_THAT(text_at(parsed(early.body), "detail"), testing::HasSubstr("isn't over"));
    EXPECT_EQ(close("2026-02-30").status, 400);

    world_.set_clock(now + std::chrono::hours(48));
    const auto before = parsed(closes().body).find("data")->items().size();
    const auto open = close(today, "", "closes-open");
    EXPECT_EQ(open.status, 409) << open.body;
    EXPECT_EQ(open.header("content-type"), "application/problem+json");
    EXPECT_EQ(text_at(parsed(open.body), "type"), "urn:duizhang:problem:not-settled");
    ASSERT_FALSE(parsed(open.body).find("rests")->items().empty());
    EXPECT_NE(text_at(parsed(open.body).find("rests")->items()[0], "remedy"), "");
    EXPECT_EQ(parsed(closes().body).find("data")->items().size(), before);
    world_.set_clock(now);
}

TEST_F(Closes, ComeOneAtATimeAndNoneIsLost) {
    std::vector<int> statuses(4);
    std::vector<std::thread> threads;
    const auto& key = world_.key("accountant", true);
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        threads.emplace_back([&, i] {
            statuses[i] =
                world_.request("POST", "/v1/closes", key, R"({"until":"2026-03-31","accept_open":"third"})").status;
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_GE(std::count(statuses.begin(), statuses.end(), 201), 1);
    for (const auto status : statuses) {
        EXPECT_TRUE(status == 201 || status == 409) << status;
    }
    EXPECT_EQ(world_.request("POST", "/v1/closes", key, R"({"until":"2026-03-31"})").status, 201);
}

TEST_F(Closes, SealWhatWasPosted) {
    ASSERT_EQ(world_.post("/v1/entries", "accountant", entry_json(12), "sealed-1").status, 201);
    const auto sealed = world_.post("/v1/seals", "accountant", "{}", "seals-1");
    ASSERT_EQ(sealed.status, 201) << sealed.body;
    EXPECT_EQ(parsed(sealed.body).find("seals")->items().size(), 1U);
    EXPECT_TRUE(parsed(sealed.body).find("breaches")->items().empty());
    EXPECT_EQ(world_.post("/v1/seals", "accountant", "{}", "seals-1").body, sealed.body);
    EXPECT_EQ(parsed(world_.post("/v1/seals", "accountant", "{}").body).find("seals")->items().size(), 0U);
    EXPECT_EQ(complaints(), "");
}

}  // namespace
}  // namespace server
