// Rules that hold several records of one side against one or several of the other, by their sums.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "reconciliation/discrepancy.h"
#include "reconciliation/match.h"
#include "reconciliation/record.h"

namespace reconciliation::matching {

// Indices of what a side has alone, each a transaction of its own.
struct AloneRecords {
    std::vector<std::uint32_t> ledger;
    std::vector<std::uint32_t> channel;
};

struct RuleGroups {
    std::vector<RuleGroup> groups;  // no record stands in two of them
    // For records that stay alone though a rule was looking for them: what fits equally well, or that its budget was
    // spent.
    std::map<std::uint32_t, std::vector<Candidate>> ledger_told;
    std::map<std::uint32_t, std::vector<Candidate>> channel_told;
};

// Applies the options' rules in their order, each to what those before it have left. Records are taken that nothing
// else is to be said about: captured, of the rule's currency, within its date window of the day, with the fee and the
// order as they should be. A group is made when there is one answer and no other of the rule's groups could use one of
// its records as well. The order of the records makes no difference.
RuleGroups group_by_rules(const std::vector<Record>& ledger, const std::vector<Record>& channel,
                          const AloneRecords& alone, const MatchOptions& options);

}  // namespace reconciliation::matching
