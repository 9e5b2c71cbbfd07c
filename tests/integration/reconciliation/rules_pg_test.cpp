// A pair whose amounts differ, with a rule that lets the difference pass and without.
#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

using testing::IsEmpty;

// Told as of 123.45 and listed as of a little more or less.
class ListedWithAnotherAmount : public UnusualDay {
protected:
    ListedWithAnotherAmount() : random_(5), told_(told()) {
        scenario_.orders = {{told_.merchant_order_id, told_.amount, told_.occurred_at - std::chrono::minutes(1), {}}};
        scenario_.callbacks.clear();
        for (auto& callback : world_.simulator().callbacks(told_, kSigned, random_)) {
            scenario_.callbacks.push_back({std::move(callback), false});
        }
        shop_.register_orders(scenario_);
        shop_.judge_no_fees();
    }

    payments::SimulatedTransaction told() {
        const auto& simulator = world_.simulator();
        payments::SimulatedTransaction one{TransactionType::payment,
                                           "ANOTHER-AMOUNT",
                                           {},
                                           core::Money(12'345, simulator.currency()),
                                           core::day_end(kFirst, simulator.day_cut()) - std::chrono::hours(6),
                                           kFirst,
                                           core::Money(0, simulator.currency()),
                                           {},
                                           {},
                                           {},
                                           {}};
        simulator.assign_ids(one, nullptr, random_);
        return one;
    }

    ReviewList reconcile(std::int64_t listed_minor) {
        auto listed = told_;
        listed.amount = core::Money(listed_minor, told_.amount.currency());
        return shop_.reconcile(kFirst, world_.simulator().statement(kFirst, {listed}, {}, random_));
    }
    void let_pass(std::int64_t minor) {
        shop_.set_rules({{"cent", {}, {}, told_.amount.currency(), minor, {}, core::Rounding::down, {}}});
    }
    Minor of(std::int64_t minor) const { return {{std::string(told_.amount.currency().code()), minor}}; }

    payments::Random random_;
    payments::SimulatedTransaction told_;
};

TEST_P(ListedWithAnotherAmount, IsADifferenceWithoutARule) {
    shop_.take_in(scenario_, kSigned);
    const auto list = reconcile(12'344);

    EXPECT_EQ(rows_of(list),
              (std::vector<Row>{{DiscrepancyKind::amount_mismatch, TransactionType::payment, told_.channel_txn_id}}));
    EXPECT_EQ(summary_json(list.summary).find("matched_by_rule"), std::string::npos);
    EXPECT_EQ(payment_account(), of(12'345));
}

TEST_P(ListedWithAnotherAmount, MovesAsTheChannelSaysAndTheRestIsAnExpense) {
    let_pass(1);
    shop_.take_in(scenario_, kSigned);
    const auto list = reconcile(12'344);

    EXPECT_THAT(list.discrepancies, IsEmpty());
    EXPECT_EQ(list.summary.matched, 1U);
    EXPECT_EQ(list.summary.matched_by_rule.at("cent"), 1U);
    EXPECT_EQ(payment_account(), Minor());
    EXPECT_EQ(funds_account(), of(12'344));
    EXPECT_EQ(shop_.balance("expense:reconciliation"), of(1));
    EXPECT_EQ(shop_.balance("income:reconciliation"), Minor());
    const auto entries = shop_.entries();
    reconcile(12'344);
    EXPECT_EQ(shop_.entries(), entries);  // the same again books nothing
}

TEST_P(ListedWithAnotherAmount, IsIncomeWhereTheChannelHasMore) {
    let_pass(2);
    shop_.take_in(scenario_, kSigned);
    reconcile(12'347);

    EXPECT_EQ(payment_account(), Minor());
    EXPECT_EQ(funds_account(), of(12'347));
    EXPECT_EQ(shop_.balance("income:reconciliation"), of(-2));
}

TEST_P(ListedWithAnotherAmount, IsADifferenceAgainOnceTheRuleIsGone) {
    let_pass(1);
    shop_.take_in(scenario_, kSigned);
    reconcile(12'344);
    shop_.set_rules({});
    const auto list = reconcile(12'344);

    EXPECT_EQ(list.discrepancies.size(), 1U);
    EXPECT_EQ(payment_account(), of(12'345));
    EXPECT_EQ(funds_account(), Minor());
    EXPECT_EQ(shop_.balance("expense:reconciliation"), Minor());
}

// Its money was nobody's until the callback came.
TEST_P(ListedWithAnotherAmount, LeavesNothingInTransitWhenItsCallbackComesLate) {
    let_pass(1);
    reconcile(12'344);
    EXPECT_EQ(customer_account(), of(-12'344));
    shop_.take_in(scenario_, kSigned);
    const auto next = shop_.reconcile(kSecond, world_.simulator().statement(kSecond, {}, {}, random_));

    EXPECT_THAT(next.discrepancies, IsEmpty());
    EXPECT_EQ(next.summary.cleared, 2U);  // of either side
    EXPECT_EQ(payment_account(), Minor());
    EXPECT_EQ(customer_account(), Minor());
    EXPECT_EQ(funds_account(), of(12'344));
    EXPECT_EQ(shop_.balance("expense:reconciliation"), of(1));
}

INSTANTIATE_TEST_SUITE_P(, ListedWithAnotherAmount, testing::Values("wechatpay", "unionpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation::test
