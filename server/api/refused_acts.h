// What was refused at the API, for the trail: keys that open nothing, roles that may not, acts that the books refuse.
//
// Whoever has no key can't fill a disk with it: of each tenant some are kept at once and then one every half minute,
// and the next that is kept says how many were left out before it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "audit/trail.h"
#include "core/db/database.h"
#include "server/application.h"

namespace server::api {

// Safe to share between threads.
class RefusedActs {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit RefusedActs(core::db::Database& database) : database_(database) {}

    // In a transaction of its own. Throws core::OutsideFailure when it can't be written.
    void note(const Tenants& tenants, const core::TenantId& tenant, const audit::Actor& actor, const audit::Act& act,
              core::Instant now, Time at = Time::clock::now());

    static constexpr std::int64_t kAtOnce = 20;
    static constexpr std::chrono::seconds kOneEvery{30};

private:
    struct Left {
        std::int64_t kept_at_once = kAtOnce;
        Time refilled_at;
        std::int64_t left_out = 0;
    };

    core::db::Database& database_;
    std::mutex mutex_;
    std::map<core::TenantId, Left> left_;  // of configured tenants alone
};

}  // namespace server::api
