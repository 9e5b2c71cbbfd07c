// Findings: everything there is to say about one transaction, before the first in precedence becomes its kind.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "reconciliation/discrepancy.h"
#include "reconciliation/match.h"
#include "reconciliation/record.h"

namespace reconciliation::matching {

// A set of kinds.
class Findings {
public:
    void add(DiscrepancyKind kind) { bits_ |= bit(kind); }
    void add(const Findings& others) { bits_ |= others.bits_; }
    bool has(DiscrepancyKind kind) const { return (bits_ & bit(kind)) != 0; }
    bool none() const { return bits_ == 0; }
    // Nothing but that one side, or both, lists it more than once.
    bool only_duplicates() const;
    // Something that keeps the pair's money from being settled.
    bool money_contradicts() const;

    // In the order of precedence: the first is the row's kind, the rest stands in `also`.
    std::vector<DiscrepancyKind> in_order() const;
    std::uint32_t bits() const { return bits_; }

    // Of MatchOptions::rules: that by which amounts that differ pass as the same.
    std::optional<std::uint32_t> rule{};

private:
    static std::uint32_t bit(DiscrepancyKind kind) { return std::uint32_t{1} << static_cast<unsigned>(kind); }

    std::uint32_t bits_ = 0;
};

// What differs between the two sides of a pair, duplicates apart.
Findings compare_sides(const Record& ledger, const Record& channel, const MatchOptions& options);

// What there is to say about a record that stands alone on its side.
Findings alone_in_ledger(const Record& record, bool carried_in, const MatchOptions& options);
Findings alone_in_channel(const Record& record, bool carried_in, const MatchOptions& options);

// In what the repeats of one transaction on one side contradict each other; nothing when they are alike.
Findings compare_repeats(const std::vector<Record>& records, std::span<const std::uint32_t> repeats);

// The fee that the channel's is held against: what the contract rate gives, or (diff) what the books expect.
std::optional<std::int64_t> fee_to_expect(const Record* ledger, const Record& channel);

}  // namespace reconciliation::matching
