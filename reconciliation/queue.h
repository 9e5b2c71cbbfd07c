// The queue of days to reconcile, shared by any number of workers on any number of machines.
//
//   Q1  A day is worked on by one worker at a time, and one that is done is not done again unless its files change.
//   Q2  That a day is done and what its run wrote are one commit. A worker that dies gives the day back by dying.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "core/db/database.h"
#include "core/time.h"

namespace reconciliation {

struct JobKey {
    std::string tenant;
    std::string channel;
    core::BusinessDay day;
};

enum class JobState { waiting, done, refused };

struct WantedJob {
    JobKey key;
    std::string files;   // changes when what lies in the day's folder does
    bool again = false;  // though nothing has changed
};

// Puts into the queue what is new, has changed, was refused or is wanted again. The state of each afterwards, in order.
std::vector<JobState> enqueue(core::db::Database& database, const std::vector<WantedJob>& jobs, core::Instant now);

// One worker's hold on one day, within the transaction that does the work.
class JobClaim {
public:
    explicit JobClaim(JobKey key) : key_(std::move(key)) {}

    enum class Answer {
        taken,      // until the transaction ends
        elsewhere,  // another worker has it
        settled,    // done meanwhile, or refused
    };
    Answer take(core::db::TenantTransaction& transaction) const;
    // Only after it was taken, in the same transaction. `note` says why it is refused.
    void settle(core::db::TenantTransaction& transaction, JobState state, const std::string& note,
                core::Instant now) const;

private:
    JobKey key_;
};

// The same for a day that needs no run, in a transaction of its own.
JobClaim::Answer settle_job(core::db::Database& database, const JobKey& key, JobState state, const std::string& note,
                            core::Instant now);

// Days whose runs another day's run has made untrue since (impl/dependants.h), of these tenants, in the order of
// tenants, channels and days.
std::vector<JobKey> days_to_repeat(core::db::Database& database, const std::vector<core::TenantId>& tenants);

}  // namespace reconciliation
