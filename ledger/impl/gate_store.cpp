#include "ledger/gate.h"

#include "core/db/column.h"
#include "core/db/work.h"

namespace ledger {
namespace {

// In one order, though nobody who holds one lock of these waits for another's holder.
constexpr core::db::Statement kHold{"hold_days_open", R"(
select count(pg_advisory_xact_lock_shared(hashtextextended('days of ' || t.name, 0)))
from (select name from unnest($1::text[]) with ordinality as n (name, place) order by place) t)"};

constexpr const char* kPatience = "select set_config('lock_timeout', '5s', true)";
constexpr const char* kStop = "select pg_advisory_xact_lock(hashtextextended('days of ' || $1, 0))";
constexpr const char* kHorizon = "select nextval('ledger.entries_entry_id_seq')";

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
    core::db::run(transaction, kPatience);
    core::db::run(transaction, kStop, transaction.tenant().text());
    return core::db::run(transaction, kHorizon)[0][0].as<std::int64_t>();
}

}  // namespace ledger
