#include "core/db/canaries.h"

#include <algorithm>
#include <array>
#include <pqxx/pqxx>

#include "core/db/work.h"

namespace core::db {

namespace {

// The tables without a foreign key first; a circle doesn't occur, since keys lead from what is younger to what is
// older.
constexpr const char* kRelations = R"(
with recursive relation as (
    select c.oid, n.nspname || '.' || c.relname as name, c.relkind = 'v' as is_view,
           has_table_privilege(current_user, c.oid, 'insert') and c.relkind <> 'v' as may_insert,
           has_table_privilege(current_user, c.oid, 'select') as may_read
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('core', 'config', 'audit', 'ledger', 'payments', 'reconciliation', 'access')
      and c.relkind in ('r', 'p', 'v') and not c.relispartition
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')),
floor as (
    select oid, 0 as height from relation
    union
    select k.conrelid, height + 1 from floor join pg_constraint k on k.confrelid = floor.oid and k.contype = 'f'
    where height < 10 and k.conrelid <> k.confrelid)
select name, is_view, may_insert, may_read from relation join floor using (oid)
group by 1, 2, 3, 4 order by is_view, max(height), name)";

// What a row can't do without: name, type, and the first value that a check of the column alone lists.
constexpr const char* kColumns = R"(
select a.attname, format_type(a.atttypid, null),
       coalesce((select substring(pg_get_constraintdef(k.oid) from 'ARRAY\[''([^'']*)''') from pg_constraint k
                 where k.conrelid = a.attrelid and k.contype = 'c' and k.conkey = array[a.attnum]
                   and pg_get_constraintdef(k.oid) ~ 'ARRAY\[''' limit 1), '')
from pg_attribute a
where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
  and a.attidentity = '' and a.attgenerated = ''
order by a.attnum)";

// Legs of a sum beyond which the database enters an entry's legs on pages and balances at once (ledger.enter_legs).
constexpr const char* kLegs = "array[1000000000000001, -1000000000000001]";
constexpr const char* kWaitingEntry = R"(
insert into ledger.entries (tenant_id, event, source_key, group_key, description, occurred_at, business_date,
                            leg_accounts, leg_currencies, leg_amounts)
select $1, 'canary', 'canary waiting ' || n, '', '', now(), current_date, array['canary', 'canary'],
       array['CNY', 'CNY'], array[1, -1]
from generate_series(1, 3) n)";

// What a text has to look like is tried out: a word, a SHA-256, a code of three capitals.
constexpr std::array<const char*, 3> kTexts = {"'canary'", "repeat('a', 64)", "'AAA'"};

// What a table's checks ask of several columns together.
struct Said {
    std::string_view table, column, value;
};
constexpr Said kSaid[] = {
    {"ledger.holds", "counter_account", "'another canary'"},
    {"ledger.holds", "expires_at", "now() + interval '1 hour'"},
    {"ledger.payouts", "party_account", "'payable:canary'"},
    {"ledger.payouts", "bank_account", "'bank:canary'"},
    {"ledger.payout_steps", "payout_id", "(select max(payout_id) from ledger.payouts)"},
    {"ledger.payout_steps", "state_before", "'proposed'"},
    {"ledger.payout_steps", "state", "'rejected'"},  // which needs no entry
    {"ledger.payout_steps", "request_key", "null"},  // likewise, and no key
    {"ledger.charges", "amount_minor", "0"},         // which needs no entry
    {"ledger.seals", "until_entry", "2"},
    {"ledger.seals", "leaves", "decode(repeat('ab', 64), 'hex')"},  // of two entries
    {"ledger.seals", "signature", "decode(repeat('ab', 64), 'hex')"},
    {"access.data_keys", "wrapped", "decode(repeat('ab', 72), 'hex')"},
    {"access.data_keys", "check_value", "repeat('a', 16)"},
    {"access.data_keys", "master_check", "repeat('a', 16)"},
    {"reconciliation.agreed_movements", "block", "0"},
    {"reconciliation.agreed_movements", "movement_ids", "'{[4000,4001]}'"},
    {"reconciliation.kept_statements", "key_no", "(select max(key_no) from access.data_keys)"},
    {"reconciliation.kept_chunks", "sha256", "repeat('a', 64)"},      // of the canary's statement
    {"reconciliation.statement_views", "sha256", "repeat('a', 64)"},  // likewise
    {"audit.tombstones", "older_than", "now() + interval '1 hour'"},
    {"audit.trail", "signature", "decode(repeat('ab', 64), 'hex')"},
    {"audit.trail_heads", "signature", "decode(repeat('ab', 64), 'hex')"},
    {"ledger.closes", "after_day", "date '1970-01-01'"},  // long before the other canaries' day
    {"ledger.closes", "closed_until", "date '1970-01-02'"},
    {"ledger.closes", "signature", "decode(repeat('ab', 64), 'hex')"},
};

