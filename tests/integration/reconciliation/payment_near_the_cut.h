// A payment two hours after the first day's cut, which messages and statements may tell as of either day.
#pragma once

#include <string>
#include <vector>

#include "tests/integration/reconciliation/unusual_day.h"

namespace reconciliation::test {

// The simulated fee is not the contract's; rows that say only so are beside the point.
inline std::vector<Row> rows_about_money(const ReviewList& list) {
    auto rows = rows_of(list);
    std::erase_if(rows, [](const Row& row) { return std::get<0>(row) == DiscrepancyKind::fee_mismatch; });
    return rows;
}

class PaymentNearTheCut : public UnusualDay {
protected:
    PaymentNearTheCut() {
        const auto& simulator = world_.simulator();
        const core::Money amount(12'345, simulator.currency());
        cut_ = core::day_end(kFirst, simulator.day_cut());
        told_.occurred_at = cut_ + std::chrono::hours(2);
        simulator.assign_ids(told_, nullptr, random_);
        scenario_.orders = {{"DISPLACED", amount, cut_ - std::chrono::hours(9), {}}};
        tell(told_);
        shop_.register_orders(scenario_);
    }

    void tell(const payments::SimulatedTransaction& told) {
        scenario_.callbacks.clear();
        for (auto& callback : world_.simulator().callbacks(told, kSigned, random_)) {
            scenario_.callbacks.push_back({std::move(callback), false});
        }
    }
    payments::SimulatedTransaction of_day(core::BusinessDay day) const {
        auto listed = told_;
        listed.business_day = day;
        listed.occurred_at = day == kFirst ? cut_ - std::chrono::hours(2) : cut_ + std::chrono::hours(2);
        return listed;
    }
    std::vector<payments::StatementFile> listing(core::BusinessDay day,
                                                 const std::vector<payments::SimulatedTransaction>& lines) {
        return world_.simulator().statement(day, lines, {}, random_);
    }
    Row row(DiscrepancyKind kind) const { return {kind, TransactionType::payment, told_.channel_txn_id}; }

    payments::Random random_{5};
    core::Instant cut_;
    payments::SimulatedTransaction told_{TransactionType::payment,
                                         "DISPLACED",
                                         {},
                                         core::Money(12'345, world_.simulator().currency()),
                                         {},
                                         kSecond,
                                         core::Money(0, world_.simulator().currency()),
                                         {},
                                         {},
                                         {},
                                         {}};
};

}  // namespace reconciliation::test
