#include "core/db/pool.h"

#include <utility>

namespace core::db {

Pool::Loan::Loan(Loan&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)), fresh_(other.fresh_) {}

Pool::Loan& Pool::Loan::operator=(Loan&& other) noexcept {
    if (this != &other) {
        discard();
        pool_ = std::exchange(other.pool_, nullptr);
        connection_ = std::move(other.connection_);
        fresh_ = other.fresh_;
    }
    return *this;
}

void Pool::Loan::give_back() noexcept {
    if (pool_ != nullptr) {
        std::exchange(pool_, nullptr)->return_slot(std::move(connection_));
    }
}

void Pool::Loan::discard() noexcept {
    connection_.reset();
    if (pool_ != nullptr) {
        std::exchange(pool_, nullptr)->return_slot(nullptr);
    }
}

Pool::Pool(std::string connection, std::size_t connections_max, std::chrono::milliseconds wait)
    : connection_(std::move(connection)), connections_max_(connections_max), wait_(wait) {
    if (connections_max_ == 0) {
        throw UsageError("database.pool_max must be at least 1");
    }
    // Room for all of them now, so that giving one back can't fail.
    idle_.reserve(connections_max_);
}

Pool::Loan Pool::borrow(Want want) {
    auto idle = take_slot(want);
    if (idle) {
        return {*this, std::move(idle), false};
    }
    try {
        return {*this, std::make_unique<Connection>(connection_), true};
    } catch (...) {
        return_slot(nullptr);
        throw;
    }
}

// Counts the caller in; an idle connection when there is one and it is wanted, else the right to open one.
std::unique_ptr<Connection> Pool::take_slot(Want want) {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, wait_, [this] { return lent_ < connections_max_; })) {
        throw OutsideFailure("no database connection became free within " + std::to_string(wait_.count()) +
                             " ms: all " + std::to_string(connections_max_) + " are in use");
    }
    ++lent_;
    if (idle_.empty()) {
        return nullptr;
    }
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (want == Want::any) {
        return connection;
    }
    lock.unlock();
    // A fresh one takes the place of the idle one, which closes here, outside the lock.
    connection.reset();
    return nullptr;
}

void Pool::return_slot(std::unique_ptr<Connection> connection) noexcept {
    {
        const std::lock_guard lock(mutex_);
        --lent_;
        if (connection) {
            idle_.push_back(std::move(connection));
        }
    }
    freed_.notify_one();
}

void Pool::forget_idle() noexcept {
    std::vector<std::unique_ptr<Connection>> dead;
    dead.reserve(connections_max_);
    const std::lock_guard lock(mutex_);
    dead.swap(idle_);
}

}  // namespace core::db
