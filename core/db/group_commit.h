// GroupCommit: what many threads ask for shares one transaction, and so one wait for the disk.
//
// What always holds:
//   Q1  A task's outcome is told when it is committed; a failure when it isn't known to be.
//   Q2  A task that can't be carried out, or that waits for another's lock, fails alone: those of its batch are carried
//       out, and told so, without it.
//   Q3  A commit whose outcome is unknown is not repeated: the tasks are carried out again, and find by their keys what
//       was committed.
//   Q4  The queue is bounded; a task that finds it full, or the database at a standstill, is refused at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/db/database.h"

namespace core::db {

struct GroupCommitOptions {
    const char* what;             // "callbacks": what waits, for the text of a refusal
    std::size_t writers = 1;      // transactions at the same time; one carries tasks out in the order they came in
    std::size_t batch_max = 256;  // tasks of one transaction
    std::size_t queue_max = 4096;
    int attempts_at_a_lock = 1;  // by a task that is alone, each as long as the transaction waits for a lock
    // All writers in their batches for so long: the database stands still.
    std::chrono::milliseconds standstill{5000};
};

// How a failure is dealt with (group_commit.cpp).
struct GroupFailure {
    bool may_go_well;    // another transaction was in the way, or the server: to be tried again
    bool is_the_lock;    // somebody else's, for longer than a transaction of ours takes
    bool is_everybodys;  // the server's own: it fails one task as well as another
};
GroupFailure group_failure_of(const DatabaseFailure& failure);

template <typename Task, typename Outcome>
class GroupCommit {
public:
    // In a transaction of its own, committed: the outcome of each task, in their order.
    using CarryOut = std::function<std::vector<Outcome>(const std::vector<Task>&)>;
    // The lock that tasks have in common. Those of one lane stand or fall with it, and stay in their order.
    using Lane = std::function<std::string(const Task&)>;

    // What became of a task, once, on a writer's thread: must not block or throw.
    struct Done {
        std::function<void(Outcome)> outcome;
        std::function<void(std::exception_ptr)> failure;
    };

    GroupCommit(const GroupCommitOptions& options, CarryOut carry_out, Lane lane = {})
        : options_(options), carry_out_(std::move(carry_out)), lane_(std::move(lane)) {
        for (std::size_t i = 0; i < options_.writers; ++i) {
            writers_.emplace_back([this] { write(); });
        }
    }
    // Carries out what waits, then ends.
    ~GroupCommit() {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        filled_.notify_all();
        for (auto& writer : writers_) {
            writer.join();
        }
    }
    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;

    // Never blocks. A writer that is free takes what is there. After a batch it first waits for its part of as many as
    // were on the way then, for half as long as the batch took and a few milliseconds at most; a task that comes alone
    // never waits. Throws core::OutsideFailure (Q4); so fails what is carried out while the database stays away.
    void add(Task task, Done done) {
        const std::lock_guard lock(mutex_);
        if (ending_ || waiting_.size() >= options_.queue_max) {
            throw OutsideFailure(std::string("too many ") + options_.what + " wait for the database");
        }
        if (stands_still()) {
            throw OutsideFailure("the database stands still");
        }
        waiting_.push_back({std::move(task), std::move(done)});
        ++unfinished_;
        if (!wanted_.empty() && waiting_.size() >= *wanted_.begin()) {
            filled_.notify_all();
        }
    }
    // The same for one who waits: returns the outcome or throws the failure.
    Outcome carry_out(Task task) {
        const auto promise = std::make_shared<std::promise<Outcome>>();
        add(std::move(task), {[promise](Outcome outcome) { promise->set_value(std::move(outcome)); },
                              [promise](std::exception_ptr failure) { promise->set_exception(std::move(failure)); }});
        return promise->get_future().get();
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds kPatienceMost{4};
    static constexpr std::chrono::milliseconds kPause{5};  // after the first; a server that is away is not stormed
    static constexpr int kAttempts = 5;

    struct Waiting {
        Task task;
        Done done;
    };
    struct Batch {
        std::vector<Task> tasks;
        std::vector<Done> dones;
        std::vector<Outcome> outcomes;  // of each, once they are committed
        std::exception_ptr failure;     // of all

        std::size_t size() const { return tasks.size(); }
        void take(Task task, Done done) {
            tasks.push_back(std::move(task));
            dones.push_back(std::move(done));
        }
    };
    // For how many a writer waits before its next batch, and how long at most.
    struct Gathering {
        std::size_t wanted = 1;
        Clock::duration patience{};
    };

    void write() {
        Gathering gathering;
        while (true) {
            try {
                auto batch = next_batch(gathering);
                if (batch.size() == 0) {
                    return;
                }
                const auto size = batch.size();
                const auto begun = begin_batch();
                try {
                    carry_out(batch);
                } catch (const std::exception&) {
                    batch.failure = std::current_exception();  // no memory to part it
                }
                gathering = end_batch(size, begun);
                tell(batch);
            } catch (const std::exception&) {
                // No memory to make a batch of what waits, and it still does.
                std::this_thread::sleep_for(kPatienceMost);
            }
        }
    }

    // Empty when there is nothing left to do.
    Batch next_batch(const Gathering& gathering) {
        std::unique_lock lock(mutex_);
        const auto has = [this](std::size_t wanted) {
            return [this, wanted] { return ending_ || waiting_.size() >= wanted; };
        };
        const auto gathers = wanted_.insert(gathering.wanted);
        filled_.wait_for(lock, gathering.patience, has(gathering.wanted));
        wanted_.erase(gathers);
        const auto idles = wanted_.insert(1);
        filled_.wait(lock, has(1));
        wanted_.erase(idles);
        Batch batch;
        const auto size = std::min(waiting_.size(), options_.batch_max);
        batch.tasks.reserve(size);
        batch.dones.reserve(size);
        for (std::size_t i = 0; i < size; ++i) {
            batch.take(std::move(waiting_[i].task), std::move(waiting_[i].done));
        }
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(size));
        return batch;
    }

