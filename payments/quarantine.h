// Quarantine: what is left of a callback that was refused. Nothing here costs a forger's victim more than a forger.
//
// What always holds:
//   N1  add() touches no database and never waits for one; what finds the memory full is counted and forgotten.
//   N2  Of each tenant's channel and part of the verdict the database keeps the latest kKept records, and the memory
//       takes kWaitingEach a second: forgeries push out neither other tenants' records nor those of what is signed.
//   N3  An excerpt has fields of a list of names alone (payments/impl/excerpt.h), redacted, in printable characters.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/db/database.h"
#include "payments/channel.h"

namespace payments {

struct QuarantineRecord {
    std::string channel;
    std::string verdict;  // "signature", "freshness", "binding" or "content": the part that failed
    std::string reason;   // a constant word
    core::Instant received_at;
    std::int64_t body_bytes = 0;
    std::string body_sha256;
    std::string excerpt;
};

class Quarantine {
public:
    static constexpr std::size_t kWaiting = 128;     // records in memory; they are written once a second
    static constexpr std::size_t kWaitingEach = 32;  // of them, of each tenant's channel and part of the verdict
    static constexpr std::size_t kKept = 500;        // likewise, in the database
    static constexpr std::size_t kExcerptMax = 512;  // bytes

    using Redact = std::function<std::string(std::string_view)>;

    Quarantine(core::db::Database& database, Redact redact);
    // Writes what waits.
    ~Quarantine();
    Quarantine(const Quarantine&) = delete;
    Quarantine& operator=(const Quarantine&) = delete;

    // False when there is no room left in memory.
    bool add(const core::TenantId& tenant, std::string_view channel, const CallbackRefusal& refusal,
             const CallbackRequest& request);

private:
    struct Waiting {
        core::TenantId tenant;
        QuarantineRecord record;
    };
    bool has_room(const core::TenantId& tenant, std::string_view channel, std::string_view verdict) const;
    void run();
    void write(const std::vector<Waiting>& records);

    core::db::Database& database_;
    const Redact redact_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Waiting> waiting_;
    bool ending_ = false;
    std::thread writer_;
};

// The latest first.
std::vector<QuarantineRecord> quarantined(core::db::TenantTransaction& transaction, std::size_t limit);

}  // namespace payments
