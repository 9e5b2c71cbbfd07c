// What happens to a day out of the ordinary: late callbacks, wrong totals, days in the wrong order, empty statements,
// a folder that can't be written.
#include <fstream>

#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;

TEST_P(UnusualDay, RerunAfterALateCallbackDropsTheRow) {
    const auto late = some(TransactionType::payment, kFirst);
    take_in_all_but(late);
    const auto before = shop_.reconcile(scenario_.statements[0]);
    EXPECT_THAT(rows_of(before),
                testing::Contains(Row{DiscrepancyKind::missing_in_ledger, late.type, late.channel_txn_id.text()}));
    // 长款: the money is there, and nobody's yet.
    EXPECT_EQ(customer_account(), (Minor{{std::string(late.amount.currency().code()), -late.amount.minor()}}));

    take_in_only(late);
    const auto after = shop_.reconcile(scenario_.statements[0]);
    EXPECT_THAT(rows_of(after), UnorderedElementsAreArray(rows_expected(scenario_, kFirst)));
    shop_.reconcile(scenario_.statements[1]);
    expect_as_undisturbed();
}

TEST_P(UnusualDay, NextDayClearsALateCallback) {
    const auto late = some(TransactionType::payment, kFirst);
    take_in_all_but(late);
    shop_.reconcile(scenario_.statements[0]);
    take_in_only(late);
    const auto next = shop_.reconcile(scenario_.statements[1]);

    EXPECT_THAT(rows_of(next), UnorderedElementsAreArray(rows_expected(scenario_, kSecond)));
    EXPECT_GE(next.summary.cleared, 2U);  // the late one and the one near the cut
    expect_as_undisturbed();

    // And whoever runs the first day again finds nothing to move.
    shop_.reconcile(scenario_.statements[0]);
    expect_as_undisturbed();
    const auto again = shop_.reconcile(scenario_.statements[1]);
    EXPECT_THAT(rows_of(again), UnorderedElementsAreArray(rows_expected(scenario_, kSecond)));
    expect_as_undisturbed();
}

// The payment's entry is there, the refund's is not: the money that went out is nobody's until its callback comes.
TEST_P(UnusualDay, NextDayClearsALateRefund) {
    const auto late = some(TransactionType::refund, kFirst);
    take_in_all_but(late);
    const auto first = shop_.reconcile(scenario_.statements[0]);
    EXPECT_THAT(rows_of(first),
                testing::Contains(Row{DiscrepancyKind::missing_in_ledger, late.type, late.channel_txn_id.text()}));
    take_in_only(late);
    const auto next = shop_.reconcile(scenario_.statements[1]);
    EXPECT_THAT(rows_of(next), UnorderedElementsAreArray(rows_expected(scenario_, kSecond)));
    expect_as_undisturbed();
}

// The same number of minor units, of other money.
TEST_P(UnusualDay, PaymentInAnotherCurrencyThanItsOrdersIsListed) {
    const auto paid = some(TransactionType::payment, kFirst);
    for (auto& order : scenario_.orders) {
        if (order.merchant_order_id == paid.merchant_order_id.text()) {
            order.amount = core::Money(order.amount.minor(), *core::Currency::from_code("EUR"));
        }
    }
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    EXPECT_THAT(rows_of(shop_.reconcile(scenario_.statements[0])),
                testing::Contains(Row{DiscrepancyKind::order_mismatch, paid.type, paid.channel_txn_id.text()}));
}

// Nobody was told of it but by the statements, which have it twice.
TEST_P(UnusualDay, LineOfAnEarlierDayIsListedAsRepeatedAndBookedOnce) {
    payments::Random random(7);
    payments::SimulatedTransaction paid{
        .type = TransactionType::payment,
        .merchant_order_id = "O-7",
        .own_order_id = {},
        .amount = core::Money(12300, world_.simulator().currency()),
        .occurred_at = core::day_end(kFirst, world_.channel().day_cut()) - std::chrono::hours(6),
        .business_day = kFirst,
        .fee = core::Money(0, world_.simulator().currency()),
        .channel_txn_id = {},
        .related_txn_id = {},
        .attributes = {},
        .channel_status = {}};
    world_.simulator().assign_ids(paid, nullptr, random);
    shop_.reconcile(kFirst, world_.simulator().statement(kFirst, {paid}, {}, random));
    const auto payment = payment_account();
    const auto funds = funds_account();

    paid.business_day = kSecond;
    paid.occurred_at += std::chrono::hours(24);
    const auto second = shop_.reconcile(kSecond, world_.simulator().statement(kSecond, {paid}, {}, random));
    EXPECT_THAT(rows_of(second),
                testing::ElementsAre(Row{DiscrepancyKind::duplicate_in_channel, paid.type, paid.channel_txn_id}));
    EXPECT_EQ(payment_account(), payment);
    EXPECT_EQ(funds_account(), funds);
    EXPECT_NE(funds, Minor());
}

TEST_P(UnusualDay, RunOutOfOrderIsRightOnceRunAgain) {
    scenario_ = make_scenario(world_.simulator(), quiet_days(4), kSigned);
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    shop_.reconcile(scenario_.statements[1]);
    EXPECT_EQ(shop_.complaint_about_the_books(), "");
    const auto first = shop_.reconcile(scenario_.statements[0]);
    const auto second = shop_.reconcile(scenario_.statements[1]);
    EXPECT_THAT(rows_of(first), UnorderedElementsAreArray(rows_expected(scenario_, kFirst)));
    EXPECT_THAT(rows_of(second), UnorderedElementsAreArray(rows_expected(scenario_, kSecond)));
    expect_as_undisturbed();
}

