// ChargeQueue: the charges of many callers share one commit, so that one hot balance takes thousands a second.
//
// What always holds:
//   U1  A charge's answer is given when it is committed; a failure when it isn't known to be.
//   U2  Charges of a balance are decided in the order in which they came. Those that fail together are tried apart, so
//       that one which can't be made, or a balance that somebody else has locked, fails alone.
//   U3  A commit whose outcome is unknown is not repeated: the charges are made again by their keys, which finds what
//       was committed.
//   U4  The queue is bounded; a charge that finds it full is refused at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

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
    // Charges what waits, then ends.
    ~ChargeQueue();
    ChargeQueue(const ChargeQueue&) = delete;
    ChargeQueue& operator=(const ChargeQueue&) = delete;

    // What became of a charge, once, on the writer's thread: must not block or throw. It holds what the charge's plan
    // belongs to.
    struct Done {
        std::function<void(const ChargeAnswer&)> answer;
        std::function<void(std::exception_ptr)> failure;
    };

    // Never blocks. The writer takes what is there; after a batch it waits for as many as were on the way then, for
    // half as long as the batch took and a few milliseconds at most. One that comes alone never waits.
    // Throws core::OutsideFailure when the queue is full.
    void charge(Charge charge, Done done);
    // The same for one who waits: returns the answer or throws the failure.
    ChargeAnswer charge(const Charge& charge);

private:
    struct Waiting {
        Charge charge;
        Done done;
    };
    using Batch = std::span<Waiting>;

    void write();
    std::vector<Waiting> next_batch(std::size_t wanted, std::chrono::steady_clock::duration patience);
    void charge(Batch batch);
    void charge_apart(Batch batch);
    static std::size_t of_one_balance(Batch batch);
    std::vector<ChargeAnswer> try_often(Batch batch);
    std::vector<ChargeAnswer> try_once(Batch batch);

    core::db::Database& database_;
    const core::Clock& clock_;
    const ChargeQueueOptions options_;
    StandingAccounts accounts_;
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Waiting> waiting_;
    std::size_t wanted_ = 1;  // the writer is told when so many wait
    bool ending_ = false;
    std::thread writer_;
};

}  // namespace ledger
