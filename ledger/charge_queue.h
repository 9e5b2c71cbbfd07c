// ChargeQueue: the charges of many callers share one commit, so that one hot balance takes thousands a second. What
// holds: core/db/group_commit.h, Q1 to Q4; and
//   U1  Charges of a balance are decided in the order in which they came. Those of a balance that somebody else has
//   locked
//       fail together, and no others.
#pragma once

#include <vector>

#include "core/db/group_commit.h"
#include "core/time.h"
#include "ledger/charges.h"

namespace ledger {

struct ChargeQueueOptions {
    std::size_t batch_max = 256;  // charges of one transaction
    std::size_t queue_max = 4096;
};

class ChargeQueue {
public:
    ChargeQueue(core::db::Database& database, const core::Clock& clock, ChargeQueueOptions options = {});

    // What became of a charge, once, on the writer's thread: must not block or throw. It holds what the charge's plan
    // belongs to.
    using Done = core::db::GroupCommit<Charge, ChargeAnswer>::Done;

    // Never blocks. Throws core::OutsideFailure when the queue is full or the database stands still.
    void charge(Charge charge, Done done) { queue_.add(std::move(charge), std::move(done)); }
    // The same for one who waits: returns the answer or throws the failure.
    ChargeAnswer charge(const Charge& charge) { return queue_.carry_out(charge); }

private:
    std::vector<ChargeAnswer> charge(const std::vector<Charge>& charges);

    core::db::Database& database_;
    const core::Clock& clock_;
    StandingAccounts accounts_;
    core::db::GroupCommit<Charge, ChargeAnswer> queue_;
};

}  // namespace ledger
