// IntakeQueue: the messages of many connections share one commit.
//
// What always holds:
//   Q1  A message's outcome is told when the message is committed; a failure is told when it isn't known to be.
//   Q2  A message that the database refuses, or that waits for another's lock, fails alone: the others of its batch are
//       taken in, and told so, without it.
//   Q3  A commit whose outcome is unknown is not repeated: the messages are taken in again by their keys, which finds
//       what was committed.
//   Q4  The queue is bounded; a message that finds it full, or the database at a standstill, is refused at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <thread>
#include <vector>

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
    IntakeQueue(core::db::Database& database, IntakeOptions options);
    // Takes in what waits, then ends.
    ~IntakeQueue();
    IntakeQueue(const IntakeQueue&) = delete;
    IntakeQueue& operator=(const IntakeQueue&) = delete;

    // What became of a message, once, on a writer's thread: must not block or throw. It holds what Heard refers to.
    struct Done {
        std::function<void(IntakeOutcome)> outcome;
        std::function<void(std::exception_ptr)> failure;
    };

    // Never blocks. A writer that is free takes what is there. After a batch it first waits for its part of as many as
    // were on the way then, for half as long as the batch took and a few milliseconds at most; a message that comes
    // alone never waits. Throws core::OutsideFailure when the queue is full or the database stands still; so
    // fails what is taken in while the database stays away.
    void take_in(Heard heard, Done done);
    // The same for one who waits: returns the outcome or throws the failure.
    IntakeOutcome take_in(const Heard& heard);

private:
    struct Waiting {
        Heard heard;
        Done done;
        std::optional<IntakeOutcome> outcome;
        std::exception_ptr failure;
    };
    using Batch = std::span<Waiting>;
    using Clock = std::chrono::steady_clock;

    // For how many a writer waits before its next batch, and how long at most.
    struct Gathering {
        std::size_t wanted = 1;
        Clock::duration patience{};
    };

    void write();
    std::vector<Waiting> next_batch(const Gathering& gathering);
    Clock::time_point begin_batch();
    Gathering end_batch(std::size_t size, Clock::time_point begun);
    bool stands_still() const;
    void take_in(Batch batch);
    bool try_to_take_in(Batch batch, bool is_last);
    void halve(Batch batch);
    static void fail(Batch batch);
    static void finish(Batch batch);

    core::db::Database& database_;
    ledger::StandingAccounts accounts_;
    const IntakeOptions options_;
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Waiting> waiting_;
    std::size_t unfinished_ = 0;              // those that wait and those in a batch
    std::multiset<std::size_t> wanted_;       // by each writer that waits for messages
    std::multiset<Clock::time_point> begun_;  // of the batches under way
    bool ending_ = false;
    std::vector<std::thread> writers_;
};

}  // namespace payments
