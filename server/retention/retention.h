// What is kept no longer than [retention] says: looked at, and purged in batches that each leave a tombstone.
//
// What always holds:
//   E1  Nothing is removed without a row of audit.tombstones in the same transaction, with its count and hash. Files
//   are
//       put aside first, and removed once their tombstone is committed.
//   E2  A purge that is stopped can be run again: what was removed is on a tombstone, what was only put aside comes
//   back. E3  It works as the role that migrates; the service has no right to remove any of this but of what is
//   refused.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/db/database.h"
#include "core/time.h"

namespace server {

// Of one tenant and kind.
struct Held {
    std::string tenant;
    std::string kind;
    std::int64_t days = 0;     // 0: no period is set
    std::int64_t count = 0;    // rows, or days' folders
    std::int64_t older = 0;    // of them, than the period
    std::int64_t overdue = 0;  // than the period and a day: the purge comes once a day

    // Older than it may be, or there without anybody having said how long.
    bool is_broken() const { return overdue > 0 || (days == 0 && count > 0); }
};

struct Purged {
    std::string tenant;
    std::string kind;
    std::string subject;
    std::int64_t records = 0;
    std::int64_t bytes = 0;
    std::string sha256;
};

struct RetentionWork {
    core::db::Database& owner;  // works as the role that migrates
    const config::Settings& settings;
    core::Instant now;
    std::string purged_by;
    std::int64_t batch = 5000;
};

std::vector<Held> held_data(core::db::Database& database, const config::Settings& settings, core::Instant now);
// `told` is given each batch once it is committed.
void purge(const RetentionWork& work, const std::function<void(const Purged&)>& told);

// The two halves.
Held held_rows(core::db::TenantTransaction& transaction, std::string_view kind, std::int64_t days, core::Instant now);
bool keeps_rows(std::string_view kind);  // else it lies on disk
// One batch; its records are 0 when nothing was left.
Purged purge_rows(core::db::TenantTransaction& transaction, std::string_view kind, core::Instant older_than,
                  const RetentionWork& work);
void leave_tombstone(core::db::TenantTransaction& transaction, const Purged& purged, core::Instant older_than,
                     core::BusinessDay day, const RetentionWork& work);

}  // namespace server
