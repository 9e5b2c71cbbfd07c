// Random days whose money the channel lists on another day than it was told of: nothing is ever missing, all clears.
#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {
namespace {

using testing::IsEmpty;

constexpr int kDays = 5;
constexpr int kGraceDays = 3;

class DisplacedDays : public UnusualDay {
protected:
    core::Instant noon(core::BusinessDay day) const {
        return core::day_end(day, world_.simulator().day_cut()) - std::chrono::hours(12);
    }
    static core::BusinessDay later(core::BusinessDay day, int days) { return date::sys_days(day) + date::days(days); }

    // Tells of a payment as of `day` and has it listed on that day, one before it, or up to two after it.
    void pay(core::BusinessDay day, int number, payments::Random& random) {
        const auto& simulator = world_.simulator();
        const std::string order = "MOVED-" + std::to_string(number) + "-" + core::format_day(day);
        const core::Money amount(1000 + number, simulator.currency());
        payments::SimulatedTransaction told{TransactionType::payment,
                                            order,
                                            {},
                                            amount,
                                            noon(day),
                                            day,
                                            core::Money(0, simulator.currency()),
                                            {},
                                            {},
                                            {},
                                            {}};
        simulator.assign_ids(told, nullptr, random);
        scenario_.orders.push_back({order, amount, noon(day) - std::chrono::hours(1), {}});
        for (auto& callback : simulator.callbacks(told, kSigned, random)) {
            scenario_.callbacks.push_back({std::move(callback), false});
        }
        total_ += amount.minor();
        const auto listed = later(day, std::uniform_int_distribution<int>(-1, 2)(random));
        told.business_day = listed;
        told.occurred_at = noon(listed);
        lines_[listed].push_back(told);
    }

    void run_all(core::BusinessDay begin, const config::ChannelCalendar& calendar) {
        payments::Random random(3);
        for (int i = -1; i < kDays + kGraceDays; ++i) {
            const auto day = later(begin, i);
            const auto list =
                shop_.reconcile(day, world_.simulator().statement(day, lines_[day], {}, random), &calendar);
            for (const auto& row : list.discrepancies) {
                // The simulated fee is not the contract's.
                EXPECT_TRUE(row.kind == DiscrepancyKind::timing || row.kind == DiscrepancyKind::fee_mismatch)
                    << core::format_day(day) << " " << row.merchant_order_id;
            }
        }
        EXPECT_THAT(payment_account(), IsEmpty());
        EXPECT_THAT(customer_account(), IsEmpty());
        EXPECT_EQ(funds_account().begin()->second, total_);
    }

    std::map<core::BusinessDay, std::vector<payments::SimulatedTransaction>> lines_;
    std::int64_t total_ = 0;
};

// Over a leap day, a year's end, the days on which clocks are changed, and some like any other.
TEST_P(DisplacedDays, AreNeverMissingAndClear) {
    config::ChannelCalendar calendar;
    calendar.versions.push_back({std::nullopt, nullptr, 1, std::chrono::hours(10), kGraceDays});
    payments::Random random(20'261'231);
    for (const char* from : {"2024-02-26", "2025-12-29", "2026-03-27", "2026-11-10"}) {
        const auto begin = *core::parse_day(from);
        scenario_.orders.clear();
        scenario_.callbacks.clear();
        for (int number = 0; number < 20; ++number) {
            pay(later(begin, std::uniform_int_distribution<int>(0, kDays - 1)(random)), number, random);
        }
        shop_.register_orders(scenario_);
        shop_.take_in(scenario_, kSigned);
        run_all(begin, calendar);
        run_all(begin, calendar);  // the second time over as the first
    }
}

INSTANTIATE_TEST_SUITE_P(, DisplacedDays, testing::Values("unionpay", "wechatpay", "stripe"),
                         [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace reconciliation::test
