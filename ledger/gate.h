// Gate: who posts to a tenant's books holds its days open; who seals or closes waits until nobody does.
//
// What holds: the number of an entry is taken while its tenant's days are held open. So once all who held them are
// gone, there is no number up to the last one taken whose entry is still to come.
//
// Days are held open before anything else is locked that others who hold them may wait for (orders' groups). Else two
// who post and one who closes could wait for each other.
#pragma once

#include <cstdint>
#include <functional>
#include <set>

#include "core/db/trip.h"

namespace ledger {

// What EntryNumbers asks for, so that nobody takes a number without it.
class DaysHeldOpen {
    DaysHeldOpen() = default;
    friend DaysHeldOpen hold_days_open(core::db::Trip& trip, const std::set<core::TenantId>& tenants);
};

// Until the transaction ends. Shared: nobody waits but for one who seals or closes this very moment. Holding them once
// more waits for nobody.
DaysHeldOpen hold_days_open(core::db::Trip& trip, const std::set<core::TenantId>& tenants);

// Waits until nobody holds the tenant's days open, and lets nobody do so until the transaction ends. Returns a number
// that no entry has: all entries of the tenant that will ever have a smaller one are there, for the next statement to
// see. Throws DatabaseFailure when the wait takes more than a moment, since others wait behind it.
std::int64_t stop_posting(core::db::TenantTransaction& transaction);

// Carries out `use`, which stops posting in a transaction of its own: again, after a pause in which others post, when
// somebody holds the days open for long (an import, a run). Throws OutsideFailure when that goes on for seconds.
void when_posting_stops(const std::function<void()>& use);

}  // namespace ledger