    Clock::time_point begin_batch() {
        const std::lock_guard lock(mutex_);
        return *begun_.insert(Clock::now());
    }
    // Whoever is answered is about to send the next: as many as were on the way before will be so again, and each
    // writer waits for its part of them, but not for long beside what a batch takes.
    Gathering end_batch(std::size_t size, Clock::time_point begun) {
        const std::lock_guard lock(mutex_);
        begun_.erase(begun_.find(begun));
        const auto part = std::clamp<std::size_t>(unfinished_ / options_.writers, 1, options_.batch_max);
        unfinished_ -= size;
        return {part, std::min<Clock::duration>((Clock::now() - begun) / 2, kPatienceMost)};
    }
    bool stands_still() const {
        return begun_.size() == options_.writers && Clock::now() - *begun_.rbegin() > options_.standstill;
    }

    // Q2: what fails together is parted until the one is alone that fails. What is parted is told at once.
    void carry_out(Batch& batch) {
        try {
            batch.outcomes = try_often(batch);
            return;
        } catch (const DatabaseFailure& failure) {
            const auto kind = group_failure_of(failure);
            batch.failure = std::current_exception();
            if (kind.is_everybodys || (kind.is_the_lock && is_of_one_lane(batch))) {
                return;
            }
        } catch (const OutsideFailure&) {
            batch.failure = std::current_exception();
            return;
        } catch (...) {
            batch.failure = std::current_exception();
        }
        if (batch.size() > 1) {
            auto parts = parted(std::move(batch));
            for (auto& part : parts) {
                carry_out(part);
                tell(part);
            }
            batch = {};
        }
    }

    std::vector<Outcome> try_often(const Batch& batch) {
        for (int attempt = 1;; ++attempt) {
            try {
                return carry_out_(batch.tasks);
            } catch (const DatabaseFailure& failure) {
                const auto kind = group_failure_of(failure);
                const bool waits_alone = kind.is_the_lock && batch.size() == 1;
                if (attempt >= (waits_alone ? options_.attempts_at_a_lock : kAttempts) ||
                    !(waits_alone || kind.may_go_well)) {
                    throw;
                }
            }
            std::this_thread::sleep_for(kPause * attempt);
        }
    }

    bool is_of_one_lane(const Batch& batch) const {
        return batch.size() == 1 ||
               (lane_ && std::all_of(batch.tasks.begin(), batch.tasks.end(),
                                     [&](const Task& task) { return lane_(task) == lane_(batch.tasks.front()); }));
    }
    // In halves; or a part for each lane, where there are several.
    std::vector<Batch> parted(Batch batch) const {
        std::vector<Batch> parts;
        if (!lane_ || is_of_one_lane(batch)) {
            parts.resize(2);
            for (std::size_t i = 0; i < batch.size(); ++i) {
                parts[i < batch.size() / 2 ? 0 : 1].take(std::move(batch.tasks[i]), std::move(batch.dones[i]));
            }
            return parts;
        }
        std::map<std::string, std::size_t> lanes;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const auto at = lanes.emplace(lane_(batch.tasks[i]), parts.size()).first->second;
            if (at == parts.size()) {
                parts.emplace_back();
            }
            parts[at].take(std::move(batch.tasks[i]), std::move(batch.dones[i]));
        }
        return parts;
    }

    static void tell(Batch& batch) {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            try {
                const auto done = std::move(batch.dones[i]);
                if (batch.failure == nullptr) {
                    done.outcome(std::move(batch.outcomes[i]));
                } else {
                    done.failure(batch.failure);
                }
            } catch (const std::exception&) {
                // No memory to say it. Who asked asks again, and the task's key finds what was done.
            }
        }
    }

    const GroupCommitOptions options_;
    const CarryOut carry_out_;
    const Lane lane_;
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Waiting> waiting_;
    std::size_t unfinished_ = 0;              // those that wait and those in a batch
    std::multiset<std::size_t> wanted_;       // by each writer that waits for tasks
    std::multiset<Clock::time_point> begun_;  // of the batches under way
    bool ending_ = false;
    std::vector<std::thread> writers_;
};

}  // namespace core::db
