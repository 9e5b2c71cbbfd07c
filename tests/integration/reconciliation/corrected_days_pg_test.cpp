// A day run again with another statement, after later days were run on what it had left open: what they settled stays
// settled, once, and what stands on the clearing accounts is at every moment the sum of its cases.
#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

using config::MatchRule;

class CorrectedDay : public UnusualDay {
protected:
    CorrectedDay() {
        scenario_.orders.clear();
        scenario_.callbacks.clear();
        shop_.judge_no_fees();
    }

    payments::SimulatedTransaction payment(const std::string& order, std::int64_t minor,
                                           std::chrono::minutes before_cut) {
        const auto& simulator = world_.simulator();
        payments::SimulatedTransaction one{TransactionType::payment,
                                           order,
                                           {},
                                           core::Money(minor, simulator.currency()),
                                           core::day_end(kFirst, simulator.day_cut()) - before_cut,
                                           kFirst,
                                           core::Money(0, simulator.currency()),
                                           {},
                                           {},
                                           {},
                                           {}};
        simulator.assign_ids(one, nullptr, random_);
        return one;
    }
    void tell(const payments::SimulatedTransaction& told) {
        scenario_.orders = {{told.merchant_order_id, told.amount, told.occurred_at - std::chrono::minutes(1), {}}};
        scenario_.callbacks.clear();
        for (auto& callback : world_.simulator().callbacks(told, kSigned, random_)) {
            scenario_.callbacks.push_back({std::move(callback), false});
        }
        shop_.register_orders(scenario_);
        shop_.take_in(scenario_, kSigned);
    }
    // A statement takes only what it dates on its own day.
    static payments::SimulatedTransaction on(core::BusinessDay day, payments::SimulatedTransaction one) {
        one.occurred_at += std::chrono::hours(24) * core::days_between(one.business_day, day);
        one.business_day = day;
        return one;
    }
    ReviewList reconcile(core::BusinessDay day, std::vector<payments::SimulatedTransaction> listed) {
        for (auto& one : listed) {
            one = on(day, one);
        }
        auto list = shop_.reconcile(day, world_.simulator().statement(day, listed, {}, random_));
        EXPECT_EQ(shop_.complaint_about_the_books(), "") << core::format_day(day);
        return list;
    }
    Minor of(std::int64_t minor) const { return {{std::string(world_.simulator().currency().code()), minor}}; }
    static constexpr std::chrono::minutes kNearCut{5};
    static constexpr std::chrono::minutes kAwayFromCut{600};

    payments::Random random_{5};
};

