// Which rate would have given the channel's fees?
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "config/settings.h"
#include "reconciliation/found_rate.h"

namespace reconciliation {

// How often each amount, above zero, was charged each fee, in minor units; others aren't counted.
class ChargedFees {
public:
    void add(std::int64_t amount, std::int64_t fee);
    const std::map<std::pair<std::int64_t, std::int64_t>, std::uint64_t>& counted() const { return counted_; }
    // There are so many different ones that the rest wasn't counted.
    bool is_cut() const { return is_cut_; }

private:
    std::map<std::pair<std::int64_t, std::int64_t>, std::uint64_t> counted_;
    bool is_cut_ = false;
};

// Tries every whole number of basis points up to a tenth with each rounding: with the contract's fixed part, without
// any, and, where these don't explain every fee, with those that pairs of payments of far amounts point to. Of those
// that give most fees to the unit the one nearest to the contract: its fixed part, its rounding, then its basis points.
// Nothing unless it gives more than half of the fees, and more of them than the contract does, nor where not all were
// counted; and a fixed part of another size has to fit four different payments at least, since any two agree on one.
std::optional<FoundRate> find_rate(const ChargedFees& fees, const config::FeeRate& contract);

// What the rate gives for an amount, to be held against the channel's fee.
std::optional<std::int64_t> fee_by(const FoundRate& rate, std::int64_t amount);

}  // namespace reconciliation
