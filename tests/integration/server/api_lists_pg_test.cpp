// Lists over the API: every row once, whatever comes in between; filters; cursors that are good for their list alone.
#include <algorithm>
#include <set>

#include "payments/bank/simulator.h"
#include "payments/bank/statement.h"
#include "reconciliation/bank.h"
#include "tests/integration/server/api_world.h"

namespace server {
namespace {

class Lists : public WithApi {
protected:
    // Of each suite; the second time nothing is new.
    static void SetUpTestSuite() {
        auto& world = ApiWorld::the();
        ASSERT_NE(world.reconciled(), "");
        for (int i = 0; i < 25; ++i) {
            const auto number = std::to_string(i);
            ASSERT_LT(world.post("/v1/orders", "shop", order_json("list-" + number, 100 + i)).status, 202);
            ASSERT_LT(world.post("/v1/entries", "accountant", entry_json(100 + i, "listed"), "list-" + number).status,
                      202);
            world.pays("ch_list_" + number, 100 + i, "list-" + number);
        }
    }
};

struct List {
    const char* name;
    std::string path;
    const char* row;
    const char* role;
};
class EveryList : public Lists, public testing::WithParamInterface<List> {};

std::string paged(const std::string& path, int limit) {
    return path + (path.find('?') == std::string::npos ? "?" : "&") + "limit=" + std::to_string(limit);
}

TEST_P(EveryList, HasEachRowOnceWhateverThePage) {
    const auto& list = GetParam();
    const auto whole = world_.walk(paged(list.path, 1000), list.role, list.row);
    ASSERT_GE(whole.size(), 3U);
    for (const int limit : {1, 2, 7, static_cast<int>(whole.size())}) {
        EXPECT_EQ(world_.walk(paged(list.path, limit), list.role, list.row), whole) << limit;
    }
}

INSTANTIATE_TEST_SUITE_P(, EveryList,
                         testing::Values(List{"Orders", "/v1/orders", "merchant_order_id", "shop"},
                                         List{"Transactions", "/v1/transactions", "channel_txn_id", "reader"},
                                         List{"Entries", "/v1/entries", "entry", "reader"},
                                         List{"Accounts", "/v1/accounts", "account", "reader"},
                                         List{"Balances", "/v1/balances", "account", "reader"},
                                         List{"Reconciliations", "/v1/reconciliations", "id", "reader"},
                                         List{"Discrepancies", "/v1/discrepancies", "discrepancy_id", "reader"},
                                         List{"BalancesOfADay", "/v1/balances?until=2099-12-31", "account", "reader"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Lists, AreNotDisturbedByWhatComesInBetween) {
    const auto there = [&](const char* path, const char* row) { return world_.walk(path, "reader", row); };
    const auto orders = there("/v1/orders", "merchant_order_id");
    const auto entries = there("/v1/entries", "entry");
    const auto transactions = there("/v1/transactions", "channel_txn_id");
    int added = 0;
    const auto add = [&](std::size_t) {
        const auto number = std::to_string(++added);
        ASSERT_EQ(world_.post("/v1/orders", "shop", order_json("between-" + number, 5)).status, 201);
        world_.pays("ch_between_" + number, 5, "between-" + number);
    };
    EXPECT_EQ(world_.walk("/v1/orders?limit=4", "reader", "merchant_order_id", add), orders);
    const auto now_there = there("/v1/entries", "entry");
    EXPECT_EQ(world_.walk("/v1/entries?limit=9", "reader", "entry", add), now_there);
    EXPECT_TRUE(std::equal(entries.rbegin(), entries.rend(), now_there.rbegin()));
    // A movement belongs to its business day, not to the moment it was told of: new ones of a day not yet passed may
    // be among what is left, and none is there twice.
    const auto walked = world_.walk("/v1/transactions?limit=6", "reader", "channel_txn_id", add);
    const std::set<std::string> seen(walked.begin(), walked.end());
    EXPECT_EQ(seen.size(), walked.size());
    for (const auto& one : transactions) {
        EXPECT_TRUE(seen.contains(one)) << one;
    }
}

TEST_F(Lists, OfDiscrepanciesAreThoseOfTheReviewLists) {
    const auto run = parsed(world_.get("/v1/reconciliations/" + world_.reconciled(), "reader").body);
    std::int64_t summed = 0;
    for (const auto& [kind, count] : run.path("summary", "discrepancies")->members()) {
        const auto of_kind =
            world_.walk("/v1/discrepancies?limit=3&kind=" + kind + "&channel=" + text_at(run, "channel") +
                            "&business_date=" + text_at(run, "business_date"),
                        "reader", "place");
        EXPECT_EQ(static_cast<std::int64_t>(of_kind.size()), count.integer()) << kind;
        summed += static_cast<std::int64_t>(of_kind.size());
    }
    EXPECT_GT(summed, 0);
}

TEST_F(Lists, OfDiscrepanciesTellWhatEachRestsOn) {
    const auto page = parsed(world_.get("/v1/discrepancies?limit=100", "reader").body);
    std::size_t lines = 0;
    for (const auto& row : page.path("data")->items()) {
        ASSERT_NE(row.path("candidates"), nullptr);
        ASSERT_NE(row.path("evidence"), nullptr);
        EXPECT_FALSE(row.path("evidence")->items().empty());
        for (const auto& place : row.path("evidence")->items()) {
            lines += place.path("bytes") != nullptr ? 1U : 0U;
        }
    }
    EXPECT_GT(lines, 0U);
}

TEST_F(Lists, OfReconciliationsHaveABankAccountsDaysUnderItsName) {
    const auto& application = world_.application();
    const auto& settings = *application.tenants()->require(world_.tenant()).settings;
    const auto& bank = settings.banks.at(0);
    const auto day = *core::parse_day("2026-11-18");
    const auto read = payments::bank::read_statements(
        {payments::bank::write_statement(bank,
                                         {day, 1, 500, {{day, 7, "R1", "somebody", "nobody knows what for"}}, 0})},
        {bank, [](std::string_view text) { return std::string(text); }});
    ASSERT_TRUE(read);
    const test_support::TestFolder folder;
    reconciliation::reconcile_bank({world_.application().database(), world_.clock(), std::chrono::minutes(15)},
                                   {settings, bank}, *read, [&](core::BusinessDay) { return folder.path() / "list"; });
    EXPECT_THAT(world_.walk("/v1/reconciliations?channel=bank-listed", "reader", "id"),
                testing::ElementsAre("bank-listed:2026-11-18"));
    EXPECT_THAT(world_.walk("/v1/discrepancies?channel=bank-listed", "reader", "kind"),
                testing::ElementsAre("missing_in_ledger"));
    const auto unknown = world_.get("/v1/reconciliations?channel=bank-other", "reader");
    EXPECT_EQ(unknown.status, 400);
    EXPECT_THAT(unknown.body, testing::HasSubstr("stripe, bank-listed"));
}

TEST_F(Lists, OfAnAccountHaveItsLinesInTheOrderPosted) {
    const auto whole = world_.walk("/v1/accounts/expense:rent/lines?limit=1000", "reader", "entry");
    ASSERT_GE(whole.size(), 25U);
    EXPECT_TRUE(std::is_sorted(whole.begin(), whole.end(),
                               [](const auto& a, const auto& b) { return std::stoll(a) < std::stoll(b); }));
    EXPECT_EQ(world_.walk("/v1/accounts/expense:rent/lines?limit=4", "reader", "entry"), whole);
    EXPECT_EQ(world_.get("/v1/accounts/expense:nothing/lines", "reader").status, 404);
}

struct Filtered {
    const char* name;
    std::string path;
    const char* row;
    std::vector<std::string> rows;
};
class Filters : public Lists, public testing::WithParamInterface<Filtered> {};

TEST_P(Filters, LeaveWhatTheySay) {
    EXPECT_THAT(world_.walk(GetParam().path, "reader", GetParam().row), testing::ElementsAreArray(GetParam().rows));
}

INSTANTIATE_TEST_SUITE_P(
    , Filters,
    testing::Values(
        Filtered{"TransactionsOfAnOrder", "/v1/transactions?merchant_order_id=list-3", "channel_txn_id", {"ch_list_3"}},
        Filtered{"ATransaction",
                 "/v1/transactions?channel_txn_id=ch_list_4&channel=stripe",
                 "merchant_order_id",
                 {"list-4"}},
        Filtered{
            "ATransactionOfAnotherChannel", "/v1/transactions?channel_txn_id=ch_list_4&channel=unionpay", "type", {}},
        Filtered{"ATransactionOfAnotherType", "/v1/transactions?channel_txn_id=ch_list_4&type=refund", "type", {}},
        Filtered{"ATransactionOfItsDay",
                 "/v1/transactions?channel_txn_id=ch_list_4&from=2026-11-18&until=2026-11-18",
                 "business_date",
                 {"2026-11-18"}},
        Filtered{"ATransactionOfTheDayAfter", "/v1/transactions?channel_txn_id=ch_list_4&from=2026-11-19", "type", {}},
        Filtered{
            "ATransactionOfTheDayBefore", "/v1/transactions?channel_txn_id=ch_list_4&until=2026-11-17", "type", {}},
        Filtered{"AnEntryOfASource", "/v1/entries?source_key=manual:list-5", "description", {"listed"}},
        Filtered{"AnEntryOfAnotherEvent", "/v1/entries?source_key=manual:list-5&event=refund", "event", {}},
        Filtered{"AnEntryOfTheDayAfter", "/v1/entries?source_key=manual:list-5&from=2026-11-19", "event", {}},
        Filtered{"ABalance", "/v1/balances?account=expense:rent", "account", {"expense:rent"}},
        Filtered{"BalancesOfAKind", "/v1/balances?prefix=expense:re", "account", {"expense:rent"}},
        Filtered{"BalancesBeforeItAll", "/v1/balances?until=2020-01-01", "account", {}},
        Filtered{"AccountsWithAWildcard", "/v1/accounts?prefix=exp%25", "account", {}},
        Filtered{"AccountsOfAName", "/v1/accounts?prefix=expense:ren", "account", {"expense:rent"}}),
    [](const auto& row) { return std::string(row.param.name); });

struct Wrong {
    const char* name;
    std::string path;
    std::string field;
};
class ListsRefuse : public Lists, public testing::WithParamInterface<Wrong> {};

TEST_P(ListsRefuse, NamingTheParameter) {
    const auto answer = world_.get(GetParam().path, "reader");
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(text_at(parsed(answer.body), "field"), GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    , ListsRefuse,
    testing::Values(Wrong{"ALimitOfNone", "/v1/orders?limit=0", "limit"},
                    Wrong{"ALimitTooLarge", "/v1/orders?limit=1001", "limit"},
                    Wrong{"ALimitInWords", "/v1/orders?limit=ten", "limit"},
                    Wrong{"AMisspeltFilter", "/v1/entries?form=2026-11-18", "query"},
                    Wrong{"AFilterTwice", "/v1/entries?from=2026-11-18&from=2026-11-18", "(none)"},
                    Wrong{"ADayThatIsNone", "/v1/entries?from=2026-02-30", "from"},
                    Wrong{"NoChannel", "/v1/transactions?channel=paypal", "channel"},
                    Wrong{"NoType", "/v1/transactions?type=gift", "type"},
                    Wrong{"NoKind", "/v1/discrepancies?kind=odd", "kind"},
                    Wrong{"AnEmptyFilter", "/v1/orders?merchant_order_id=", "merchant_order_id"},
                    Wrong{"ACursorOfNobody", "/v1/orders?cursor=00000000000000000000000000000000", "cursor"},
                    Wrong{"AShortCursor", "/v1/orders?cursor=00", "cursor"},
                    Wrong{"ACursorInWords", "/v1/orders?cursor=" + std::string(64, 'x'), "cursor"}),
    [](const auto& row) { return std::string(row.param.name); });

class Cursor : public Lists {};

TEST_F(Cursor, IsGoodForItsOwnListAlone) {
    const auto cursor = text_at(parsed(world_.get("/v1/orders?limit=2", "shop").body), "next_cursor");
    EXPECT_EQ(world_.get("/v1/orders?limit=5&cursor=" + cursor, "shop").status, 200) << "with another limit, too";
    EXPECT_EQ(world_.get("/v1/orders?merchant_order_id=a&cursor=" + cursor, "shop").status, 400);
    EXPECT_EQ(world_.get("/v1/entries?cursor=" + cursor, "reader").status, 400);
    EXPECT_EQ(world_.request("GET", "/v1/orders?cursor=" + cursor, world_.key("shop", true)).status, 400);
}

TEST_F(Cursor, IsRefusedWithAnyCharacterChanged) {
    const auto cursor = text_at(parsed(world_.get("/v1/orders?limit=2", "shop").body), "next_cursor");
    for (std::size_t i = 0; i < cursor.size(); i += 5) {
        auto changed = cursor;
        changed[i] = changed[i] == '0' ? '1' : '0';
        EXPECT_EQ(world_.get("/v1/orders?cursor=" + changed, "shop").status, 400) << i;
    }
}

}  // namespace
}  // namespace server
