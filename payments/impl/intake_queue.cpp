#include "payments/intake_queue.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <thread>
#include <utility>

#include "core/failure.h"

namespace payments {
namespace {

constexpr int kAttempts = 5;
constexpr std::chrono::milliseconds kPause{5};  // after the first; a server that is away is not stormed

constexpr std::chrono::milliseconds kPatienceMost{4};

// What was remembered is not so, since the database was replaced by another.
constexpr const char* kNoSuchAccount = "23503";

// Another transaction was in the way: it may go well when it is tried again.
bool is_in_the_way(const std::string& sqlstate) {
    return sqlstate == "40P01" || sqlstate == "40001" || sqlstate == "23505" || sqlstate == kNoSuchAccount;
}

// One of the messages waits for what another transaction has locked; those beside it need not wait for it.
constexpr const char* kLocked = "55P03";

// The statement's time is over. To try again would take as long once more, and the channel doesn't wait.
constexpr const char* kTooSlow = "57014";

// The server itself, which fails one message as well as another: it is gone, or out of disk or memory.
bool is_the_server(const std::string& sqlstate) {
    return sqlstate.starts_with("08") || sqlstate.starts_with("53") || sqlstate.starts_with("57P") ||
           sqlstate.starts_with("58");
}

}  // namespace

IntakeQueue::IntakeQueue(core::db::Database& database, IntakeOptions options) : database_(database), options_(options) {
    for (std::size_t i = 0; i < options_.writers; ++i) {
        writers_.emplace_back([this] { write(); });
    }
}

IntakeQueue::~IntakeQueue() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    filled_.notify_all();
    for (auto& writer : writers_) {
        writer.join();
    }
}

void IntakeQueue::take_in(Heard heard, Done done) {
    const std::lock_guard lock(mutex_);
    if (ending_ || waiting_.size() >= options_.queue_max) {
        throw core::OutsideFailure("too many callbacks wait for the database");
    }
    if (stands_still()) {
        throw core::OutsideFailure("the database stands still");
    }
    waiting_.push_back({std::move(heard), std::move(done), {}, {}});
    ++unfinished_;
    if (!wanted_.empty() && waiting_.size() >= *wanted_.begin()) {
        filled_.notify_all();
    }
}

IntakeOutcome IntakeQueue::take_in(const Heard& heard) {
    const auto promise = std::make_shared<std::promise<IntakeOutcome>>();
    take_in(heard, {[promise](IntakeOutcome outcome) { promise->set_value(outcome); },
                    [promise](std::exception_ptr failure) { promise->set_exception(std::move(failure)); }});
    return promise->get_future().get();
}

void IntakeQueue::write() {
    Gathering gathering;
    while (true) {
        try {
            auto batch = next_batch(gathering);
            if (batch.empty()) {
                return;
            }
            const auto begun = begin_batch();
            take_in(batch);
            gathering = end_batch(batch.size(), begun);
            finish(batch);
        } catch (const std::exception&) {
            // No memory to make a batch of what waits, and it still does.
            std::this_thread::sleep_for(kPatienceMost);
        }
    }
}

IntakeQueue::Clock::time_point IntakeQueue::begin_batch() {
    const std::lock_guard lock(mutex_);
    return *begun_.insert(Clock::now());
}

bool IntakeQueue::stands_still() const {
    return begun_.size() == options_.writers && Clock::now() - *begun_.rbegin() > options_.standstill;
}

// Whoever is answered is about to send the next: as many as were on the way before will be so again, and each writer
// waits for its part of them, but not for long beside what a batch takes.
IntakeQueue::Gathering IntakeQueue::end_batch(std::size_t size, Clock::time_point begun) {
    const std::lock_guard lock(mutex_);
    begun_.erase(begun_.find(begun));
    const auto part = std::clamp<std::size_t>(unfinished_ / options_.writers, 1, options_.batch_max);
    unfinished_ -= size;
    return {part, std::min<Clock::duration>((Clock::now() - begun) / 2, kPatienceMost)};
}

// Empty when there is nothing left to do.
std::vector<IntakeQueue::Waiting> IntakeQueue::next_batch(const Gathering& gathering) {
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
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), options_.batch_max));
    std::vector<Waiting> batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    return batch;
}

// Q2: what fails together is halved until the one is alone that fails.
void IntakeQueue::take_in(Batch batch) {
    try {
        for (int attempt = 1;; ++attempt) {
            if (try_to_take_in(batch, attempt == kAttempts)) {
                return;
            }
            std::this_thread::sleep_for(kPause * attempt);
        }
    } catch (const core::db::DatabaseFailure& failure) {
        if (is_the_server(failure.sqlstate()) || failure.sqlstate() == kTooSlow) {
            fail(batch);
        } else {
            halve(batch);
        }
    } catch (const core::OutsideFailure&) {
        fail(batch);
    } catch (...) {
        halve(batch);
    }
}

void IntakeQueue::halve(Batch batch) {
    if (batch.size() == 1) {
        fail(batch);
        return;
    }
    for (const auto part : {batch.first(batch.size() / 2), batch.subspan(batch.size() / 2)}) {
        take_in(part);
        finish(part);
    }
}

void IntakeQueue::fail(Batch batch) {
    for (auto& waiting : batch) {
        waiting.failure = std::current_exception();
    }
}

// False when it is to be tried again.
bool IntakeQueue::try_to_take_in(Batch batch, bool is_last) {
    std::vector<Heard> heard;
    std::vector<core::TenantId> tenants;
    for (const auto& waiting : batch) {
        heard.push_back(waiting.heard);
        tenants.push_back(waiting.heard.tenant);
    }
    try {
        core::db::TenantsTransaction transaction(database_, tenants);
        ledger::AccountsToOpen accounts(accounts_);
        const auto outcomes = payments::take_in(transaction, heard, accounts);
        if (transaction.try_commit() != core::db::CommitOutcome::done) {
            throw core::db::DatabaseFailure("08007", "", core::Failure::Outcome::unknown);
        }
        accounts.committed();
        for (std::size_t i = 0; i < batch.size(); ++i) {
            batch[i].outcome = outcomes[i];
        }
        return true;
    } catch (const core::db::DatabaseFailure& failure) {
        if (failure.sqlstate() == kNoSuchAccount) {
            accounts_.forget();
        }
        const bool waits_alone = failure.sqlstate() == kLocked && batch.size() == 1;
        if (!is_last && (waits_alone || is_in_the_way(failure.sqlstate()) || is_the_server(failure.sqlstate()))) {
            return false;
        }
        throw;
    }
}

// Those that weren't told yet.
void IntakeQueue::finish(Batch batch) {
    for (auto& waiting : batch) {
        if (waiting.done.outcome == nullptr) {
            continue;
        }
        try {
            const auto done = std::exchange(waiting.done, {});
            if (waiting.outcome) {
                done.outcome(*waiting.outcome);
            } else {
                done.failure(waiting.failure);
            }
        } catch (const std::exception&) {
            // No memory to say it. It isn't acknowledged, so the channel sends it again and its key finds it.
        }
    }
}

}  // namespace payments
