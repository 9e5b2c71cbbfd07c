#include "ledger/gate.h"

#include <chrono>
#include <thread>

#include "core/db/column.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace ledger {
namespace {

// In one order, though nobody who holds one lock of these waits for another's holder.
constexpr core::db::Statement kHold{"hold_days_open", R"(
select count(pg_advisory_xact_lock_shared(hashtextextended('days of ' || t.name, 0)))
from (select name from unnest($1::text[]) with ordinality as n (name, place) order by place) t)"};

constexpr core::db::Statement kPatience{"gate_patience", "select set_config('lock_timeout', '400ms', true)"};
constexpr core::db::Statement kStop{"gate_stop", "select pg_advisory_xact_lock(hashtextextended('days of ' || $1, 0))"};
constexpr core::db::Statement kHorizon{"gate_horizon", "select nextval('ledger.entries_entry_id_seq')"};

constexpr const char* kNotInTime = "55P03";
constexpr int kAttempts = 12;
constexpr std::chrono::milliseconds kPause{300};

}  // namespace

DaysHeldOpen hold_days_open(core::db::Trip& trip, const std::set<core::TenantId>& tenants) {
    core::db::TextColumn names;
    for (const auto& tenant : tenants) {
        names.add(tenant.text());
    }
    trip.add(kHold, std::move(names));
    return {};
}

std::int64_t stop_posting(core::db::TenantTransaction& transaction) {
    core::db::Trip trip(transaction);
    trip.add(kPatience);
    trip.add(kStop, transaction.tenant().text());
    const auto horizon = trip.add(kHorizon);
    trip.run();
    return trip[horizon][0].integer(0);
}

void when_posting_stops(const std::function<void()>& use) {
    for (int attempt = 1; attempt <= kAttempts; ++attempt) {
        try {
            use();
            return;
        } catch (const core::db::DatabaseFailure& failure) {
            if (failure.sqlstate() != kNotInTime) {
                throw;
            }
        }
        std::this_thread::sleep_for(kPause);
    }
    throw core::OutsideFailure("somebody has been posting to these books for seconds: an import or a run is under way");
}

}  // namespace ledger
