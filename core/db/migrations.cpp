#include "core/db/migrations.h"

#include <algorithm>
#include <map>
#include <pqxx/pqxx>

#include "core/crypto/digest.h"
#include "core/db/connection.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace core::db {

namespace {

// The table that everything starts from. Its row 0 is the lock: whoever migrates holds it. The table holds nothing of
// any tenant; that it forces row-level security all the same keeps the rule "every table does" free of exceptions.
// Who may write is a matter of grants: the service's role gets none but select (migration 0001).
constexpr const char* kBootstrap = R"(
    create schema if not exists core;
    create table core.migrations (
        number      integer      not null,
        name        text         not null,
        sha256      text         not null,
        applied_at  timestamptz  not null default now(),

        constraint migrations_pk primary key (number),
        constraint migrations_number_not_negative check (number >= 0)
    );
    insert into core.migrations (number, name, sha256) values (0, 'lock', '');
    alter table core.migrations enable row level security;
    alter table core.migrations force row level security;
    create policy migrations_read on core.migrations for select using (true);
    create policy migrations_added on core.migrations for insert with check (number > 0);
    create policy migrations_locked on core.migrations for update using (number = 0);
)";

constexpr const char* kTableExists = "select to_regclass('core.migrations') is not null";
constexpr const char* kApplied = "select number, name, sha256 from core.migrations where number > 0 order by number";
constexpr const char* kLock = "select number from core.migrations where number = 0 for update";
constexpr const char* kRecord = "insert into core.migrations (number, name, sha256) values ($1, $2, $3)";

// A migration that can't get its locks gives up before it makes a queue of everybody behind it. Another migrator is
// waited for longer, because it is doing what we came to do.
constexpr const char* kPatience = R"(
    set local lock_timeout = '120s'; set local statement_timeout = 0; set local timezone = 'UTC';
    set local search_path = pg_catalog, pg_temp)";
constexpr const char* kNoPatience = "set local lock_timeout = '10s'";

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

std::vector<std::string> read_applied(pqxx::work& work, const std::vector<Migration>& known) {
    std::map<int, const Migration*> by_number;
    for (const auto& migration : known) {
        by_number.emplace(migration.number, &migration);
    }
    std::vector<std::string> applied;
    std::vector<std::string> unknown;
    for (const auto& row : work.exec(kApplied)) {
        const auto name = row[1].as<std::string>();
        const auto found = by_number.find(row[0].as<int>());
        if (found == by_number.end()) {
            unknown.push_back(name);
            continue;
        }
        if (found->second->name != name || crypto::sha256_hex(found->second->sql) != row[2].as<std::string>()) {
            throw UsageError("migration " + name + " has changed since it was applied to this database: a migration " +
                             "that has landed is never edited; use the release that the database was made with");
        }
        applied.push_back(name);
    }
    if (!unknown.empty()) {
        throw UsageError("the database is newer than this program, which doesn't know its migrations " +
                         joined(unknown) + ": install the release that made them");
    }
    return applied;
}

MigrationState read_state(pqxx::work& work, const std::vector<Migration>& known) {
    MigrationState state;
    if (work.exec1(kTableExists)[0].as<bool>()) {
        state.applied = read_applied(work, known);
    }
    for (const auto& migration : known) {
        const bool is_applied =
            std::find(state.applied.begin(), state.applied.end(), migration.name) != state.applied.end();
        if (!is_applied) {
            state.missing.emplace_back(migration.name);
        } else if (!state.missing.empty()) {
            throw UsageError("migration " + state.missing.front() + " is missing in a database that already has " +
                             std::string(migration.name) + ": it must have come in later under an earlier number");
        }
    }
    return state;
}

// The first line of what the server said about the migration's own text. Class 42 (syntax, names, rights) quotes only
// names and words of that text; other classes can quote rows, so their text stays unread.
std::string reason(const pqxx::sql_error& refused) {
    const std::string text = refused.what();
    const auto line = text.substr(0, text.find('\n'));
    const auto sqlstate = sqlstate_of(refused);
    return "SQLSTATE " + sqlstate + (sqlstate.starts_with("42") ? ", " + line : "");
}

// Makes the table unless it stands already, made just now by another process perhaps.
void make_table(Connection& connection) {
    try {
        pqxx::work work(connection.get());
        if (work.exec1(kTableExists)[0].as<bool>()) {
            return;
        }
        work.exec(kBootstrap);
        work.commit();
    } catch (const pqxx::sql_error& refused) {
        // "if not exists" doesn't wait for one that is being made: 23505 in the catalog, 42P06 and 42P07 are its
        // loser's.
        const auto state = sqlstate_of(refused);
        if (state == "23505" || state == "42P06" || state == "42P07") {
            return;
        }
        throw OutsideFailure("the table core.migrations can't be made: " + reason(refused));
    }
}

const Migration& named(const std::vector<Migration>& known, const std::string& name) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const Migration& m) { return m.name == name; });
    ensure(found != known.end(), "a missing migration is one of those known");
    return *found;
}

void apply(pqxx::work& work, const Migration& migration) {
    try {
        work.exec(kNoPatience);
        work.exec(std::string(migration.sql));
        work.exec_params(kRecord, migration.number, std::string(migration.name), crypto::sha256_hex(migration.sql));
        work.commit();
    } catch (const pqxx::in_doubt_error&) {
        throw;
    } catch (const pqxx::sql_error& refused) {
        throw OutsideFailure("migration " + std::string(migration.name) +
                             " failed and nothing of it was kept: " + reason(refused));
    }
}

// Applies the first one that is missing; "" when none is.
std::string apply_next(Connection& connection, const std::vector<Migration>& known) {
    pqxx::work work(connection.get());
    work.exec(kPatience);
    work.exec1(kLock);
    const auto state = read_state(work, known);
    if (state.missing.empty()) {
        return "";
    }
    apply(work, named(known, state.missing.front()));
    return state.missing.front();
}

}  // namespace

MigrationState migration_state(const std::string& connection, const std::vector<Migration>& known) {
    Connection session(connection);
    try {
        pqxx::work work(session.get());
        return read_state(work, known);
    } catch (const std::exception&) {
        rethrow_as_failure();
    }
}

std::vector<std::string> migrate(const std::string& owner_connection, const std::vector<Migration>& known) {
    Connection session(owner_connection);
    try {
        make_table(session);
        std::vector<std::string> applied;
        for (auto name = apply_next(session, known); !name.empty(); name = apply_next(session, known)) {
            applied.push_back(name);
        }
        return applied;
    } catch (const std::exception&) {
        rethrow_as_failure();
    }
}

}  // namespace core::db
