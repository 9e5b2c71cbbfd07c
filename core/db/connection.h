// One connection to PostgreSQL that never mends itself (D2).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <pqxx/pqxx>
#include <set>
#include <string>
#include <vector>

#include "core/db/column.h"
#include "core/db/rows.h"

struct pg_conn;  // libpq's

namespace core::db {

class CopiedRow;

// A statement that each connection prepares once. The name is the text's own: no two texts share one. Without a name
// it isn't prepared.
struct Statement {
    const char* name;
    const char* sql;
};

// A statement with its parameters.
struct Step {
    const Statement* statement;
    std::vector<Parameter> parameters;
};

class Connection {
public:
    // Connects at once. Throws OutsideFailure with libpq's reason (names of host, user and database only).
    explicit Connection(const std::string& connection);

    pqxx::connection_base& get() noexcept { return session_; }
    // Sends the steps together and reads their answers (libpq's pipeline). Throws DatabaseFailure for the first that is
    // refused, with none after it carried out, or when the connection is lost; it is then not to be used again.
    std::vector<Rows> run(const std::vector<Step>& steps);
    // Gives the rows of a COPY ... TO STDOUT (FORMAT binary) as they come. Throws DatabaseFailure, after which, as
    // after anything that `take` throws, it is not to be used again.
    void copy_out(const char* sql, const std::function<void(const CopiedRow&)>& take);
    // The server process that this connection began on.
    int backend() const noexcept { return backend_; }
    // To be called at the beginning of each transaction that works with prepared statements. True when their plans are
    // to be made anew: at every doubling of the number of transactions, since a plan that was made when the tables
    // were empty takes any index for as good as any other; and now and then for ever.
    bool plans_are_old() noexcept;
    // False once libpq has noticed that the connection is gone, or speaks to another server process.
    bool still_on_its_backend() const noexcept;
    // The server has said that the transaction failed, and that it waits for its end.
    bool has_rolled_back() const noexcept;
    // Asks the server; false when it doesn't answer. Not inside a transaction.
    bool answers() noexcept;

private:
    // libpqxx's connection, which tells what libpq's is: libpqxx 6 has no pipeline for statements with parameters.
    class Session final : public pqxx::connection_base {
    public:
        explicit Session(const std::string& parameters);
        ~Session() noexcept { close(); }
        pg_conn* raw() const noexcept { return policy_.raw; }

    private:
        struct Policy final : pqxx::connect_direct {
            using connect_direct::connect_direct;
            handle do_startconnect(handle begun) override { return raw = connect_direct::do_startconnect(begun); }
            handle raw = nullptr;
        };
        Policy policy_;
    };

    Session session_;
    int backend_;
    std::set<std::string, std::less<>> prepared_;
    std::uint64_t transactions_ = 0;
};

}  // namespace core::db
