// Splits as the configuration says them: who gets how much of a paid order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace config {

// One receiver of a split: basis points of the whole, a fixed amount, or what the others leave.
struct SplitShare {
    std::string to;  // an account of the chart: "payable:seller", "income:commission"
    std::optional<std::int64_t> basis_points;
    std::optional<std::int64_t> fixed_minor;
    bool remainder = false;                     // beside basis points where the policy's remainder was settled so
    std::optional<std::int64_t> at_least = {};  // of basis points only, minor units
    std::optional<std::int64_t> at_most = {};   // likewise; not below at_least
};

// When a paid order is shared out. Until then its money stays on deferred:orders.
struct SplitTime {
    enum class From { capture, fulfilment, day };
    From from = From::capture;
    int days = 0;                               // after it, in UTC
    std::optional<core::BusinessDay> day = {};  // of From::day
    bool operator==(const SplitTime&) const = default;
};

// "capture", "capture+7", "fulfilment", "fulfilment+7", "2026-12-31"; nothing for anything else.
std::optional<SplitTime> split_time_from(std::string_view text);
std::string text_of(const SplitTime& time);

struct SplitPolicy {
    std::string name;
    std::vector<SplitShare> shares;
    SplitTime when = {};
};

// Whether the name can stand in a split: payable:PARTY or income:NAME, and an account of the chart.
bool is_split_account(const std::string& account);

// Settles who takes what fixed amounts and basis points leave, by the policy's word:
//   ""          the share that says remainder = true; where none does, as "largest"
//   "largest"   single units go to the largest fractions, ties to the earlier share
//   "first"     the first share of basis points without at_most; "last" the last one
//   "platform"  the first share to an income: account
//   an account  its share, or a further one where the split has none that can take more than it says
// After it at most one share has `remainder`. Returns what is wrong with the policy; empty when every unit of every
// amount has a receiver.
std::string settle_remainder(SplitPolicy& policy, std::string_view word);

}  // namespace config
