// The database as the product sees it: transactions of one tenant each, on connections that never mend themselves.
//
// What always holds:
//   D1  No statement runs without a tenant: the only way to one is a Transaction, which sets `duizhang.tenant` for
//       that transaction alone, re-reads it, and checks that the backend is the one it began on.
//   D2  A connection on which anything was thrown is destroyed, never reused; libpqxx may not reconnect by itself.
//   D3  A commit has three outcomes: done, not done, unknown. Unknown is never repeated blindly.
//   D4  An error's text never quotes data: SQLSTATE and constraint name only (DatabaseFailure).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/failure.h"
#include "core/ids.h"

namespace core::db {

struct Options {
    std::string connection;  // a libpq connection string or URL, for the role the service works as
    std::size_t pool_max = 16;
    std::chrono::milliseconds statement_timeout{30'000};
    std::chrono::milliseconds wait_for_connection{5'000};
};

// The database refused or failed. `constraint` is empty unless one was violated.
class DatabaseFailure : public OutsideFailure {
public:
    DatabaseFailure(std::string sqlstate, std::string constraint, Outcome outcome = Outcome::not_done);
    const std::string& sqlstate() const noexcept { return sqlstate_; }
    const std::string& constraint() const noexcept { return constraint_; }

private:
    std::string sqlstate_;
    std::string constraint_;
};

enum class CommitOutcome { done, not_done, unknown };

// A pool of connections; safe to share between threads. Connects when first used.
class Database {
public:
    explicit Database(Options options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // Throws OutsideFailure when the database can't be reached; for /readyz and start-up.
    void check_reachable();

    struct Impl;
    Impl& impl() { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

// One transaction. Rolled back unless committed. One thread at a time.
class Transaction {
public:
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    // At most once. What the database refuses at commit (a deferred constraint) is thrown as DatabaseFailure;
    // a lost connection is `unknown`, and the caller then asks by natural key.
    [[nodiscard]] CommitOutcome try_commit();
    // Throws DatabaseFailure for anything but done (with outcome_unknown() set when it is).
    void commit();

    struct Impl;
    Impl& impl() { return *impl_; }

protected:
    enum class Plans { for_each_run, of_one_moment, for_many_small_runs };
    // Throws OutsideFailure (no connection) or BrokenRule (D1).
    Transaction(Database& database, const std::vector<TenantId>& tenants, Plans plans);

private:
    std::unique_ptr<Impl> impl_;
};

// Sees one tenant's rows and no others.
class TenantTransaction : public Transaction {
public:
    // `one_moment`: all statements see the rows as they were before the first, and none writes.
    enum class Sees { what_is_committed, one_moment };
    TenantTransaction(Database& database, const TenantId& tenant, Sees sees = Sees::what_is_committed);

    const TenantId& tenant() const noexcept { return tenant_; }

private:
    TenantId tenant_;
};

// From now on a statement of this transaction may take half an hour, and what is done between two of them too: for work
// on whole books, which grow with the years. Others wait for such a transaction no longer than for any other: it is to
// take no lock that they want.
void take_time(Transaction& transaction);

// Sees the rows of these tenants and no others: for work that is the same for each of them and shares one commit.
// Each statement says of each row whose it is. Plans are made once and look things up by index, since the tables may
// be empty when they are made.
class TenantsTransaction : public Transaction {
public:
    // At least one; in any order.
    TenantsTransaction(Database& database, const std::vector<TenantId>& tenants)
        : Transaction(database, tenants, Plans::for_many_small_runs) {}
};

// The connection for the service's work, from the one that an operator configured for an external database
// (database.url): the same login, which works as the role duizhang_service from the first statement on.
// Throws UsageError when it isn't a connection string.
std::string service_connection_for(const std::string& owner_url);

// Start-up check: throws UsageError that names the setting to change when the walls between tenants, or the promise
// that a commit survives a power cut, are off: whatever wall_breaches() finds (walls.h), the worst first; fsync,
// full_page_writes or synchronous_commit off.
void require_safe_service(Database& database);

}  // namespace core::db
