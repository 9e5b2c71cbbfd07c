// The simulated world behind a scenario: what really happened, before anybody tells of it.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "reconciliation/scenario.h"

namespace reconciliation {

// One movement, and what will be told of it.
struct Happening {
    payments::SimulatedTransaction truth;
    payments::SimulatedTransaction listed;  // as the statement shows it
    bool called_back = true;
    bool on_statement = true;
    int listings = 1;
    bool ordered = true;
    std::optional<core::Money> order_amount;  // where the order asks for another one
    bool touched = false;                     // a plant or a refund changed it: no second plant
};

class World {
public:
    World(const payments::ChannelSimulator& simulator, const ScenarioOptions& options);

    std::vector<Happening>& happenings() { return happenings_; }
    payments::Random& random() { return random_; }
    int roll(int below) { return static_cast<int>(random_() % static_cast<std::uint64_t>(below)); }

    // A payment within its day, away from the cut, or in the day's last seconds.
    std::size_t add_payment(core::BusinessDay day, bool in_last_seconds);
    // A refund of part or all of it, on the same day.
    void add_refund(std::size_t payment);

    std::string new_order_id(core::BusinessDay day);

private:
    core::Money random_amount();

    const payments::ChannelSimulator& simulator_;
    payments::Random random_;
    std::vector<Happening> happenings_;
    std::uint64_t next_order_ = 0;
};

// What the contract rate gives for an amount (above zero); a refund's is what comes back.
core::Money scenario_fee(std::string_view channel, payments::TransactionType type, const core::Money& amount);

}  // namespace reconciliation
