// Quarantine: what is left of a callback that was refused. Nothing here costs a forger's victim more than a forger.
//
// What always holds:
//   N1  add() touches no database and never waits for one; what finds the memory full is counted and forgotten.
//   N2  Of each tenant's channel the database keeps the latest kKept records.
//   N3  An excerpt is redacted before it is written, and holds no byte that isn't printable.
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
    static constexpr std::size_t kKept = 500;        // of each tenant's channel
    static constexpr std::size_t kExcerptMax = 512;  // bytes of the body

    using Redact = std::function<std::string(std::string_view)>;

    Quarantine(core::db::Database& database, Redact redact);
    // Writes what waits.
    ~Quarantine();
    Quarantine(const Quarantine&) = delete;
    Quarantine& operator=(const Quarantine&) = delete;

    // False when the memory is full.
    bool add(const core::TenantId& tenant, std::string_view channel, const CallbackRefusal& refusal,
             const CallbackRequest& request);

private:
    struct Waiting {
        core::TenantId tenant;
        QuarantineRecord record;
    };
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
