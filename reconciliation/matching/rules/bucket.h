// Bucket: records that a rule may add up, since they share what it groups by; and the search among them.
#pragma once

#include <cstdint>
#include <vector>

#include "config/match_rule.h"
#include "reconciliation/matching/subset_search.h"
#include "reconciliation/record.h"

namespace reconciliation::matching {

// Sorted by content, so that what is found doesn't depend on the order in which records came.
struct Bucket {
    std::vector<std::uint32_t> ledger;
    std::vector<std::uint32_t> channel;

    std::size_t size() const { return ledger.size() + channel.size(); }
    bool both() const { return !ledger.empty() && !channel.empty(); }
};

// What was found among a bucket's records: `sets` are indices into the sides' records.
struct BucketAnswer {
    SubsetAnswer::Kind kind = SubsetAnswer::Kind::proved_none;
    struct Set {
        std::vector<std::uint32_t> ledger;
        std::vector<std::uint32_t> channel;
    };
    std::vector<Set> sets;  // found: the one; ambiguous: those that are listed; budget_spent: what was looked at
    std::uint64_t sums_tried = 0;
};

// One side of a question.
using Amounts = std::vector<std::int64_t>;
Amounts amounts_of(const std::vector<Record>& records, const std::vector<std::uint32_t>& indices);

// All that the rule finds in the bucket, with at most `budget` sums, which is lowered by those that were tried.
std::vector<BucketAnswer> search_bucket(const config::MatchRule& rule, const Bucket& bucket,
                                        const std::vector<Record>& ledger, const std::vector<Record>& channel,
                                        std::uint64_t& budget);

}  // namespace reconciliation::matching
