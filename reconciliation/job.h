// Job: one channel's day, from its statement to its review list.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/channel_calendar.h"
#include "config/settings.h"
#include "core/db/database.h"
#include "core/keys/data_keys.h"
#include "core/time.h"
#include "payments/channel.h"
#include "reconciliation/queue.h"
#include "reconciliation/review_list.h"

namespace reconciliation {

inline constexpr std::uint64_t kRunMemory = std::uint64_t{1} << 30U;

struct JobContext {
    core::db::Database& database;
    const core::Clock& clock;
    std::chrono::minutes carry_window{15};
    std::uint64_t memory_bytes_max = kRunMemory;  // beyond it, what a run keeps goes to a file; 128 MiB at least
    const core::keys::KeyRing* keys = nullptr;    // what the files are kept under (kept.h); null: they aren't kept
};

struct Day {
    const config::TenantSettings& tenant;
    const payments::Channel& channel;
    const std::vector<config::FeeRate>& fees;
    core::BusinessDay business_day;
    const config::ChannelCalendar* calendar = nullptr;  // null: nothing is configured, items wait one day
};

// Compares the day's statement with the books, books what the statement proves, carries what waits, and publishes the
// review list into `folder`: all of it, or none of it. The same again gives the same lists.
//
// Throws core::InputError when the statement is refused (nothing has changed then), core::OutsideFailure when the
// database or the folder fails.
ReviewList reconcile_day(const JobContext& context, const Day& day, const std::vector<payments::StatementFile>& files,
                         const std::filesystem::path& folder);

// The same for a day that stands in the queue, which is done with the run. Nothing, and nothing has happened, when
// another worker has it or has done it meanwhile.
std::optional<ReviewList> reconcile_job(const JobContext& context, const Day& day,
                                        const std::vector<payments::StatementFile>& files,
                                        const std::filesystem::path& folder, const JobClaim& claim);

// The SHA-256 of the files that the day's latest run took in, sorted; empty when there was none.
std::vector<std::string> statements_taken_in(core::db::Database& database, const core::TenantId& tenant,
                                             std::string_view channel, core::BusinessDay day);

}  // namespace reconciliation
