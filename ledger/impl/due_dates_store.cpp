#include "ledger/due_dates.h"

#include <utility>

#include "core/db/column.h"
#include "core/db/work.h"

namespace ledger {
namespace {

constexpr core::db::Statement kInsert{"insert_due_dates", R"(
insert into ledger.due_dates (tenant_id, group_key, due_date)
select * from unnest($1::text[], $2::text[], $3::date[])
on conflict on constraint due_dates_pk do nothing)"};

}  // namespace

void set_due_dates(core::db::Transaction& transaction, const std::map<GroupKey, core::BusinessDay>& dates) {
    core::db::TextColumn tenants, groups;
    core::db::DayColumn days;
    for (const auto& [key, day] : dates) {
        tenants.add(key.tenant.text());
        groups.add(key.group);
        days.add(day);
    }
    core::db::run(transaction, kInsert, std::move(tenants), std::move(groups), std::move(days));
}

}  // namespace ledger
