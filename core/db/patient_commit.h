// PatientCommit: a GroupCommit (Q1 to Q4) whose tasks wait for somebody else's lock as long as they would alone. One
// that its batch can't wait for is carried out by a writer apart, in a transaction of its own, while the others go on.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "core/db/group_commit.h"

namespace core::db {

template <typename Task, typename Outcome>
class PatientCommit {
public:
    using Shared = std::shared_ptr<const Task>;
    using Queue = GroupCommit<Shared, Outcome>;
    using Done = typename Queue::Done;

    PatientCommit(const GroupCommitOptions& options, typename Queue::CarryOut together,
                  std::function<Outcome(const Shared&)> alone)
        : alone_({options.what, kWritersAlone, 1, kWaitingMost, 1, kStandstill},
                 [alone = std::move(alone)](const std::vector<Shared>& tasks) {
                     std::vector<Outcome> outcomes;
                     outcomes.push_back(alone(tasks.front()));
                     return outcomes;
                 }),
          queue_(options, std::move(together)) {}

    // Never blocks. Throws core::OutsideFailure (Q4).
    void add(Task task, Done done) {
        const auto shared = std::make_shared<const Task>(std::move(task));
        queue_.add(shared, {done.outcome, [this, shared, done](const std::exception_ptr& failure) {
                                is_the_lock(failure) ? wait_alone(shared, done) : done.failure(failure);
                            }});
    }

private:
    static constexpr std::size_t kWritersAlone = 2;
    static constexpr std::size_t kWaitingMost = 64;
    static constexpr std::chrono::seconds kStandstill{20};  // longer than a transaction waits for a lock

    static bool is_the_lock(const std::exception_ptr& failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const DatabaseFailure& refused) {
            return group_failure_of(refused).is_the_lock;
        } catch (const std::exception&) {
            return false;
        }
    }
    void wait_alone(const Shared& task, const Done& done) {
        try {
            alone_.add(task, done);
        } catch (const OutsideFailure&) {
            done.failure(std::current_exception());
        }
    }

    Queue alone_;  // ends after the queue, which puts into it
    Queue queue_;
};

}  // namespace core::db
