#include "core/db/trip.h"
#include "reconciliation/job.h"

namespace reconciliation {
namespace {

constexpr core::db::Statement kTakenIn{"day_taken_in", R"(
select sha256 from reconciliation.statements
where tenant_id = $1 and channel = $2 and business_date = $3::date order by 1)"};

}  // namespace

std::vector<std::string> statements_taken_in(core::db::Database& database, const core::TenantId& tenant,
                                             std::string_view channel, core::BusinessDay day) {
    core::db::TenantTransaction transaction(database, tenant);
    std::vector<std::string> hashes;
    for (const auto& row :
         core::db::run(transaction, kTakenIn, tenant.text(), std::string(channel), core::format_day(day))) {
        hashes.emplace_back(row.text(0));
    }
    return hashes;
}

}  // namespace reconciliation
