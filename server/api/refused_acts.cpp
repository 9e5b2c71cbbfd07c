#include "server/api/refused_acts.h"

#include <algorithm>
#include <utility>

namespace server::api {

void RefusedActs::note(const Tenants& tenants, const core::TenantId& tenant, const audit::Actor& actor,
                       const audit::Act& act, core::Instant now, Time at) {
    auto kept = act;
    {
        const std::lock_guard lock(mutex_);
        auto& left = left_.try_emplace(tenant, Left{kAtOnce, at, 0}).first->second;
        const auto more = (at - left.refilled_at) / kOneEvery;
        left.kept_at_once = std::min<std::int64_t>(kAtOnce, left.kept_at_once + more);
        left.refilled_at += more * kOneEvery;
        if (left.kept_at_once == 0) {
            ++left.left_out;
            return;
        }
        --left.kept_at_once;
        if (left.left_out > 0) {
            kept.after = "{\"left_out_before\":" + std::to_string(std::exchange(left.left_out, 0)) + "}";
        }
    }
    core::db::TenantTransaction transaction(database_, tenant);
    tenants.trail().record(transaction, actor, kept, now);
    transaction.commit();
}

}  // namespace server::api
