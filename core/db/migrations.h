// Numbered SQL files, built into the binary, each run once in its own transaction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace core::db {

struct Migration {
    int number;
    std::string_view name;  // "0002_ledger"
    std::string_view sql;
};

// In order of number; generated from migrations/*.sql at build time.
const std::vector<Migration>& migrations();

struct MigrationState {
    std::vector<std::string> applied;
    std::vector<std::string> missing;
};

// What stands in the database. Throws UsageError when a migration that was applied has changed since, one was skipped,
// or the database knows one that this binary doesn't (it is newer). Changes nothing; a database without any is fine.
MigrationState migration_state(const std::string& connection, const std::vector<Migration>& known = migrations());

// Applies what is missing, each in its own transaction under a row lock, so that any number of processes may try at
// once; returns the names applied by this one. `owner_connection` is a role that may create schemas, and the role
// duizhang_service unless there is one. Throws OutsideFailure naming the migration that failed, of which nothing is
// kept, and UsageError as above.
std::vector<std::string> migrate(const std::string& owner_connection,
                                 const std::vector<Migration>& known = migrations());

}  // namespace core::db
