// Items on one side only, under a calendar that lets them wait some business days.
#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

core::BusinessDay november(unsigned day) { return date::year{2026} / 11 / date::day(day); }

// The 17th is a Tuesday.
class InTransit : public UnusualDay {
protected:
    InTransit() {
        calendar_.versions.push_back({std::nullopt,
                                      std::make_shared<const config::BusinessCalendar>(config::built_in_calendar("CN")),
                                      1, std::chrono::hours(10), 2});
    }

    // Told as of that day, at noon of it.
    void pay_on(core::BusinessDay day) {
        const auto& simulator = world_.simulator();
        const core::Money amount(12'345, simulator.currency());
        const auto noon = core::day_end(day, simulator.day_cut()) - std::chrono::hours(12);
        paid_ = payments::SimulatedTransaction{TransactionType::payment,
                                               "IN-TRANSIT",
                                               {},
                                               amount,
                                               noon,
                                               day,
                                               core::Money(0, simulator.currency()),
                                               {},
                                               {},
                                               {},
                                               {}};
        simulator.assign_ids(*paid_, nullptr, random_);
        scenario_.orders = {{"IN-TRANSIT", amount, noon - std::chrono::hours(1), {}}};
        scenario_.callbacks.clear();
        for (auto& callback : simulator.callbacks(*paid_, kSigned, random_)) {
            scenario_.callbacks.push_back({std::move(callback), false});
        }
        shop_.register_orders(scenario_);
    }
    ReviewList run(core::BusinessDay day, bool listed = false) {
        auto line = *paid_;
        line.business_day = day;
        line.occurred_at = core::day_end(day, world_.simulator().day_cut()) - std::chrono::hours(12);
        std::vector<payments::SimulatedTransaction> lines;
        if (listed) {
            lines.push_back(line);
        }
        payments::Random random(9);
        return shop_.reconcile(day, world_.simulator().statement(day, lines, {}, random), &calendar_);
    }
    std::vector<Row> only(DiscrepancyKind kind) const {
        return {{kind, TransactionType::payment, paid_->channel_txn_id}};
    }

    payments::Random random_{5};
    config::ChannelCalendar calendar_;
    std::optional<payments::SimulatedTransaction> paid_;
};

TEST_P(InTransit, MovementIsCarriedWithItsAgeAndClearedByTheLineThatComes) {
    pay_on(november(17));
    shop_.take_in(scenario_, kSigned);
    const auto first = run(november(17));
    ASSERT_EQ(rows_of(first), only(DiscrepancyKind::timing));
    EXPECT_EQ(first.discrepancies.front().expected_by, november(19));
    EXPECT_THAT(explain(first.discrepancies.front(), november(17)).en, HasSubstr("until 2026-11-19 at the latest"));
    const auto second = run(november(18));
    ASSERT_EQ(rows_of(second), only(DiscrepancyKind::timing));
    EXPECT_EQ(second.discrepancies.front().id, first.discrepancies.front().id);
    EXPECT_EQ(second.discrepancies.front().age_days, 1);
    EXPECT_EQ(second.discrepancies.front().age_business_days, 1);
    EXPECT_EQ(second.summary.carried_in, 1U);
    EXPECT_EQ(second.summary.carried_out, 1U);
    const auto third = run(november(19), true);
    EXPECT_EQ(rows_of(third), only(DiscrepancyKind::fee_mismatch)) << "the simulated fee is not the contract's";
    EXPECT_EQ(third.summary.cleared, 1U);
    EXPECT_THAT(payment_account(), IsEmpty());

    EXPECT_EQ(run(november(17)).summary.digest, first.summary.digest);
    EXPECT_EQ(run(november(18)).summary.digest, second.summary.digest);
    EXPECT_EQ(run(november(19), true).summary.digest, third.summary.digest);
    EXPECT_EQ(funds_account().begin()->second, 12'345);
}

TEST_P(InTransit, MovementIsStoredAsOpenWithItsAmountUntilItsLineComes) {
    pay_on(november(17));
    shop_.take_in(scenario_, kSigned);
    const core::Money amount(12'345, world_.simulator().currency());
    const auto stored_on_the_17th = [&] {
        const auto rows = shop_.stored_discrepancies(november(17));
        EXPECT_EQ(rows.size(), 1U);
        return rows.at(0).subject.value();
    };
    run(november(17));
    const auto waiting = stored_on_the_17th();
    EXPECT_EQ(waiting.channel_txn_id, paid_->channel_txn_id);
    EXPECT_EQ(waiting.ledger_amount, amount);
    EXPECT_EQ(waiting.channel_amount, std::nullopt);
    EXPECT_EQ(waiting.difference, core::Money(-12'345, amount.currency()));
    EXPECT_EQ(waiting.cleared_on, std::nullopt);
    run(november(18));
    EXPECT_EQ(stored_on_the_17th().cleared_on, std::nullopt) << "a day later it's in transit still";
    run(november(19), true);
    EXPECT_EQ(stored_on_the_17th().cleared_on, "2026-11-19");
    EXPECT_EQ(shop_.stored_discrepancies(november(18)).at(0).subject.value().cleared_on, "2026-11-19");
    EXPECT_EQ(shop_.stored_discrepancies(november(19)).at(0).subject.value().cleared_on, std::nullopt)
        << "a fee that differs is cleared by nothing";
    run(november(19));
    EXPECT_EQ(stored_on_the_17th().cleared_on, std::nullopt) << "the statement was delivered again, without the line";
}

TEST_P(InTransit, MovementIsMissingFromItsLastDayOnAndListedOnce) {
    pay_on(november(20));  // a Friday: two business days on is Tuesday
    shop_.take_in(scenario_, kSigned);
    for (const unsigned day : {20U, 21U, 22U, 23U}) {
        EXPECT_EQ(rows_of(run(november(day))), only(DiscrepancyKind::timing)) << day;
    }
    const auto last = run(november(24));
    ASSERT_EQ(rows_of(last), only(DiscrepancyKind::missing_in_channel));
    EXPECT_EQ(last.discrepancies.front().expected_by, november(24));
    EXPECT_EQ(last.discrepancies.front().age_days, 4);
    EXPECT_EQ(last.discrepancies.front().age_business_days, 2);
    EXPECT_THAT(rows_of(run(november(25))), IsEmpty());
    EXPECT_EQ(rows_of(run(november(24))), only(DiscrepancyKind::missing_in_channel));
    EXPECT_THAT(shop_.file(november(24), "review.csv"), HasSubstr(",2026-11-24,2,,\r\n"));
}

TEST_P(InTransit, LineIsNobodysMoneyOnlyAfterItsLastDay) {
    pay_on(november(17));
    run(november(17), true);
    const auto stored = shop_.stored_discrepancies(november(17)).at(0).subject.value();
    EXPECT_EQ(stored.ledger_amount, std::nullopt);
    EXPECT_EQ(stored.channel_amount, core::Money(12'345, world_.simulator().currency()));
    EXPECT_EQ(stored.difference, stored.channel_amount);
    EXPECT_THAT(customer_account(), IsEmpty());
    EXPECT_EQ(rows_of(run(november(18))), only(DiscrepancyKind::timing));
    EXPECT_THAT(customer_account(), IsEmpty());
    EXPECT_EQ(rows_of(run(november(19))), only(DiscrepancyKind::missing_in_ledger));
    EXPECT_EQ(customer_account().begin()->second, -12'345);
    shop_.take_in(scenario_, kSigned);
    EXPECT_THAT(rows_of(run(november(20))), IsEmpty());
    EXPECT_THAT(customer_account(), IsEmpty());
    EXPECT_THAT(payment_account(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(, InTransit, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation::test