// The first day opens a payment that the second day's statement lists; then the first day's does, too.
TEST_P(CorrectedDay, PaymentThatALaterDaySettledIsSettledOnce) {
    const auto paid = payment("MOVED", 12'345, kNearCut);
    tell(paid);
    const auto first = reconcile(kFirst, {});
    reconcile(kSecond, {paid});
    ASSERT_EQ(funds_account(), of(12'345));

    const auto corrected = reconcile(kFirst, {paid});
    EXPECT_EQ(funds_account(), of(12'345));
    EXPECT_EQ(payment_account(), Minor());
    ASSERT_EQ(corrected.discrepancies.size(), 1U);
    EXPECT_EQ(corrected.discrepancies[0].kind, DiscrepancyKind::duplicate_in_channel);
    EXPECT_EQ(corrected.discrepancies[0].age_days, 0);
    EXPECT_EQ(corrected.discrepancies[0].id, first.discrepancies.at(0).id);

    reconcile(kSecond, {});
    EXPECT_EQ(funds_account(), Minor()) << "the second day's statement doesn't list it any more";
    reconcile(kFirst, {paid});
    reconcile(kSecond, {});
    EXPECT_EQ(funds_account(), of(12'345));
    EXPECT_EQ(payment_account(), Minor());
}

// The same on a day that nothing was known of when the later one was run.
TEST_P(CorrectedDay, PaymentThatALaterDayHadFirstIsSettledOnce) {
    const auto paid = payment("DISPLACED", 12'345, kAwayFromCut);
    tell(paid);
    reconcile(kSecond, {paid});
    ASSERT_EQ(funds_account(), of(12'345));
    const auto list = reconcile(kFirst, {paid});
    EXPECT_EQ(list.summary.discrepancies.at(DiscrepancyKind::duplicate_in_channel), 1U);
    EXPECT_EQ(funds_account(), of(12'345));
    EXPECT_EQ(customer_account(), Minor());
}

// A line that waited, and that the second day's run settled with the callback that came late.
TEST_P(CorrectedDay, LineThatALaterDaySettledStaysInTransit) {
    const auto paid = payment("LATE", 12'345, kNearCut);
    const auto first = reconcile(kFirst, {paid});
    EXPECT_EQ(first.summary.discrepancies.at(DiscrepancyKind::timing), 1U);
    tell(on(kSecond, paid));
    reconcile(kSecond, {});
    ASSERT_EQ(funds_account(), of(12'345));
    // The same transaction, hours earlier: alone, it would be nobody's money.
    auto earlier = paid;
    earlier.occurred_at -= kAwayFromCut;
    const auto corrected = reconcile(kFirst, {earlier});
    EXPECT_EQ(corrected.summary.discrepancies.at(DiscrepancyKind::timing), 1U);
    EXPECT_EQ(funds_account(), of(12'345));
    EXPECT_EQ(customer_account(), Minor());
    EXPECT_EQ(payment_account(), Minor());
}

// What the second day's run took for nobody's money, since the callback hadn't come, the first day's settles.
TEST_P(CorrectedDay, LineThatALaterDayCalledUnknownIsTakenBackFromIt) {
    const auto paid = payment("UNKNOWN", 12'345, kNearCut);
    reconcile(kFirst, {paid});
    reconcile(kSecond, {});
    ASSERT_EQ(customer_account(), of(-12'345));
    tell(paid);
    for (int time = 0; time < 2; ++time) {
        reconcile(kFirst, {paid});
        EXPECT_EQ(funds_account(), of(12'345));
        EXPECT_EQ(customer_account(), Minor());
        EXPECT_EQ(payment_account(), Minor());
        reconcile(kSecond, {});
        EXPECT_EQ(funds_account(), of(12'345));
        EXPECT_EQ(customer_account(), Minor());
    }
    reconcile(kFirst, {});
    EXPECT_EQ(funds_account(), Minor()) << "no statement has the line any more";
    EXPECT_EQ(payment_account(), of(12'345));
}

// What another day's rule added up is nobody's unknown money on this one.
TEST_P(CorrectedDay, LinesThatALaterDaysRuleUsedAreNoUnknownMoney) {
    MatchRule rule{"parts", {}, {}, world_.simulator().currency(), {}, {}, core::Rounding::down, {}};
    rule.kind = MatchRule::Kind::one_to_many;
    rule.group_by = MatchRule::GroupBy::merchant_order_id;
    shop_.set_rules({rule});
    tell(payment("WHOLE", 10'000, kNearCut));
    const auto larger = payment("WHOLE", 6'000, kNearCut);
    const auto smaller = payment("WHOLE", 4'000, kNearCut);
    reconcile(kFirst, {larger});
    reconcile(kSecond, {smaller});
    ASSERT_EQ(funds_account(), of(10'000));
    ASSERT_EQ(payment_account(), Minor());

    auto earlier = larger;
    earlier.occurred_at -= kAwayFromCut;
    for (const auto& listed : {std::vector{larger, smaller}, std::vector{earlier}, std::vector{larger}}) {
        reconcile(kFirst, listed);
        EXPECT_EQ(funds_account(), of(10'000));
        EXPECT_EQ(customer_account(), Minor());
        EXPECT_EQ(payment_account(), Minor());
    }
    reconcile(kSecond, {smaller});
    EXPECT_EQ(funds_account(), of(10'000));
}

// WeChat Pay lists a refund that is still on its way; its money goes with the day that says it went.
class RefundOnItsWay : public CorrectedDay {};

TEST_P(RefundOnItsWay, IsSettledByTheDayThatSaysItWentAndByNoOther) {
    const auto paid = payment("PAID", 12'345, kAwayFromCut);
    tell(paid);
    auto refund = paid;
    refund.type = TransactionType::refund;
    refund.own_order_id = "RPAID";
    refund.amount = core::Money(345, paid.amount.currency());
    refund.channel_txn_id.clear();
    world_.simulator().assign_ids(refund, &paid, random_);
    scenario_.callbacks.clear();
    for (auto& callback : world_.simulator().callbacks(refund, kSigned, random_)) {
        scenario_.callbacks.push_back({std::move(callback), false});
    }
    shop_.take_in(scenario_, kSigned);
    auto pending = refund;
    pending.channel_status = "PROCESSING";

    const auto first = reconcile(kFirst, {paid, pending});
    EXPECT_EQ(first.summary.discrepancies.at(DiscrepancyKind::timing), 1U);
    const auto still = reconcile(kSecond, {pending});
    EXPECT_EQ(still.summary.discrepancies.at(DiscrepancyKind::timing), 1U);
    EXPECT_EQ(funds_account(), of(12'345));
    for (int time = 0; time < 2; ++time) {
        EXPECT_EQ(reconcile(kSecond, {refund}).summary.cleared, 1U);
        EXPECT_EQ(payment_account(), Minor());
        EXPECT_EQ(funds_account(), of(12'000));
        EXPECT_EQ(reconcile(kFirst, {paid, pending}).summary.digest, first.summary.digest);
        EXPECT_EQ(funds_account(), of(12'000));
    }
}

INSTANTIATE_TEST_SUITE_P(, RefundOnItsWay, testing::Values("wechatpay"),
                         [](const auto& row) { return std::string(row.param); });
INSTANTIATE_TEST_SUITE_P(, CorrectedDay, testing::Values("unionpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation::test
