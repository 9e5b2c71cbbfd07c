// DayRun: one channel's day, step by step; who takes the steps decides in which transaction, and what is left out.
#pragma once

#include <vector>

#include "core/db/database.h"
#include "payments/channel.h"
#include "reconciliation/impl/sides.h"
#include "reconciliation/job.h"
#include "reconciliation/match.h"
#include "reconciliation/review_list.h"

namespace reconciliation {

// The channel has to be locked (lock_channel) by the transaction that books and stores, from before the one begins that
// compares. `context`, `day` and the files have to outlive it.
class DayRun {
public:
    DayRun(const JobContext& context, const Day& day, const std::vector<payments::StatementFile>& files);
    DayRun(const DayRun&) = delete;  // the sides point into themselves
    DayRun& operator=(const DayRun&) = delete;

    // First; then list() is complete. Throws core::InputError when the statement is refused. Of one moment, so that
    // callbacks that come in meanwhile are late, every one of them.
    void compare(core::db::TenantTransaction& transaction);
    void book(core::db::TenantTransaction& transaction) const;  // what the statement proves
    // The run, and what later days' runs see of it.
    void store(core::db::TenantTransaction& transaction) const;

    ReviewList& list() { return list_; }

private:
    std::vector<Proved> proved() const;
    void list_repeats();
    void summarise_result();
    void explain_fees();

    const JobContext& context_;
    const Day& day_;
    const std::vector<payments::StatementFile>& files_;
    ReviewList list_;
    StreamedDay streamed_;
    MatchOptions options_;
    Sides sides_;
    MatchResult result_;
    bool totals_agree_ = true;
};

}  // namespace reconciliation
