// Grouping: which records of the two sides speak of one transaction.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "reconciliation/record.h"

namespace reconciliation::matching {

// A stretch of Grouping::ledger or Grouping::channel.
struct Run {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    std::uint32_t size() const { return end - begin; }
    bool empty() const { return begin == end; }
};

// One transaction: its records on either side, more than one where a side repeats it, none where it lacks it.
struct Group {
    Run ledger;
    Run channel;
};

// Every record stands in exactly one group. The order of the groups, and of the records in each, depends on what the
// records say and never on the order in which they came.
struct Grouping {
    std::vector<std::uint32_t> ledger;   // indices into the input, arranged so that each group's are together
    std::vector<std::uint32_t> channel;  // likewise
    std::vector<Group> groups;

    std::span<const std::uint32_t> ledger_of(const Group& group) const;
    std::span<const std::uint32_t> channel_of(const Group& group) const;
};

// Finds them by the keys that match.h tells. Sorts, so O(n log n) whatever the ids are made of.
Grouping group_records(const std::vector<Record>& ledger, const std::vector<Record>& channel);

}  // namespace reconciliation::matching
