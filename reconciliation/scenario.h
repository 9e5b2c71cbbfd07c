// Scenario: days in a simulated world, with planted discrepancies and the right answer beside them, from a seed.
//
// The demo shows one; the property tests make hundreds. What really happened is told twice, by callbacks and by
// statements, and each plant makes the two (or the orders) disagree in one known way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "config/settings.h"
#include "payments/simulator.h"
#include "reconciliation/discrepancy.h"

namespace reconciliation {

struct ScenarioOptions {
    std::uint64_t seed = 1;
    core::BusinessDay first_day{};
    int days = 2;
    int payments_per_day = 20;
    int refunds_percent = 15;
    int repeats_percent = 25;   // callbacks delivered twice
    int plants_per_day = 6;     // discrepancies from the second day on; on the first only what is carried
    bool wrong_totals = false;  // the last day's statement lies about its own totals
    std::string split_name;     // orders are shared out by it; empty: not
    // What people wrote and cards as told, one payment after the other and from the front again; empty: as usual.
    std::vector<std::string> remarks;
    std::vector<std::string> cards;
};

struct ScenarioOrder {
    std::string merchant_order_id;
    core::Money amount;
    core::Instant created_at;
    std::string split_name;
};

struct ScenarioCallback {
    payments::SignedCallback callback;
    bool tampered = false;  // must be refused, and books nothing
};

struct ScenarioStatement {
    core::BusinessDay day;
    std::vector<payments::StatementFile> files;
};

// One row that must be on the day's review list.
struct ExpectedDiscrepancy {
    core::BusinessDay day;
    DiscrepancyKind kind;
    std::optional<payments::TransactionType> type;
    std::string channel_txn_id;

    bool operator==(const ExpectedDiscrepancy&) const = default;
    // By day, then kind, type and id; a defaulted <=> can't, the calendar library has none.
    friend bool operator<(const ExpectedDiscrepancy& a, const ExpectedDiscrepancy& b) {
        return std::tie(a.day, a.kind, a.type, a.channel_txn_id) < std::tie(b.day, b.kind, b.type, b.channel_txn_id);
    }
};

// One channel of one tenant.
struct Scenario {
    std::string channel;
    std::vector<ScenarioOrder> orders;
    std::vector<ScenarioCallback> callbacks;  // in random order, some twice
    std::vector<ScenarioStatement> statements;
    std::vector<ExpectedDiscrepancy> expected;  // sorted
};

// The contract rates that the scenario's statements follow, and the same as TOML for [[tenant.CHANNEL.fee]].
std::vector<config::FeeRate> scenario_fees(std::string_view channel);
std::string scenario_fees_toml(std::string_view channel);

// `signed_at`: when the callbacks are signed (and must be received, within the channels' windows).
Scenario make_scenario(const payments::ChannelSimulator& simulator, const ScenarioOptions& options,
                       core::Instant signed_at);

}  // namespace reconciliation
