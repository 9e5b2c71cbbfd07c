// A payment that the channel lists on one day and tells as of the next.
#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

using testing::IsEmpty;

// The channel lists it in a day's last seconds and tells it as of the next day: it waits on the channel's side.
class NearTheCut : public UnusualDay {
protected:
    NearTheCut() : random_(5) {
        const auto& simulator = world_.simulator();
        const core::Money amount(12'345, simulator.currency());
        const core::Money fee(0, simulator.currency());
        const auto cut = core::day_end(kFirst, simulator.day_cut());
        payments::SimulatedTransaction told{TransactionType::payment,
                                            "NEAR-THE-CUT",
                                            {},
                                            amount,
                                            cut + std::chrono::seconds(2),
                                            kSecond,
                                            fee,
                                            {},
                                            {},
                                            {},
                                            {}};
        simulator.assign_ids(told, nullptr, random_);
        id_ = told.channel_txn_id;
        scenario_.orders = {{"NEAR-THE-CUT", amount, cut - std::chrono::minutes(1), {}}};
        scenario_.callbacks.clear();
        for (auto& callback : simulator.callbacks(told, kSigned, random_)) {
            scenario_.callbacks.push_back({std::move(callback), false});
        }
        auto listed = told;
        listed.business_day = kFirst;
        listed.occurred_at = cut - std::chrono::seconds(3);
        first_ = simulator.statement(kFirst, {listed}, {}, random_);
        second_ = simulator.statement(kSecond, {}, {}, random_);
        shop_.register_orders(scenario_);
    }

    payments::Random random_;
    std::string id_;
    std::vector<payments::StatementFile> first_;
    std::vector<payments::StatementFile> second_;
};

TEST_P(NearTheCut, LineWaitsForItsCallbackAndIsClearedByIt) {
    shop_.take_in(scenario_, kSigned);
    // Listed before the callback's day: nothing but transit, and nothing booked yet.
    const auto first = shop_.reconcile(kFirst, first_);
    EXPECT_EQ(rows_of(first), (std::vector<Row>{{DiscrepancyKind::timing, TransactionType::payment, id_}}));
    EXPECT_THAT(funds_account(), IsEmpty());
    EXPECT_THAT(customer_account(), IsEmpty());
    EXPECT_EQ(first.summary.carried_out, 1U);

    const auto second = shop_.reconcile(kSecond, second_);
    EXPECT_THAT(rows_of(second), IsEmpty());
    EXPECT_EQ(second.summary.carried_in, 1U);
    EXPECT_EQ(second.summary.cleared, 1U);
    EXPECT_THAT(payment_account(), IsEmpty());
    EXPECT_EQ(funds_account().begin()->second, 12'345);

    EXPECT_EQ(rows_of(shop_.reconcile(kFirst, first_)), rows_of(first));
    EXPECT_EQ(funds_account().begin()->second, 12'345);
}

TEST_P(NearTheCut, LineWhoseCallbackNeverComesIsMissingFromTheNextDayOn) {
    shop_.reconcile(kFirst, first_);
    const auto second = shop_.reconcile(kSecond, second_);
    EXPECT_EQ(rows_of(second), (std::vector<Row>{{DiscrepancyKind::missing_in_ledger, TransactionType::payment, id_}}));
    EXPECT_EQ(second.discrepancies.front().age_days, 1);
    EXPECT_EQ(funds_account().begin()->second, 12'345);
    EXPECT_EQ(customer_account().begin()->second, -12'345);
    // Listed once, and not every night again.
    const auto third_day = core::day_after(kSecond);
    EXPECT_THAT(rows_of(shop_.reconcile(third_day, world_.simulator().statement(third_day, {}, {}, random_))),
                IsEmpty());
    // Its callback comes days later: the order is paid, and the money stands once.
    shop_.take_in(scenario_, kSigned);
    const auto fourth_day = core::day_after(third_day);
    shop_.reconcile(fourth_day, world_.simulator().statement(fourth_day, {}, {}, random_));
    EXPECT_THAT(payment_account(), IsEmpty());
    EXPECT_THAT(customer_account(), IsEmpty());
    EXPECT_EQ(funds_account().begin()->second, 12'345);
}

INSTANTIATE_TEST_SUITE_P(, NearTheCut, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation::test
