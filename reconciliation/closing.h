// Closing: what keeps days from being closed, as far as channels and their statements go.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/db/database.h"
#include "core/time.h"

namespace reconciliation {

// Something that doesn't agree and has no case, or that nothing can be held against.
struct Rest {
    std::string where;   // "stripe 2026-11-18", "transit:funds:stripe"
    std::string what;    // one clause
    std::string remedy;  // what to do about it
};

// For each channel and each day from its first movement or statement on, after those closed before: a run of the day
// stands, and its statement's totals agree. Each booked movement is matched, or is an open item. What stands on
// transit:payment is what is open or differs, case by case; on transit:customer what the channel has and the books
// don't, and what came without an order. What stands on transit:funds wasn't paid by a bank so far, and is a rest. In
// the order of channels, then days, then accounts.
std::vector<Rest> rests_before_close(core::db::TenantTransaction& transaction, const std::vector<std::string>& channels,
                                     std::optional<core::BusinessDay> closed_before, core::BusinessDay until);

}  // namespace reconciliation
