// The connections of a Database, lent one at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/db/connection.h"
#include "core/db/database.h"

namespace core::db {

class Pool {
public:
    enum class Want { any, fresh };

    // A borrowed connection. Destroyed with its borrower unless given back, so that whoever leaves by an exception
    // takes the connection along (D2).
    class Loan {
    public:
        Loan() = default;
        Loan(Pool& pool, std::unique_ptr<Connection> connection, bool fresh) noexcept
            : pool_(&pool), connection_(std::move(connection)), fresh_(fresh) {}
        ~Loan() { discard(); }
        Loan(Loan&& other) noexcept;
        Loan& operator=(Loan&& other) noexcept;
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;

        Connection& operator*() const noexcept { return *connection_; }
        Connection* operator->() const noexcept { return connection_.get(); }
        bool fresh() const noexcept { return fresh_; }
        void give_back() noexcept;
        void discard() noexcept;

    private:
        Pool* pool_ = nullptr;
        std::unique_ptr<Connection> connection_;
        bool fresh_ = true;
    };

    Pool(std::string connection, std::size_t connections_max, std::chrono::milliseconds wait);

    // Throws OutsideFailure: none free in time, or the database can't be reached.
    Loan borrow(Want want = Want::any);
    // Closes what lies idle: after one of them was found dead, the others are too (the server was restarted).
    void forget_idle() noexcept;

private:
    std::unique_ptr<Connection> take_slot(Want want);
    void return_slot(std::unique_ptr<Connection> connection) noexcept;

    const std::string connection_;
    const std::size_t connections_max_;
    const std::chrono::milliseconds wait_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::size_t lent_ = 0;
    std::vector<std::unique_ptr<Connection>> idle_;
};

struct Database::Impl {
    explicit Impl(Options given)
        : options(std::move(given)), pool(options.connection, options.pool_max, options.wait_for_connection) {}
    Options options;
    Pool pool;
};

}  // namespace core::db
