// The nightly job: for every tenant and channel, take in what lies in the statements' folders, reconcile, emit.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "reconciliation/job.h"
#include "reconciliation/review_list.h"
#include "server/application.h"

namespace server {

struct NightlyRequest {
    std::optional<core::BusinessDay> date;  // nothing: every day whose statement has not been taken in yet
    std::string tenant;                     // empty: all
    unsigned workers = 0;                   // 0: as configured
    std::uint64_t memory_bytes_max = reconciliation::kRunMemory;  // of each day
};

struct NightlyDay {
    std::string tenant;
    std::string channel;
    core::BusinessDay date;
    enum class Outcome { reconciled, unchanged, no_statement, refused, elsewhere } outcome;
    std::string message;  // of a refusal
    std::optional<reconciliation::ReviewList> list;
    std::filesystem::path folder;  // of the review list
    bool again = false;            // with the same statement, since another day's run changed what it rests on
};

// Days stand in a queue (reconciliation/queue.h) that any number of these share, in one process or on many machines. Of
// one channel one day is worked on at a time, the oldest first, so that what one carries the next clears. Days that
// rest on what was corrected are run again, until none is left. A refused statement doesn't stop the others. What comes
// back is in the order of tenants, channels and days. `progress` is told each day as it is done, from one thread at a
// time. Throws core::OutsideFailure when the database or a folder fails.
std::vector<NightlyDay> run_nightly(Application& application, const core::Clock& clock, const NightlyRequest& request,
                                    const std::function<void(const NightlyDay&)>& progress);

// A day whose statement should be there by now.
struct LateStatement {
    std::string tenant;
    std::string channel;
    core::BusinessDay date;
    core::Instant due;
};

// Of the last 31 days, from the first that a statement lies there for, those whose statement is due and has neither
// been delivered nor reconciled. Empty `of_tenant`: all. A statement is due as the channel's calendar says.
std::vector<LateStatement> late_statements(Application& application, core::Instant now, const std::string& of_tenant);

// The days that a channel's folder of statements has folders of, in order.
std::vector<core::BusinessDay> statement_days(const std::filesystem::path& folder);

// Reads the statement files of a folder, sorted by name; hidden and unfinished ones (".part", ".tmp") left out.
std::vector<payments::StatementFile> read_statement_folder(const std::filesystem::path& folder);

}  // namespace server
