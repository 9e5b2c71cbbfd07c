// The same money on two booking days: the channel lists it on one, and it was told of as of the day beside it.
#include "reconciliation/closing.h"
#include "tests/integration/reconciliation/payment_near_the_cut.h"

namespace reconciliation::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Displaced : public PaymentNearTheCut {
protected:
    std::vector<std::string> rests_of(core::BusinessDay day) {
        core::db::TenantTransaction transaction(test_support::shops_database(), shop_.id());
        std::vector<std::string> places;
        for (const auto& rest : rests_before_close(transaction, {GetParam()}, core::day_before(kFirst), day)) {
            places.push_back(rest.where);
        }
        return places;
    }
};

TEST_P(Displaced, LineADayBeforeItsMovementIsPairedAndUsesItOnce) {
    shop_.take_in(scenario_, kSigned);
    const auto statement = listing(kFirst, {of_day(kFirst)});
    const auto first = shop_.reconcile(kFirst, statement);
    EXPECT_THAT(rows_about_money(first), IsEmpty());
    EXPECT_EQ(first.summary.displaced, 1U);
    EXPECT_EQ(first.summary.ledger_amount, first.summary.channel_amount);
    EXPECT_THAT(payment_account(), IsEmpty());
    EXPECT_EQ(funds_account().begin()->second, 12'345);

    const auto second = shop_.reconcile(kSecond, listing(kSecond, {}));
    EXPECT_THAT(rows_about_money(second), IsEmpty());
    EXPECT_EQ(second.summary.ledger_count, 0U);
    const auto csv = shop_.file(kFirst, "review.csv");
    EXPECT_EQ(shop_.reconcile(kFirst, statement).summary.digest, first.summary.digest);
    EXPECT_EQ(shop_.file(kFirst, "review.csv"), csv);
    EXPECT_EQ(funds_account().begin()->second, 12'345);
}

TEST_P(Displaced, DaysOfItCloseWithNothingLeftOnTransitPayment) {
    shop_.take_in(scenario_, kSigned);
    shop_.reconcile(kFirst, listing(kFirst, {of_day(kFirst)}));
    shop_.reconcile(kSecond, listing(kSecond, {}));
    const auto payment = ledger::Account::transit_payment(GetParam()).name();
    for (const auto day : {kFirst, kSecond}) {
        EXPECT_THAT(rests_of(day), testing::Not(testing::Contains(payment))) << core::format_day(day);
    }
}

TEST_P(Displaced, LineListedAgainOnTheMovementsDayIsARepeat) {
    shop_.take_in(scenario_, kSigned);
    shop_.reconcile(kFirst, listing(kFirst, {of_day(kFirst)}));
    const auto second = shop_.reconcile(kSecond, listing(kSecond, {of_day(kSecond)}));
    EXPECT_EQ(rows_about_money(second), std::vector<Row>{row(DiscrepancyKind::duplicate_in_channel)});
    EXPECT_EQ(funds_account().begin()->second, 12'345);
}

TEST_P(Displaced, MovementProvedOnItsOwnDayIsNotUsedAgainByTheNext) {
    tell(of_day(kFirst));
    shop_.take_in(scenario_, kSigned);
    EXPECT_THAT(rows_about_money(shop_.reconcile(kFirst, listing(kFirst, {of_day(kFirst)}))), IsEmpty());
    const auto second = shop_.reconcile(kSecond, listing(kSecond, {of_day(kSecond)}));
    EXPECT_EQ(rows_about_money(second), std::vector<Row>{row(DiscrepancyKind::duplicate_in_channel)});
    EXPECT_EQ(second.summary.displaced, 0U);
    EXPECT_EQ(funds_account().begin()->second, 12'345);
}

TEST_P(Displaced, RowOfADisplacedPairSaysSo) {
    shop_.take_in(scenario_, kSigned);
    auto listed = of_day(kFirst);
    listed.amount = core::Money(12'340, world_.simulator().currency());
    const auto first = shop_.reconcile(kFirst, listing(kFirst, {listed}));
    ASSERT_EQ(rows_about_money(first), std::vector<Row>{row(DiscrepancyKind::amount_mismatch)});
    EXPECT_THAT(explain(first.discrepancies.front(), kFirst).en,
                HasSubstr("The books have it on 2026-11-18 and the channel on this day"));
    EXPECT_EQ(first.discrepancies.front().age_days, 0);
    const auto payment = ledger::Account::transit_payment(GetParam()).name();
    EXPECT_THAT(rests_of(kFirst), testing::Not(testing::Contains(payment)));
}

TEST_P(Displaced, LineThatWaitedForItsCallbackIsPairedByARerun) {
    const auto statement = listing(kFirst, {of_day(kFirst)});
    EXPECT_EQ(rows_about_money(shop_.reconcile(kFirst, statement)),
              std::vector<Row>{row(DiscrepancyKind::missing_in_ledger)});
    shop_.take_in(scenario_, kSigned);
    EXPECT_THAT(rows_about_money(shop_.reconcile(kFirst, statement)), IsEmpty());
    EXPECT_THAT(rows_about_money(shop_.reconcile(kSecond, listing(kSecond, {}))), IsEmpty());
    EXPECT_THAT(customer_account(), IsEmpty());
    EXPECT_EQ(funds_account().begin()->second, 12'345);
}

TEST_P(Displaced, LineADayAfterItsMovementIsPairedWhereThatDayHasNoRun) {
    tell(of_day(kFirst));
    shop_.take_in(scenario_, kSigned);
    const auto second = shop_.reconcile(kSecond, listing(kSecond, {of_day(kSecond)}));
    EXPECT_THAT(rows_about_money(second), IsEmpty());
    EXPECT_EQ(second.summary.displaced, 1U);
    EXPECT_THAT(rows_about_money(shop_.reconcile(kFirst, listing(kFirst, {}))), IsEmpty());
    EXPECT_EQ(funds_account().begin()->second, 12'345);
}

INSTANTIATE_TEST_SUITE_P(, Displaced, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation::test
