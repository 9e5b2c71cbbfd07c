#include <algorithm>

#include "core/db/array.h"
#include "core/db/trip.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "reconciliation/impl/dependants.h"
#include "reconciliation/queue.h"

namespace reconciliation {
namespace {

// Earlier days are asked about lines that they list as repeated, which this day's run may have given up.
constexpr core::db::Statement kAnyOther{"dependants_any_other", R"(
select exists (select from reconciliation.runs
               where tenant_id = $1 and channel = $2 and business_date > $3::date)
    or exists (select from reconciliation.discrepancies
               where tenant_id = $1 and channel = $2 and business_date between $3::date - 31 and $3::date - 1
                 and kind = 'duplicate_in_channel'))"};

// Movements that simply agree are none's but the day's own; one that doesn't any more is an item of the day's.
constexpr core::db::Statement kHeld{"dependants_held", R"(
select 'item ' || side, type, item_key,
       concat_ws(' ', opened_on, missing_since, closed_on, amount_minor, currency, fee_minor, status),
       opened_on::text, coalesce(missing_since::text, ''), coalesce(closed_on::text, '')
from reconciliation.open_items
where tenant_id = $1 and channel = $2
  and (opened_on >= $3::date or missing_since >= $3::date or closed_on >= $3::date)
union all
select 'match', type, channel_txn_id, concat_ws(' ', movement_date, settles), movement_date::text, '', ''
from reconciliation.matches
where tenant_id = $1 and channel = $2 and business_date = $3::date and movement_date <> business_date
union all
select 'rule ' || side, type, item_key, concat_ws(' ', rule, amount_minor, currency), '', '', ''
from reconciliation.rule_matches
where tenant_id = $1 and channel = $2 and business_date = $3::date
union all
select 'waiting', coalesce(type, ''), discrepancy_id,
       concat_ws(' ', ledger_minor, ledger_currency, channel_minor, channel_currency), '', '', ''
from reconciliation.discrepancies
where tenant_id = $1 and channel = $2 and business_date = $3::date and kind = 'timing')"};

constexpr core::db::Statement kMark{nullptr, R"(
with changed as (
    select distinct type, key from unnest($4::text[], $5::text[]) as c (type, key)
), days as (
    select d.business_date as day from reconciliation.discrepancies d
    join changed c on c.type = d.type and c.key in (d.channel_txn_id, d.merchant_order_id)
    where d.tenant_id = $1 and d.channel = $2
      and (d.business_date > $3::date
           or d.business_date between $3::date - 31 and $3::date - 1 and d.kind = 'duplicate_in_channel')
    union
    select u.business_date from reconciliation.matches u
    join changed c on c.key = u.channel_txn_id and c.type = u.type
    where u.tenant_id = $1 and u.channel = $2 and u.business_date > $3::date
    union
    select g.business_date from changed c
    join payments.movements m on m.channel_txn_id = c.key and m.type = c.type
    cross join lateral (select a.business_date from reconciliation.agreed_movements a
                        where a.block = m.movement_id / 4096 and a.tenant_id = m.tenant_id and a.channel = m.channel
                          and a.business_date > $3::date and a.movement_ids @> m.movement_id offset 0) g
    where m.tenant_id = $1 and m.channel = $2
    union
    select u.business_date from reconciliation.rule_matches u
    join changed c on c.key = u.item_key and c.type = u.type
    where u.tenant_id = $1 and u.channel = $2 and u.business_date > $3::date
    union
    select day::date from unnest($6::text[]) as held (day) where day::date > $3::date
    union
    select min(business_date) from reconciliation.runs
    where tenant_id = $1 and channel = $2 and business_date > $3::date and $7::boolean)
update reconciliation.runs set repeat_for = $3::date
where tenant_id = $1 and channel = $2 and business_date <> $3::date and business_date in (select day from days))"};

constexpr core::db::Statement kMarked{"days_to_repeat", R"(
select tenant_id, channel, business_date::text from reconciliation.runs
where repeat_for is not null order by 1, 2, 3)"};

constexpr std::size_t kTenantsAtOnce = 1000;

}  // namespace

Dependants::Dependants(core::db::TenantTransaction& transaction, std::string channel, core::BusinessDay day)
    : transaction_(transaction), channel_(std::move(channel)), day_(core::format_day(day)) {
    if (core::db::run(transaction_, kAnyOther, transaction_.tenant().text(), channel_, day_)[0].boolean(0)) {
        before_ = read();
    }
}

Dependants::Holdings Dependants::read() const {
    Holdings holdings;
    for (const auto& row : core::db::run(transaction_, kHeld, transaction_.tenant().text(), channel_, day_)) {
        auto& held = holdings[{std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2))}];
        held.state = row.text(3);
        for (const int column : {4, 5, 6}) {
            if (const auto on = row.text(column); !on.empty()) {
                held.days.emplace(on);
            }
        }
    }
    return holdings;
}

std::size_t Dependants::mark() {
    if (!before_) {
        return 0;
    }
    const auto after = read();
    std::vector<std::string> types, keys, days;
    bool waits_changed = false;
    const auto compare = [&](const Holdings& these, const Holdings& those) {
        for (const auto& [name, held] : these) {
            const auto other = those.find(name);
            if (other != those.end() && other->second.state == held.state) {
                continue;
            }
            const auto& [what, type, key] = name;
            if (what == "waiting") {
                waits_changed = true;
                continue;
            }
            types.push_back(type);
            keys.push_back(key);
            days.insert(days.end(), held.days.begin(), held.days.end());
        }
    };
    compare(*before_, after);
    compare(after, *before_);
    if (keys.empty() && !waits_changed) {
        return 0;
    }
    return core::db::run(transaction_, kMark, transaction_.tenant().text(), channel_, day_, core::db::text_array(types),
                         core::db::text_array(keys), core::db::text_array(days), waits_changed)
        .affected_rows();
}

std::vector<JobKey> days_to_repeat(core::db::Database& database, const std::vector<core::TenantId>& tenants) {
    std::vector<JobKey> days;
    for (std::size_t begin = 0; begin < tenants.size(); begin += kTenantsAtOnce) {
        const auto end = std::min(begin + kTenantsAtOnce, tenants.size());
        core::db::TenantsTransaction transaction(database, {tenants.begin() + static_cast<std::ptrdiff_t>(begin),
                                                            tenants.begin() + static_cast<std::ptrdiff_t>(end)});
        for (const auto& row : core::db::run(transaction, kMarked)) {
            const auto day = core::parse_day(row.text(2));
            core::ensure(day.has_value(), "the database holds days that exist");
            days.push_back({std::string(row.text(0)), std::string(row.text(1)), *day});
        }
    }
    return days;
}

}  // namespace reconciliation
