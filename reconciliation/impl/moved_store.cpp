#include <string>

#include "core/db/array.h"
#include "core/db/column.h"
#include "core/db/work.h"
#include "core/log.h"
#include "reconciliation/impl/moved.h"

namespace reconciliation {
namespace {

constexpr core::db::Statement kAnyMoved{"any_moved", R"(
select exists (select from payments.movements where tenant_id = $1 and channel = $2 and moved_from is not null))"};

// Until the end nobody moves them once more.
constexpr const char* kMoved = R"(
select movement_id from payments.movements
where tenant_id = $1 and channel = $2 and moved_from is not null order by 1 for update)";

// Those of $3; `offset 0` keeps what follows one look-up for each of them.
#define MOVED                                                                                                          \
    "(select movement_id, type, channel_txn_id, business_date from payments.movements "                                \
    "where tenant_id = $1 and channel = $2 and moved_from is not null and movement_id = any ($3::bigint[]) offset 0) " \
    "m "
// The runs that a change was made to are to be run again, for the day that the movement is on now.
#define REPEAT_CHANGED                                                                                            \
    "update reconciliation.runs r set repeat_for = c.moved_to "                                                   \
    "from (select run_day, max(moved_to) as moved_to from changed where run_day <> moved_to group by run_day) c " \
    "where r.tenant_id = $1 and r.channel = $2 and r.business_date = c.run_day"

constexpr const char* kMatches =
    "with changed as (update reconciliation.matches u set movement_date = m.business_date from " MOVED
    "  where u.channel_txn_id = m.channel_txn_id and u.tenant_id = $1 and u.channel = $2 and u.type = m.type "
    "  returning u.business_date as run_day, m.business_date as moved_to) " REPEAT_CHANGED;

constexpr const char* kItems =
    "with changed as (update reconciliation.open_items i set item_date = m.business_date from " MOVED
    "  where i.item_key = m.channel_txn_id and i.tenant_id = $1 and i.channel = $2 and i.side = 'ledger' "
    "    and i.type = m.type "
    "  returning i.opened_on as run_day, m.business_date as moved_to) " REPEAT_CHANGED;

// Sets hold movements of their run's own day alone.
constexpr const char* kInSets =
    "select a.block, a.business_date::text, m.movement_id from " MOVED
    "cross join lateral (select g.block, g.business_date from reconciliation.agreed_movements g "
    "  where g.block = m.movement_id / 4096 and g.tenant_id = $1 and g.channel = $2 "
    "    and g.movement_ids @> m.movement_id and g.business_date <> m.business_date offset 0) a";

constexpr const char* kOutOfSets = R"(
with gone as (
    select block, day, range_agg(int8range(id, id, '[]')) as ids
    from unnest($4::bigint[], $5::date[], $3::bigint[]) as g (block, day, id) group by 1, 2
), taken as (
    delete from reconciliation.agreed_movements a using gone g
    where a.block = g.block and a.tenant_id = $1 and a.channel = $2 and a.business_date = g.day
    returning a.business_date, a.block, a.movement_ids - g.ids as rest
)
insert into reconciliation.agreed_movements (tenant_id, channel, business_date, block, movement_ids)
select $1, $2, business_date, block, rest from taken where not isempty(rest))";

constexpr const char* kIntoMatches =
    "with changed as (insert into reconciliation.matches (tenant_id, channel, type, channel_txn_id, business_date, "
    "    movement_date, settles, movement_id) "
    "  select $1, $2, m.type, m.channel_txn_id, g.day, m.business_date, true, m.movement_id "
    "  from unnest($4::date[], $3::bigint[]) as g (day, id) join " MOVED
    "  on m.movement_id = g.id returning business_date as run_day, movement_date as moved_to) " REPEAT_CHANGED;

#undef REPEAT_CHANGED
#undef MOVED

constexpr const char* kTold = R"(
update payments.movements set moved_from = null
where tenant_id = $1 and channel = $2 and moved_from is not null and movement_id = any ($3::bigint[]))";

struct Channel {
    core::db::TenantTransaction& transaction;
    std::string name;

    template <typename... Args>
    pqxx::result run(const char* sql, const Args&... args) const {
        return core::db::run(transaction, sql, transaction.tenant().text(), name, args...);
    }
};

void take_out_of_sets(const Channel& channel, const std::string& moved) {
    std::vector<std::int64_t> blocks, ids;
    std::vector<std::string> days;
    for (const auto& row : channel.run(kInSets, moved)) {
        blocks.push_back(row[0].as<std::int64_t>());
        days.push_back(row[1].as<std::string>());
        ids.push_back(row[2].as<std::int64_t>());
    }
    if (!ids.empty()) {
        const auto taken = core::db::integer_array(ids);
        const auto taken_from = core::db::text_array(days);
        channel.run(kOutOfSets, taken, core::db::integer_array(blocks), taken_from);
        channel.run(kIntoMatches, taken, taken_from);
    }
}

}  // namespace

bool any_moved(core::db::TenantTransaction& transaction, std::string_view channel) {
    return core::db::run(transaction, kAnyMoved, transaction.tenant().text(), std::string(channel))[0].boolean(0);
}

void follow_moved(core::db::TenantTransaction& transaction, std::string_view name) {
    const Channel channel{transaction, std::string(name)};
    std::vector<std::int64_t> ids;
    for (const auto& row : channel.run(kMoved)) {
        ids.push_back(row[0].as<std::int64_t>());
    }
    const auto moved = core::db::integer_array(ids);
    channel.run(kMatches, moved);
    channel.run(kItems, moved);
    take_out_of_sets(channel, moved);
    channel.run(kTold, moved);
    core::log_info("movements_moved", {{"tenant", transaction.tenant().text()},
                                       {"channel", channel.name},
                                       {"movements", static_cast<std::int64_t>(ids.size())}});
}

}  // namespace reconciliation
