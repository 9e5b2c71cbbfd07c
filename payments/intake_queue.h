// IntakeQueue: the messages of many connections share one commit. What holds: core/db/group_commit.h, Q1 to Q4.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <vector>

#include "core/db/group_commit.h"
#include "payments/intake.h"

namespace payments {

struct IntakeOptions {
    std::size_t writers = 2;      // transactions at the same time
    std::size_t batch_max = 256;  // messages of one transaction
    // Messages that wait: fewer than the connections that the edge holds, so that those are not what is full first.
    std::size_t queue_max = 2048;
    // All writers in their batches for so long: the database stands still.
    std::chrono::milliseconds standstill{5000};
};

class IntakeQueue {
public:
    IntakeQueue(core::db::Database& database, const IntakeOptions& options);

    // What became of a message, once, on a writer's thread: must not block or throw. It holds what Heard refers to.
    using Done = core::db::GroupCommit<Heard, IntakeOutcome>::Done;

    // Never blocks. Throws core::OutsideFailure when the queue is full or the database stands still; so fails what is
    // taken in while the database stays away.
    void take_in(Heard heard, Done done) { queue_.add(std::move(heard), std::move(done)); }
    // The same for one who waits: returns the outcome or throws the failure.
    IntakeOutcome take_in(const Heard& heard) { return queue_.carry_out(heard); }

private:
    std::vector<IntakeOutcome> take_in(const std::vector<Heard>& heard);

    core::db::Database& database_;
    ledger::StandingAccounts accounts_;
    core::db::GroupCommit<Heard, IntakeOutcome> queue_;
};

}  // namespace payments
