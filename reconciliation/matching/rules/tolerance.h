// Which rule, if any, lets the amounts of a pair pass as the same although they differ.
#pragma once

#include <cstdint>
#include <optional>

#include "reconciliation/match.h"
#include "reconciliation/record.h"

namespace reconciliation::matching {

// Index into options.rules. Both sides name the rule's currency and count in one unit, money goes the same way on both
// and is no zero on either, and the difference and the days between them are within the rule; nothing otherwise.
std::optional<std::uint32_t> rule_that_tolerates(const Record& ledger, const Record& channel,
                                                 const MatchOptions& options);

// Whether the record's day is within the rule's window of the day that is being matched.
bool within_window_of_day(const config::MatchRule& rule, const Record& record, const MatchOptions& options);

}  // namespace reconciliation::matching