std::string said_of(const std::string& table, const std::string& column) {
    const auto* found = std::find_if(std::begin(kSaid), std::end(kSaid),
                                     [&](const Said& said) { return said.table == table && said.column == column; });
    return found == std::end(kSaid) ? std::string() : std::string(found->value);
}

std::string value_of(const std::string& column, const std::string& type, const std::string& listed,
                     const std::string& text) {
    const bool is_currency = column.find("currenc") != std::string::npos;
    if (type == "text" || type.starts_with("character")) {
        return !listed.empty() ? "'" + listed + "'" : is_currency ? "'CNY'" : text;
    }
    if (type == "text[]") {
        return is_currency ? "array['CNY', 'CNY']" : "array['canary', 'canary']";
    }
    if (type == "timestamp with time zone") {
        return "now()";
    }
    if (type == "date") {
        return "current_date";
    }
    if (type == "json" || type == "jsonb") {
        return "'{}'";
    }
    if (type == "boolean") {
        return "true";
    }
    if (type == "bytea") {
        return "decode(repeat('ab', 32), 'hex')";
    }
    if (type == "uuid") {
        return "'00000000-0000-4000-8000-000000000001'";
    }
    return type == "bigint[]" ? kLegs : "1";
}

std::string insert_of(pqxx::transaction_base& session, const std::string& table, const std::string& tenant,
                      const std::string& text) {
    std::string columns;
    std::string values;
    for (const auto& row : session.exec_params(kColumns, table)) {
        const std::string column = row[0].c_str();
        auto value = column == "tenant_id" ? session.quote(tenant) : said_of(table, column);
        if (value.empty()) {
            value = value_of(column, row[1].c_str(), row[2].c_str(), text);
        }
        columns += (columns.empty() ? "" : ", ") + column;
        values += (values.empty() ? "" : ", ") + value;
    }
    std::string sql = "insert into ";
    sql.append(table).append(" (").append(columns).append(") values (").append(values).append(")");
    return sql;
}

constexpr const char* kCheckViolated = "23514";

}  // namespace

std::vector<Relation> tenants_relations(pqxx::transaction_base& session) {
    std::vector<Relation> relations;
    for (const auto& row : session.exec(kRelations)) {
        relations.push_back({row[0].c_str(), row[1].as<bool>(), row[2].as<bool>(), row[3].as<bool>()});
    }
    return relations;
}

std::optional<std::string> put_canary(pqxx::nontransaction& session, const std::string& table,
                                      const std::string& tenant, std::string& refusal) {
    for (const char* text : kTexts) {
        const auto insert = insert_of(session, table, tenant, text);
        const auto tried = attempt(session, insert);
        if (tried.sqlstate.empty()) {
            session.exec(insert);
            return insert;
        }
        refusal = tried.sqlstate + (tried.constraint.empty() ? "" : " " + tried.constraint);
        if (tried.sqlstate != kCheckViolated) {
            break;
        }
    }
    return std::nullopt;
}

void put_waiting_entry(pqxx::transaction_base& session, const std::string& tenant) {
    session.exec_params(kWaitingEntry, tenant);
}

void set_tenants(pqxx::transaction_base& session, const std::string& tenants) {
    session.exec_params("select set_config('duizhang.tenant', $1, true)", tenants);
}

Attempt attempt(pqxx::nontransaction& session, const std::string& sql) {
    Attempt done;
    try {
        const auto rows = session.exec("savepoint attempt; " + sql);
        done.rows = static_cast<std::int64_t>(rows.affected_rows());
    } catch (const pqxx::broken_connection&) {
        throw;
    } catch (const pqxx::sql_error&) {
        try {
            rethrow_as_failure();
        } catch (const DatabaseFailure& failure) {
            done.sqlstate = failure.sqlstate();
            done.constraint = failure.constraint();
        }
    }
    session.exec("rollback to savepoint attempt; release savepoint attempt");
    return done;
}

}  // namespace core::db
