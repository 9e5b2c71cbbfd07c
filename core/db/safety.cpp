// The start-up check that the walls between tenants stand and commits are durable.
#include <pqxx/pqxx>

#include "core/db/pool.h"
#include "core/db/work.h"

namespace core::db {

namespace {

#define DUIZHANG_SCHEMAS "('core', 'config', 'audit', 'ledger', 'payments', 'reconciliation', 'server')"

constexpr const char* kRole = "select current_user, rolsuper, rolbypassrls from pg_roles where rolname = current_user";

// Membership in the owner's role counts as owning: `set role` is all that it takes.
constexpr const char* kOwned = R"(
    select n.nspname || '.' || c.relname
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in )" DUIZHANG_SCHEMAS R"( and c.relkind in ('r', 'p', 'v', 'm', 'S')
       and pg_has_role(current_user, c.relowner, 'MEMBER')
     order by 1 limit 1)";

constexpr const char* kUnforced = R"(
    select n.nspname || '.' || c.relname
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in )" DUIZHANG_SCHEMAS R"( and c.relkind in ('r', 'p')
       and not (c.relrowsecurity and c.relforcerowsecurity)
     order by 1 limit 1)";

// A view runs with its owner's rights unless it says otherwise, and a materialized view always did.
constexpr const char* kForeignRights = R"(
    select n.nspname || '.' || c.relname
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in )" DUIZHANG_SCHEMAS R"(
       and (c.relkind = 'm' or
            (c.relkind = 'v' and not coalesce(c.reloptions @> '{security_invoker=true}'
                                              or c.reloptions @> '{security_invoker=on}', false)))
     order by 1 limit 1)";

constexpr const char* kDurable[] = {"fsync", "full_page_writes", "synchronous_commit"};

void check_role(pqxx::nontransaction& session) {
    const auto row = session.exec1(kRole);
    const auto role = row[0].as<std::string>();
    if (row[1].as<bool>()) {
        throw UsageError("database.url: the service would work as " + role +
                         ", a superuser, for whom no tenant's wall stands: give it a role without superuser");
    }
    if (row[2].as<bool>()) {
        throw UsageError("database.url: the service would work as " + role +
                         ", which bypasses row-level security: alter role " + role + " nobypassrls");
    }
    const auto owned = session.exec(kOwned);
    if (!owned.empty()) {
        throw UsageError("database.url: the service would work as " + role + ", which owns " +
                         owned[0][0].as<std::string>() + " or may act for its owner: an owner can take walls down");
    }
}

void check_tables(pqxx::nontransaction& session) {
    const auto unforced = session.exec(kUnforced);
    if (!unforced.empty()) {
        const auto table = unforced[0][0].as<std::string>();
        throw UsageError("database: table " + table + " doesn't force row-level security: alter table " + table +
                         " enable row level security, force row level security");
    }
    const auto foreign = session.exec(kForeignRights);
    if (!foreign.empty()) {
        throw UsageError("database: view " + foreign[0][0].as<std::string>() +
                         " reads with its owner's rights, past row-level security: it needs security_invoker = true");
    }
}

void check_durability(pqxx::nontransaction& session) {
    std::string off;
    for (const char* setting : kDurable) {
        if (session.exec_params1("select current_setting($1)", setting)[0].as<std::string>() == "off") {
            off += (off.empty() ? "" : ", ") + std::string(setting);
        }
    }
    if (!off.empty()) {
        throw UsageError("database: off in the server: " + off +
                         ", so that a power cut loses what was acknowledged: set to on what is named");
    }
}

}  // namespace

void require_safe_service(Database& database) {
    database.check_reachable();
    auto loan = database.impl().pool.borrow();
    try {
        pqxx::nontransaction session(loan->get());
        check_role(session);
        check_tables(session);
        check_durability(session);
    } catch (const std::exception&) {
        rethrow_as_failure();
    }
    loan.give_back();
}

}  // namespace core::db
