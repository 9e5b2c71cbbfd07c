// Callbacks of a day that come in while it is run: each is used by the run or left to the next, never both or neither.
#include <thread>

#include "core/db/work.h"
#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

class BusyDays : public UnusualDay {
protected:
    std::int64_t count(const std::string& sql) {
        core::db::TenantTransaction transaction(test_support::shops_database(), shop_.id());
        return core::db::run(transaction, sql.c_str())[0][0].as<std::int64_t>();
    }
};

TEST_P(BusyDays, UseEachMovementOnce) {
    shop_.register_orders(scenario_);
    const auto& statement = scenario_.statements.front();
    std::thread callbacks([&] {
        for (const auto& callback : scenario_.callbacks) {
            Scenario one;
            one.callbacks.push_back(callback);
            shop_.take_in(one, kSigned);
        }
    });
    for (int run = 0; run < 25; ++run) {
        shop_.reconcile(statement);
    }
    callbacks.join();
    const auto list = shop_.reconcile(statement);

    test_support::Shop quiet(world_);
    quiet.register_orders(scenario_);
    quiet.take_in(scenario_, kSigned);
    const auto expected = quiet.reconcile(statement);
    EXPECT_EQ(list.summary.matched, expected.summary.matched);
    EXPECT_EQ(list.summary.discrepancies, expected.summary.discrepancies);
    EXPECT_EQ(shop_.balance(ledger::Account::transit_funds(GetParam())),
              quiet.balance(ledger::Account::transit_funds(GetParam())));
    EXPECT_EQ(count("select count(*) from payments.movements m where m.entry_id is not null and m.type <> 'payout' "
                    "and exists (select from reconciliation.runs r where r.business_date = m.business_date) and "
                    "(select count(*) from reconciliation.used_movements u where u.movement_id = m.movement_id) + "
                    "(select count(*) from reconciliation.open_items i "
                    " where i.side = 'ledger' and i.type = m.type and i.item_key = m.channel_txn_id "
                    " and i.closed_on is null) = 0"),
              0);
    EXPECT_EQ(shop_.complaint_about_the_books(), "");
}

INSTANTIATE_TEST_SUITE_P(Channels, BusyDays, testing::Values("wechatpay", "unionpay", "stripe"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace reconciliation::test
