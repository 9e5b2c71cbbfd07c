// Every way of weakening a wall that the catalogue of a migrated database offers: generated, so that a new table, view,
// function, trigger or policy is weakened too.
#pragma once

#include <pqxx/pqxx>
#include <string>
#include <utility>
#include <vector>

namespace test_support {

struct Weakening {
    std::string kind;  // what is weakened: "policy", "row security", "grant" ...
    std::string sql;   // as the superuser, in one transaction
};

namespace weakened {

using All = std::vector<Weakening>;

inline const std::string kOurs =
    " n.nspname in ('core', 'config', 'audit', 'ledger', 'payments', 'reconciliation', 'access') ";

// What the query answers takes the places of @1, @2 ... in each of the statements.
inline void add(All& all, pqxx::transaction_base& session, const std::string& query, const std::string& kind,
                const std::vector<std::string>& statements) {
    for (const auto& row : session.exec(query)) {
        for (auto sql : statements) {
            for (pqxx::row_size_type i = 0; i < row.size(); ++i) {
                const auto place = "@" + std::to_string(i + 1);
                for (auto at = sql.find(place); at != std::string::npos; at = sql.find(place)) {
                    sql.replace(at, place.size(), row[i].c_str());
                }
            }
            all.push_back({kind, sql});
        }
    }
}

inline void add_tables(All& all, pqxx::transaction_base& session) {
    const auto tables =
        "select c.oid::regclass::text, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where" +
        kOurs + "and c.relkind in ('r', 'p')";
    add(all, session, tables, "row security",
        {"alter table @1 disable row level security", "alter table @1 no force row level security"});
    add(all, session, tables, "policy added",
        {"create policy more on @1 using (true)", "create policy more on @1 for select to public using (true)",
         "create policy more on @1 for insert to duizhang_service with check (true)",
         "create policy more on @1 as restrictive using (false)",
         "create policy more on @1 as restrictive for select using (random() < 0.5)"});
    add(all, session, tables, "grant",
        {"grant truncate on @1 to duizhang_service", "grant references on @1 to duizhang_service",
         "grant trigger on @1 to duizhang_service", "grant select on @1 to public", "grant all on @1 to public",
         "create role onlooker; grant select on @1 to onlooker"});
    add(all, session, tables, "owner",
        {"alter table @1 owner to duizhang_service", "alter table @1 owner to duizhang_admin"});
    add(all, session, tables, "rule", {"create rule aside as on insert to @1 do instead nothing"});
    add(all, session, tables, "view",
        {"create view core.peephole as select * from @1; alter view core.peephole owner to duizhang_owner",
         "create view public.peephole with (security_invoker = false) as select * from @1",
         "create materialized view core.peephole as select * from @1"});
    add(all, session, tables, "part",
        {"create table core.child () inherits (@1); alter table core.child owner to duizhang_owner",
         "create table public.child () inherits (@1)"});
}

inline void add_columns(All& all, pqxx::transaction_base& session) {
    const auto with_tenant =
        "select c.oid::regclass::text, (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0"
        " and a.attname <> 'tenant_id' and not a.attisdropped and a.atttypid <> 'jsonb'::regtype order by attnum limit "
        "1)"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id' where" +
        kOurs + "and c.relkind in ('r', 'p')";
    add(all, session, with_tenant, "key", {"create unique index without_tenant on @1 (@2)"});
    add(all, session,
        with_tenant +
            "and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary"
            " and t.attnum = any (i.indkey::smallint[]))",
        "column", {"alter table @1 alter column tenant_id drop not null"});
    const auto references =
        "select k.conrelid::regclass::text, k.conname, pg_get_constraintdef(k.oid) from pg_constraint k"
        " join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace where" +
        kOurs + "and k.contype = 'f'";
    add(all, session, references, "foreign key",
        {"alter table @1 drop constraint @2, add constraint @2 @3 on delete cascade"});
    // Of a computed column PostgreSQL itself refuses it.
    add(all, session,
        references +
            " and not exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)"
            " and a.attgenerated <> '')",
        "foreign key", {"alter table @1 drop constraint @2, add constraint @2 @3 on update cascade"});
}

inline void add_policies(All& all, pqxx::transaction_base& session) {
    const auto policies =
        "select p.polname, c.oid::regclass::text from pg_policy p join pg_class c on c.oid = p.polrelid"
        " join pg_namespace n on n.oid = c.relnamespace where" +
        kOurs;
    add(all, session, policies, "policy", {"drop policy @1 on @2"});
    add(all, session, policies + "and p.polcmd in ('*', 'r') and pg_get_expr(p.polqual, c.oid) <> 'true'", "policy",
        {"alter policy @1 on @2 using (true)"});
    add(all, session, policies + "and p.polcmd = 'r'", "policy", {"alter policy @1 on @2 using (false)"});
    add(all, session, policies + "and p.polcmd in ('*', 'a', 'w')", "policy",
        {"alter policy @1 on @2 with check (true)"});
    add(all, session, policies + "and p.polcmd = '*'", "policy",
        {"alter policy @1 on @2 using (tenant_id like '%')",
         "alter policy @1 on @2 using (array_position((select core.tenants()), tenant_id) is not null or tenant_id = "
         "'')",
         "alter policy @1 on @2 to duizhang_service",
         "drop policy @1 on @2; create policy @1 on @2 for select using"
         " (array_position((select core.tenants()), tenant_id) is not null)"});
}

inline void add_rights(All& all, pqxx::transaction_base& session) {
    add(all, session,
        "select p, c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace,"
        " unnest(array['insert', 'update', 'delete']) p where" +
            kOurs + "and c.relkind in ('r', 'p', 'v') and not has_table_privilege('duizhang_service', c.oid, p)",
        "grant", {"grant @1 on @2 to duizhang_service", "grant @1 on @2 to duizhang_service with grant option"});
    add(all, session,
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace where" + kOurs +
            "and c.relkind = 'v'",
        "view",
        {"alter view @1 set (security_invoker = false)", "alter view @1 reset (security_invoker)",
         "alter view @1 owner to duizhang_service", "alter view @1 owner to duizhang_admin",
         "grant select on @1 to public"});
    add(all, session,
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace where" + kOurs +
            "and c.relkind = 'S'",
        "grant", {"grant update on sequence @1 to duizhang_service", "grant usage on sequence @1 to public"});
    add(all, session, "select n.nspname from pg_namespace n where" + kOurs, "schema",
        {"grant create on schema @1 to duizhang_service", "grant create on schema @1 to public",
         "grant usage on schema @1 to public", "alter schema @1 owner to duizhang_admin"});
}

inline void add_functions(All& all, pqxx::transaction_base& session) {
    const auto functions =
        "select p.oid::regprocedure::text, replace(pg_get_functiondef(p.oid), p.prosrc,"
        " case when p.prolang = (select oid from pg_language where lanname = 'sql')"
        " then 'select null::' || p.prorettype::regtype when p.prorettype = 'void'::regtype then 'begin end'"
        " else 'begin return null; end' end)"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace where" +
        kOurs;
    add(all, session, functions, "function",
        {"alter function @1 leakproof", "grant execute on function @1 to public",
         "alter function @1 owner to duizhang_admin", "drop function @1 cascade"});
    add(all, session, functions + "and not p.prosecdef", "function", {"alter function @1 security definer"});
    add(all, session, functions + "and p.prosecdef", "function",
        {"alter function @1 reset search_path", "alter function @1 set search_path = public, pg_temp",
         "alter function @1 set search_path = '$user', public", "grant execute on function @1 to duizhang_service"});
    add(all, session, functions + "and p.prosrc <> ''", "function", {"@2"});
    for (const char* sql :
         {"create or replace function core.tenants() returns text[] language sql stable as"
          " $$ select array_agg(distinct tenant_id) from ledger.accounts $$",
          "create or replace function core.tenants() returns text[] language sql stable return array['a', 'b']",
          "create or replace function core.tenants() returns text[] language sql immutable"
          " return string_to_array(nullif(current_setting('duizhang.tenant', true), ''), ',')",
          "create or replace function core.tenants() returns text[] language sql stable"
          " return string_to_array(coalesce(current_setting('duizhang.tenant', true), 'canary'), ',')",
          "alter function core.tenants() set duizhang.tenant = 'somebody'",
          "set local role duizhang_owner; drop function ledger.refuse_account();"
          " create function ledger.refuse_account() returns bigint language sql return 0; reset role",
          "create function core.everything() returns setof ledger.accounts language sql security definer as"
          " $$ select * from ledger.accounts $$",
          "create function public.everything() returns bigint language sql leakproof as 'select 1::bigint'"}) {
        all.push_back({"function", sql});
    }
}

inline void add_triggers(All& all, pqxx::transaction_base& session) {
    const auto triggers =
        "select t.tgname, c.oid::regclass::text,"
        " regexp_replace(pg_get_triggerdef(t.oid), '( WHEN \\(.*\\))? EXECUTE ', ' WHEN (false) EXECUTE '),"
        " regexp_replace(pg_get_triggerdef(t.oid), 'EXECUTE FUNCTION .*', 'EXECUTE FUNCTION core.nothing()')"
        " from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace where" +
        kOurs + "and not t.tgisinternal";
    add(all, session, triggers, "trigger",
        {"alter table @2 disable trigger @1", "alter table @2 enable replica trigger @1", "drop trigger @1 on @2",
         "drop trigger @1 on @2; @3",
         "create function core.nothing() returns trigger language plpgsql as 'begin return new; end';"
         " drop trigger @1 on @2; @4"});
    add(all, session,
        "select distinct c.oid::regclass::text from pg_trigger t join pg_class c on c.oid = t.tgrelid"
        " join pg_namespace n on n.oid = c.relnamespace where" +
            kOurs,
        "trigger", {"alter table @1 disable trigger all"});
}

inline void add_others(All& all) {
    for (const char* sql :
         {"alter role duizhang_service superuser", "alter role duizhang_service bypassrls",
          "alter role duizhang_service createrole", "alter role duizhang_service replication",
          "grant duizhang_owner to duizhang_service", "grant duizhang_admin to duizhang_service",
          "grant pg_read_all_data to duizhang_service", "grant pg_write_all_data to duizhang_service",
          "grant pg_execute_server_program to duizhang_service", "create role other; grant other to duizhang_service",
          "create role other; grant duizhang_owner to other; grant other to duizhang_service",
          "alter role duizhang_service set duizhang.tenant = 'somebody'",
          "alter role duizhang_service set session_replication_role = replica",
          "alter role duizhang_service set search_path = public",
          "grant set on parameter session_replication_role to duizhang_service",
          "set local session_replication_role = replica"}) {
        all.push_back({"role", sql});
    }
    for (const char* sql :
         {"alter default privileges for role duizhang_owner grant select on tables to public",
          "alter default privileges for role duizhang_owner in schema ledger grant all on tables to duizhang_service",
          "alter default privileges for role duizhang_owner grant execute on functions to public",
          "grant create on schema public to public",
          "create schema mine; grant create on schema mine to duizhang_service",
          "do $$ begin execute format('grant create on database %I to duizhang_service', current_database()); end $$",
          "do $$ begin execute format('alter database %I set duizhang.tenant = x', current_database()); end $$",
          "create foreign data wrapper far; create server far foreign data wrapper far;"
          " create foreign table ledger.far (tenant_id text not null) server far",
          "create table ledger.bare (tenant_id text not null)",
          "create table ledger.more (tenant_id text not null); alter table ledger.more owner to duizhang_owner;"
          " alter table ledger.more enable row level security, force row level security",
          "create table ledger.of_nobody (a int); alter table ledger.of_nobody owner to duizhang_owner;"
          " alter table ledger.of_nobody enable row level security, force row level security;"
          " create policy tenant_only on ledger.of_nobody using (a = 1)"}) {
        all.push_back({"default or new object", sql});
    }
    // A well-made table in parts, of which one can be read by itself.
    const std::string wall = "(array_position((select core.tenants()), tenant_id) is not null)";
    std::string parts =
        "set local role duizhang_owner; create table ledger.whole (tenant_id text not null, day date)"
        " partition by range (day); create table ledger.leaf partition of ledger.whole default;";
    for (const std::string table : {"ledger.whole", "ledger.leaf"}) {
        parts += "alter table " + table + " enable row level security; alter table " + table +
                 " force row level security; create policy tenant_only on " + table + " using " + wall +
                 " with check " + wall + ";";
    }
    all.push_back({"part", parts + "grant select on ledger.leaf to duizhang_service; reset role"});
    all.push_back({"part", parts + "alter table ledger.leaf disable row level security; reset role"});
    all.push_back({"part", parts + "drop policy tenant_only on ledger.leaf; reset role"});
}

}  // namespace weakened

inline std::vector<Weakening> weakenings(pqxx::transaction_base& session) {
    weakened::All all;
    weakened::add_tables(all, session);
    weakened::add_columns(all, session);
    weakened::add_policies(all, session);
    weakened::add_rights(all, session);
    weakened::add_functions(all, session);
    weakened::add_triggers(all, session);
    weakened::add_others(all);
    return all;
}

}  // namespace test_support
