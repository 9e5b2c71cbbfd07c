// Pairing by order number, for records one of which lacks the channel's id. It never guesses: where several
// candidates are equally good, they stay apart.
#pragma once

#include <cstdint>
#include <vector>

#include "reconciliation/matching/grouping.h"

namespace reconciliation::matching {

// Runs that have found no other side yet.
struct Leftovers {
    std::vector<Run> ledger;
    std::vector<Run> channel;
};

// The records `without_id` of one side, those of one transaction together. A payment is known by its order number, a
// refund (reversal, dispute ...) only by its own number: an order may be refunded in several equal parts.
std::vector<std::vector<std::uint32_t>> runs_without_id(const std::vector<Record>& records,
                                                        const std::vector<std::uint32_t>& without_id);

// Moves what finds its other side from `left` into the grouping's groups: first by own order number, then by the
// merchant's. Within one order number, an equal amount goes before a different one.
void pair_by_order(const std::vector<Record>& ledger, const std::vector<Record>& channel, Leftovers& left,
                   Grouping& grouping);

}  // namespace reconciliation::matching