TEST_P(UnusualDay, EmptyStatementMakesEveryMovementMissing) {
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    const auto booked = payment_account();
    payments::Random random(1);
    const auto empty = world_.simulator().statement(kSecond, {}, {}, random);
    shop_.reconcile(scenario_.statements[0]);
    const auto after_first = payment_account();
    const auto list = shop_.reconcile(kSecond, empty);

    EXPECT_EQ(list.summary.channel_count, 0U);
    EXPECT_EQ(list.summary.matched, 0U);
    EXPECT_GT(list.summary.ledger_count, 0U);
    // Those of the day, and the one that waited for the day's statement.
    EXPECT_EQ(list.discrepancies.size(), list.summary.ledger_count + 1);
    for (const auto& row : list.discrepancies) {
        EXPECT_EQ(row.kind, DiscrepancyKind::missing_in_channel);
        EXPECT_FALSE(row.channel_amount);
    }
    EXPECT_EQ(payment_account(), after_first);
    EXPECT_NE(after_first, booked);
}

TEST_P(UnusualDay, MissingIsListedOnceAndClearedWhenTheLineComes) {
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    payments::Random random(1);
    shop_.reconcile(kFirst, world_.simulator().statement(kFirst, {}, {}, random));
    const auto second = shop_.reconcile(scenario_.statements[1]);
    EXPECT_THAT(rows_of(second), UnorderedElementsAreArray(rows_expected(scenario_, kSecond)))
        << "what the first day called missing is not listed again";
    // The channel delivers the right file for the first day after all.
    const auto first = shop_.reconcile(scenario_.statements[0]);
    EXPECT_THAT(rows_of(first), UnorderedElementsAreArray(rows_expected(scenario_, kFirst)));
    shop_.reconcile(scenario_.statements[1]);
    expect_as_undisturbed();
}

TEST_P(UnusualDay, FolderThatCannotBeWrittenLeavesTheBooksAlone) {
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    const auto payment = payment_account();
    const auto entries = shop_.entries();
    std::filesystem::create_directories(shop_.folder(kFirst).parent_path());
    std::ofstream(shop_.folder(kFirst)) << "a file where the folder should be";

    EXPECT_THROW(shop_.reconcile(scenario_.statements[0]), core::OutsideFailure);

    EXPECT_EQ(payment_account(), payment);
    EXPECT_EQ(shop_.entries(), entries);
    EXPECT_THAT(statements_taken_in(test_support::shops_database(), shop_.id(), GetParam(), kFirst), IsEmpty());
    std::filesystem::remove(shop_.folder(kFirst));
    EXPECT_THAT(rows_of(shop_.reconcile(scenario_.statements[0])),
                UnorderedElementsAreArray(rows_expected(scenario_, kFirst)));
}

TEST_P(UnusualDay, RefusedStatementChangesNothing) {
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    const auto list = shop_.reconcile(scenario_.statements[0]);
    const auto csv = shop_.file(kFirst, "review.csv");
    const auto entries = shop_.entries();

    // The second day's file, delivered for the first.
    EXPECT_THROW(shop_.reconcile(kFirst, scenario_.statements[1].files), core::InputError);

    EXPECT_EQ(shop_.file(kFirst, "review.csv"), csv);
    EXPECT_EQ(shop_.entries(), entries);
    EXPECT_THAT(statements_taken_in(test_support::shops_database(), shop_.id(), GetParam(), kFirst),
                ElementsAre(list.summary.statements.front().sha256));
}

TEST_P(UnusualDay, AnotherTenantSeesNothingOfIt) {
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    shop_.reconcile(scenario_.statements[0]);
    Shop other(world_);
    const auto list = other.reconcile(scenario_.statements[0]);
    EXPECT_EQ(list.summary.ledger_count, 0U);
    EXPECT_EQ(list.summary.matched, 0U);
    EXPECT_EQ(list.summary.discrepancies.size(), 1U);
    EXPECT_EQ(list.summary.discrepancies.at(DiscrepancyKind::missing_in_ledger), list.summary.channel_count);
}

INSTANTIATE_TEST_SUITE_P(, UnusualDay, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

// Stripe's report states no totals, so it can't lie about them.
class WrongTotals : public UnusualDay {
protected:
    Scenario lying() const {
        auto options = quiet_days();
        options.wrong_totals = true;
        return make_scenario(world_.simulator(), options, kSigned);
    }
};

TEST_P(WrongTotals, BookNothingUntilTheRightFileComes) {
    const auto lies = lying();
    shop_.register_orders(scenario_);
    shop_.take_in(scenario_, kSigned);
    shop_.reconcile(scenario_.statements[0]);
    const auto payment = payment_account();
    const auto entries = shop_.entries();

    const auto list = shop_.reconcile(lies.statements[1]);
    EXPECT_THAT(rows_of(list), ElementsAre(Row{DiscrepancyKind::total_mismatch, TransactionType::adjustment, ""}));
    EXPECT_GT(list.summary.matched, 0U) << "the lines are compared all the same";
    EXPECT_EQ(payment_account(), payment);
    EXPECT_EQ(shop_.entries(), entries);

    const auto right = shop_.reconcile(scenario_.statements[1]);
    EXPECT_THAT(rows_of(right), UnorderedElementsAreArray(rows_expected(scenario_, kSecond)));
    expect_as_undisturbed();
}

INSTANTIATE_TEST_SUITE_P(, WrongTotals, testing::Values("unionpay", "wechatpay"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation::test
