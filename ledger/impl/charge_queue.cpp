#include "ledger/charge_queue.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <memory>
#include <utility>

#include "core/failure.h"

namespace ledger {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kAttempts = 5;
constexpr std::chrono::milliseconds kPause{5};  // after the first; a server that is away is not stormed
constexpr std::chrono::milliseconds kPatienceMost{4};

// What was remembered is not so, since the database was replaced by another.
constexpr const char* kNoSuchAccount = "23503";

// Somebody else has the lock of a balance, for longer than a transaction of ours takes.
constexpr const char* kLocked = "55P03";

// Another transaction was in the way, or the server itself failed: it may go well when it is tried again.
bool may_go_well(const std::string& sqlstate) {
    return sqlstate == "40P01" || sqlstate == "40001" || sqlstate == "23505" || sqlstate == kNoSuchAccount ||
           sqlstate.starts_with("08") || sqlstate.starts_with("57P");
}

// It fails one charge as well as another.
bool is_everybodys(const std::string& sqlstate) {
    return sqlstate.starts_with("08") || sqlstate.starts_with("53") || sqlstate.starts_with("57") ||
           sqlstate.starts_with("58");
}

}  // namespace

ChargeQueue::ChargeQueue(core::db::Database& database, const core::Clock& clock, ChargeQueueOptions options)
    : database_(database), clock_(clock), options_(options), writer_([this] { write(); }) {}

ChargeQueue::~ChargeQueue() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    filled_.notify_all();
    writer_.join();
}

void ChargeQueue::charge(Charge charge, Done done) {
    const std::lock_guard lock(mutex_);
    if (ending_ || waiting_.size() >= options_.queue_max) {
        throw core::OutsideFailure("too many charges wait for the database");
    }
    waiting_.push_back({std::move(charge), std::move(done)});
    if (waiting_.size() >= wanted_) {
        filled_.notify_all();
    }
}

ChargeAnswer ChargeQueue::charge(const Charge& charge) {
    const auto promise = std::make_shared<std::promise<ChargeAnswer>>();
    this->charge(charge, {[promise](const ChargeAnswer& answer) { promise->set_value(answer); },
                          [promise](std::exception_ptr failure) { promise->set_exception(std::move(failure)); }});
    return promise->get_future().get();
}

// Whoever is answered is about to send the next: as many as were on the way before will be so again.
void ChargeQueue::write() {
    std::size_t wanted = 1;
    SteadyClock::duration patience{};
    while (true) {
        try {
            auto batch = next_batch(wanted, patience);
            if (batch.empty()) {
                return;
            }
            const auto begun = SteadyClock::now();
            charge(Batch(batch));
            const std::lock_guard lock(mutex_);
            wanted = std::min(batch.size() + waiting_.size(), options_.batch_max);
            patience = std::min<SteadyClock::duration>((SteadyClock::now() - begun) / 2, kPatienceMost);
        } catch (const std::bad_alloc&) {
            // No memory to make a batch of what waits, and it still does.
            std::this_thread::sleep_for(kPatienceMost);
        }
    }
}

// Empty when there is nothing left to do.
std::vector<ChargeQueue::Waiting> ChargeQueue::next_batch(std::size_t wanted, SteadyClock::duration patience) {
    std::unique_lock lock(mutex_);
    wanted_ = wanted;
    filled_.wait_for(lock, patience, [&] { return ending_ || waiting_.size() >= wanted; });
    wanted_ = 1;
    filled_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), options_.batch_max));
    std::vector<Waiting> batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    return batch;
}

void ChargeQueue::charge(Batch batch) {
    std::vector<ChargeAnswer> answers;
    std::exception_ptr failure;
    bool is_for_all = batch.size() == 1;
    try {
        answers = try_often(batch);
    } catch (const core::db::DatabaseFailure& failed) {
        const bool is_locked = failed.sqlstate() == kLocked && batch.size() == of_one_balance(batch);
        is_for_all = is_for_all || is_locked || is_everybodys(failed.sqlstate());
        failure = std::current_exception();
    } catch (const core::OutsideFailure&) {
        is_for_all = true;
        failure = std::current_exception();
    } catch (const std::exception&) {
        failure = std::current_exception();
    }
    if (failure != nullptr && !is_for_all) {
        charge_apart(batch);
        return;
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        failure == nullptr ? batch[i].done.answer(answers[i]) : batch[i].done.failure(failure);
    }
}

// U2: those of each balance together, and where there is one balance alone, one by one. In their order: charges of
// different balances don't know each other.
void ChargeQueue::charge_apart(Batch batch) {
    std::stable_sort(batch.begin(), batch.end(), [](const Waiting& one, const Waiting& other) {
        return one.charge.balance() < other.charge.balance();
    });
    const bool one_by_one = of_one_balance(batch) == batch.size();
    while (!batch.empty()) {
        const auto part = one_by_one ? 1 : of_one_balance(batch);
        charge(batch.first(part));
        batch = batch.subspan(part);
    }
}

// How many at its beginning.
std::size_t ChargeQueue::of_one_balance(Batch batch) {
    const auto balance = batch.front().charge.balance();
    const auto end = std::find_if_not(batch.begin(), batch.end(),
                                      [&](const Waiting& one) { return one.charge.balance() == balance; });
    return static_cast<std::size_t>(end - batch.begin());
}

std::vector<ChargeAnswer> ChargeQueue::try_often(Batch batch) {
    for (int attempt = 1;; ++attempt) {
        try {
            return try_once(batch);
        } catch (const core::db::DatabaseFailure& failure) {
            if (failure.sqlstate() == kNoSuchAccount) {
                accounts_.forget();
            }
            if (attempt == kAttempts || !may_go_well(failure.sqlstate())) {
                throw;
            }
        }
        std::this_thread::sleep_for(kPause * attempt);
    }
}

std::vector<ChargeAnswer> ChargeQueue::try_once(Batch batch) {
    std::vector<Charge> charges;
    std::vector<core::TenantId> tenants;
    charges.reserve(batch.size());
    tenants.reserve(batch.size());
    for (const auto& waiting : batch) {
        charges.push_back(waiting.charge);
        tenants.push_back(waiting.charge.usage().tenant);
    }
    core::db::TenantsTransaction transaction(database_, tenants);
    AccountsToOpen accounts(accounts_);
    auto answers = ledger::charge(transaction, charges, clock_.now(), accounts);
    transaction.commit();  // U3: unknown is a failure like another, and the keys find what was committed
    accounts.committed();
    return answers;
}

}  // namespace ledger
