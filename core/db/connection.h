// One connection to PostgreSQL that never mends itself (D2).
#pragma once

#include <chrono>
#include <cstdint>
#include <pqxx/pqxx>
#include <set>
#include <string>

namespace core::db {

// A statement that each connection prepares once. The name is the text's own: no two texts share one.
struct Statement {
    const char* name;
    const char* sql;
};

class Connection {
public:
    // Connects at once. Throws OutsideFailure with libpq's reason (names of host, user and database only).
    explicit Connection(const std::string& connection);

    pqxx::connection& get() noexcept { return connection_; }
    // The server process that this connection began on.
    int backend() const noexcept { return backend_; }
    void prepare_once(const Statement& statement);
    // To be called at the beginning of each transaction that works with prepared statements. True when their plans are
    // to be made anew: at every doubling of the number of transactions, since a plan that was made when the tables
    // were empty takes any index for as good as any other; and now and then for ever.
    bool plans_are_old() noexcept;
    // False once libpq has noticed that the connection is gone, or speaks to another server process.
    bool still_on_its_backend() const noexcept;
    // Asks the server; false when it doesn't answer. Not inside a transaction.
    bool answers() noexcept;

private:
    pqxx::connection connection_;
    int backend_;
    std::set<std::string, std::less<>> prepared_;
    std::uint64_t transactions_ = 0;
};

}  // namespace core::db
