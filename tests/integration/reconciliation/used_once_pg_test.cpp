// A movement is used once: by the set of those that agree, or by a row of its own, of one day's run.
#include <gmock/gmock.h>

#include "core/db/work.h"
#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

using testing::IsEmpty;

class UsedOnce : public UnusualDay {
protected:
    std::vector<std::string> rows(const char* sql) {
        core::db::TenantTransaction transaction(test_support::shops_database(), shop_.id());
        std::vector<std::string> texts;
        for (const auto& row : core::db::run(transaction, sql)) {
            texts.emplace_back(row[0].c_str());
        }
        return texts;
    }

    // The constraint that refused it.
    std::string refusal_of(const char* sql) {
        core::db::TenantTransaction transaction(test_support::shops_database(), shop_.id());
        try {
            core::db::run(transaction, sql);
        } catch (const core::db::DatabaseFailure& failure) {
            return failure.sqlstate() + " " + failure.constraint();
        }
        return "";
    }

    void reconcile_all() {
        shop_.register_orders(scenario_);
        shop_.take_in(scenario_, kSigned);
        for (const auto& statement : scenario_.statements) {
            shop_.reconcile(statement);
        }
    }
};

TEST_P(UsedOnce, IsHeldByTheDatabaseForWhateverTheRunsWrite) {
    reconcile_all();
    EXPECT_THAT(rows("select movement_id from reconciliation.used_movements group by 1 having count(*) > 1"),
                IsEmpty());
    ASSERT_FALSE(rows("select block from reconciliation.agreed_movements").empty());

    EXPECT_EQ(refusal_of("insert into reconciliation.agreed_movements (tenant_id, channel, business_date, block, "
                         "movement_ids) select tenant_id, channel, business_date + 40, block, movement_ids "
                         "from reconciliation.agreed_movements"),
              "23505 agreed_once");
    EXPECT_EQ(refusal_of("insert into reconciliation.agreed_movements (tenant_id, channel, business_date, block, "
                         "movement_ids) select tenant_id, channel, business_date, block, movement_ids "
                         "from reconciliation.agreed_movements"),
              "23505 agreed_movements_pk");
    EXPECT_EQ(refusal_of("insert into reconciliation.matches (tenant_id, channel, type, channel_txn_id, business_date, "
                         "movement_date, movement_id) select m.tenant_id, m.channel, m.type, m.channel_txn_id, "
                         "m.business_date + 40, m.business_date, m.movement_id from payments.movements m "
                         "join reconciliation.agreed_movements a on a.movement_ids @> m.movement_id limit 1"),
              "23505 agreed_once");
    EXPECT_EQ(refusal_of("insert into reconciliation.agreed_movements (tenant_id, channel, business_date, block, "
                         "movement_ids) select tenant_id, channel, business_date + 40, movement_id / 4096, "
                         "int8multirange(int8range(movement_id, movement_id, '[]')) "
                         "from reconciliation.matches limit 1"),
              rows("select type from reconciliation.matches").empty() ? "" : "23505 agreed_once");
}

TEST_P(UsedOnce, ASetHoldsNumbersOfItsBlockAlone) {
    reconcile_all();
    EXPECT_EQ(refusal_of("insert into reconciliation.agreed_movements (tenant_id, channel, business_date, block, "
                         "movement_ids) select tenant_id, channel, business_date, block + 7, movement_ids "
                         "from reconciliation.agreed_movements limit 1"),
              "23514 agreed_movements_of_block");
    EXPECT_EQ(refusal_of("insert into reconciliation.agreed_movements (tenant_id, channel, business_date, block, "
                         "movement_ids) select tenant_id, channel, business_date, block + 7, '{}' "
                         "from reconciliation.agreed_movements limit 1"),
              "23514 agreed_movements_of_block");
}

// Whether the order is known before its payment or after, and whatever it asks for, the day's list is the same.
TEST_P(UsedOnce, PaymentsAreHeldAgainstOrdersThatComeAfterThem) {
    scenario_ = make_scenario(world_.simulator(), quiet_days(25), kSigned);
    reconcile_all();
    test_support::Shop late(world_);
    late.take_in(scenario_, kSigned);
    late.register_orders(scenario_);
    for (const auto& statement : scenario_.statements) {
        const auto list = late.reconcile(statement);
        const auto expected = shop_.reconcile(statement);
        EXPECT_EQ(list.summary.matched, expected.summary.matched);
        EXPECT_EQ(list.summary.discrepancies, expected.summary.discrepancies);
    }
    EXPECT_FALSE(rows("select movement_id from payments.movements where order_agrees").empty());
}

// Which its payment was held against when it came, and no run after it.
TEST_P(UsedOnce, AnOrderOfAnotherAmountIsListed) {
    scenario_ = make_scenario(world_.simulator(), quiet_days(3), kSigned);
    ASSERT_FALSE(scenario_.orders.empty());
    reconcile_all();
    auto& order = scenario_.orders.front();
    order.amount = core::Money(order.amount.minor() + 1, order.amount.currency());
    test_support::Shop other(world_);
    other.register_orders(scenario_);
    other.take_in(scenario_, kSigned);
    std::uint64_t listed = 0;
    std::uint64_t expected = 1;
    const auto differing = [](const ReviewList& list) {
        const auto found = list.summary.discrepancies.find(DiscrepancyKind::order_mismatch);
        return found == list.summary.discrepancies.end() ? 0 : found->second;
    };
    for (const auto& statement : scenario_.statements) {
        listed += differing(other.reconcile(statement));
        expected += differing(shop_.reconcile(statement));
    }
    EXPECT_EQ(listed, expected);
}

INSTANTIATE_TEST_SUITE_P(Channels, UsedOnce, testing::Values("wechatpay", "unionpay", "stripe"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace reconciliation::test
