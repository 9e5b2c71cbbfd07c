#include "core/db/wall_rules.h"

namespace core::db {

namespace {

constexpr const char* kSuperuser = R"(
select 'database.url', 'the service would work as ' || rolname || ', a superuser, for whom no tenant''s wall stands',
       'give it a role without superuser'
from pg_roles where rolname = current_user and rolsuper)";

constexpr const char* kBypass = R"(
select 'database.url', 'the service would work as ' || rolname || ', which bypasses row-level security',
       'alter role ' || rolname || ' nobypassrls'
from pg_roles where rolname = current_user and rolbypassrls)";

// Membership in the owner's role counts as owning: `set role` is all that it takes.
constexpr const char* kOwned = R"(
select 'database.url', 'the service would work as ' || current_user || ', which owns ' || min(name)
       || ' or may act for its owner',
       'an owner can take walls down: give it a role that owns nothing and is a member of none'
from relation where pg_has_role(current_user, owner, 'MEMBER') having count(*) > 0)";

constexpr const char* kMember = R"(
select 'database.url', 'the service would work as ' || current_user || ', which is a member of ' || r.rolname,
       'revoke ' || r.rolname || ' from ' || current_user
from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles s on s.oid = m.member
where s.rolname = current_user order by 2)";

// Whoever makes roles makes itself a member of the owner's; whoever replicates reads every row.
constexpr const char* kMighty = R"(
select 'database.url', 'the service would work as ' || rolname || ', which may ' || m.what,
       'alter role ' || rolname || ' ' || m.undo
from pg_roles, lateral (values (rolcreaterole, 'make roles', 'nocreaterole'),
                               (rolreplication, 'replicate the whole database', 'noreplication')) m (may, what, undo)
where rolname = current_user and m.may)";

// With replica no trigger fires. A tenant that stands before a transaction sets one is everybody's.
constexpr const char* kSettings = R"(
select 'database.url', 'session_replication_role is ' || current_setting('session_replication_role')
       || ', with which no trigger of the books fires', 'set it to origin'
where current_setting('session_replication_role') <> 'origin'
union all
select 'database.url', 'the service would work as ' || current_user || ', which may switch the books'' triggers off',
       'revoke set on parameter session_replication_role from ' || current_user
where has_parameter_privilege(current_user, 'session_replication_role', 'set')
union all
select 'database.url', 'the setting ' || split_part(one, '=', 1) || ' is given to roles or databases beforehand',
       'alter ' || coalesce('role ' || nullif(s.setrole, 0)::regrole, 'database ' || current_database())
       || ' reset ' || split_part(one, '=', 1)
from pg_db_role_setting s, unnest(s.setconfig) one
where split_part(one, '=', 1) in ('session_replication_role', 'row_security', 'duizhang.tenant', 'search_path')
  and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
  and s.setrole in (0, (select oid from pg_roles where rolname = current_user)))";

constexpr const char* kMaking = R"(
select nspname, 'the service''s role may make objects in schema ' || nspname,
       'revoke create on schema ' || nspname || ' from public, ' || current_user
from pg_namespace
where nspname !~ '^pg_' and nspname <> 'information_schema' and has_schema_privilege(current_user, oid, 'create')
union all
select current_database(), 'the service''s role may make schemas in database ' || current_database(),
       'revoke create on database ' || current_database() || ' from public, ' || current_user
where has_database_privilege(current_user, current_database(), 'create'))";

constexpr const char* kUnforced = R"(
select name, 'table ' || name || ' doesn''t force row-level security',
       'alter table ' || name || ' enable row level security, force row level security'
from relation where kind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity) order by 1)";

// On a foreign table no policy can stand; a part of a table that lies elsewhere is read past the table's policies. A
// part needs no rights of its own.
constexpr const char* kParts = R"(
select name, 'table ' || name || ' lies in another database, where no policy of ours stands',
       'drop foreign table ' || name
from relation where kind = 'f'
union all
select part.name, 'table ' || part.name || ' is a part of ' || whole.name || ' and lies in no schema of ours',
       'detach it, or move it to the schema of its table'
from pg_inherits i join relation whole on whole.oid = i.inhparent, lateral (
    select n.nspname || '.' || c.relname as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = i.inhrelid) part
where i.inhrelid not in (select oid from relation)
union all
select name, 'rights on ' || name || ' are given, which is a part of a table and would be read past its policies',
       'revoke all on ' || name || ' from public, ' || current_user
from relation where relispartition and exists (select from aclexplode(relacl) a where a.grantee <> owner)
order by 1)";

constexpr const char* kNoTenant = R"(
select name, 'table ' || name || ' has no tenant_id that is text and not null',
       'add the column; a row without a tenant is nobody''s'
from relation r
where kind in ('r', 'p') and name <> 'core.migrations'
  and not exists (select from pg_attribute a where a.attrelid = r.oid and a.attname = 'tenant_id'
                  and a.atttypid = 'text'::regtype and a.attnotnull)
order by 1)";

// Policies are or-ed: one more that is permissive opens the wall, one more that is restrictive hides rows from the
// checks of the books.
constexpr const char* kPolicies = R"(
select name, 'table ' || name || ' has no policy, so that nobody sees its rows',
       'create policy tenant_only on ' || name || wall.made
from relation r, wall
where kind in ('r', 'p') and not exists (select from pg_policy p where p.polrelid = r.oid)
union all
select name, 'policy ' || polname || ' on ' || name
       || case nth when 1 then ' lets pass others than the rows of the transaction''s tenants, or hides some of them'
                   else ' stands beside the one that there should be' end,
       'drop policy ' || polname || ' on ' || name
       || case nth when 1 then '; create policy tenant_only on ' || name || wall.made else '' end
from wall, lateral (
    select r.name, p.*, pg_get_expr(p.polqual, r.oid) as seen, pg_get_expr(p.polwithcheck, r.oid) as written,
           row_number() over (partition by r.oid order by p.polname <> 'tenant_only', p.polname) as nth
    from relation r join pg_policy p on p.polrelid = r.oid where r.name <> 'core.migrations') found
where nth > 1 or polcmd <> '*' or not polpermissive or polroles <> '{0}'
   or seen is distinct from wall.told or written is distinct from wall.told
order by 1, 2)";

// The history of migrations belongs to no tenant, and is nobody's secret (migrations.cpp).
constexpr const char* kPoliciesOfHistory = R"(
select 'core.migrations', 'policy ' || coalesce(found.name, due.name) || ' on core.migrations '
       || case when due.name is null then 'is none of those that there should be' else 'is gone or says something else' end,
       case when found.name is null then '' else 'drop policy ' || found.name || ' on core.migrations; ' end
       || case when due.name is null then ''
               else 'create policy ' || due.name || ' on core.migrations for ' || due.verb || due.text end
from (values ('migrations_read', 'r', 'select', ' using (true)'),
             ('migrations_added', 'a', 'insert', ' with check (number > 0)'),
             ('migrations_locked', 'w', 'update', ' using (number = 0)')) due (name, command, verb, text)
full join (select p.polname::text as name, p.polcmd::text as command, p.polpermissive and p.polroles = '{0}' as plain,
                  coalesce(' using (' || trim(pg_get_expr(p.polqual, p.polrelid), '()') || ')', '')
                  || coalesce(' with check (' || trim(pg_get_expr(p.polwithcheck, p.polrelid), '()') || ')', '') as text
           from pg_policy p where p.polrelid = to_regclass('core.migrations')) found on found.name = due.name
where (found.command, found.text, found.plain) is distinct from (due.command, due.text, true) order by 2)";

// A view runs with its owner's rights unless it says otherwise, and a materialized view always did. In whatever schema:
// it needs no place of ours to show what is ours. Extensions' views are of PostgreSQL's own state.
constexpr const char* kForeignRights = R"(
select n.nspname || '.' || c.relname,
       'view ' || n.nspname || '.' || c.relname || ' reads with its owner''s rights, past row-level security',
       case c.relkind when 'm' then 'drop materialized view ' || n.nspname || '.' || c.relname
                      else 'alter view ' || n.nspname || '.' || c.relname || ' set (security_invoker = true)' end
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('v', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
  and (c.relkind = 'm' or not coalesce(
       c.reloptions && '{security_invoker=true,security_invoker=on,security_invoker=yes,security_invoker=1}', false))
order by 1)";

constexpr const char* kRewritten = R"(
select name, 'rule ' || w.rulename || ' on ' || name || ' does something else than the statement says',
       'drop rule ' || w.rulename || ' on ' || name
from relation r join pg_rewrite w on w.ev_class = r.oid where w.rulename <> '_RETURN' order by 1)";

// Those too that stand behind foreign keys.
constexpr const char* kTriggersOff = R"(
select name, 'trigger ' || t.tgname || ' on ' || name || ' is switched off',
       'alter table ' || name || ' enable trigger ' || t.tgname
from relation r join pg_trigger t on t.tgrelid = r.oid where t.tgenabled not in ('O', 'A') order by 1, 2)";

// A key without the tenant tells one tenant that another has it; a foreign key without it leads to another's row, and
// what a cascade removes is another's too.
constexpr const char* kKeys = R"(
select name, 'unique index ' || i.indexrelid::regclass || ' of ' || name || ' does not contain tenant_id',
       'a tenant''s key tells of another''s: make it anew with tenant_id'
from relation r join pg_index i on i.indrelid = r.oid
join pg_attribute t on t.attrelid = r.oid and t.attname = 'tenant_id'
where i.indisunique and t.attnum <> all (i.indkey::smallint[])
union all
select name, 'foreign key ' || k.conname || ' of ' || name || ' leads past tenant_id, or changes what it leads from',
       'a row may stand for another tenant''s: make it anew from tenant_id to tenant_id, and without cascade'
from relation r join pg_constraint k on k.conrelid = r.oid and k.contype = 'f'
where k.confdeltype <> 'a' or k.confupdtype <> 'a' or not exists (
    select from unnest(k.conkey, k.confkey) as pair (here, there)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.here and a.attname = 'tenant_id'
    join pg_attribute b on b.attrelid = k.confrelid and b.attnum = pair.there and b.attname = 'tenant_id')
order by 1, 2)";

constexpr const char* kFunctionsAmiss = R"(
select name, 'function ' || name || ' runs with its owner''s rights and finds its tables by the caller''s path',
       'alter function ' || name || ' set search_path = pg_catalog, pg_temp'
from function where prosecdef and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false)
union all
select p.oid::regprocedure::text, 'function ' || p.oid::regprocedure || ' is called leakproof, and sees rows before policies do',
       'alter function ' || p.oid::regprocedure || ' not leakproof'
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.proleakproof and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
order by 1, 2)";

// Never immutable: a prepared statement would keep the first tenant's answer for the second.
constexpr const char* kTenants = R"(
select 'core.tenants()', 'function core.tenants() does not give the transaction''s tenants and nothing else',
       'make it anew as migration 0005_many_at_once has it, stable and with no settings'
where not exists (
    select from function
    where name = 'core.tenants()' and provolatile = 's' and not prosecdef and proconfig is null
      and prorettype = 'text[]'::regtype
      and pg_get_function_sqlbody(oid) = 'RETURN string_to_array(NULLIF(current_setting('
          '''duizhang.tenant''::text, true), ''''::text), '',''::text)'))";

// One owner: another can change what is its own, whatever the others say.
constexpr const char* kOwners = R"(
select name, name || ' belongs to ' || pg_get_userbyid(has) || ' and not to ' || pg_get_userbyid(of_most.owner)
       || ', who owns the others',
       'alter ' || what || ' ' || name || ' owner to ' || pg_get_userbyid(of_most.owner)
from of_most, lateral (
    select name, owner as has, case kind when 'v' then 'view' when 'S' then 'sequence' else 'table' end as what
    from relation
    union all
    select nspname, nspowner, 'schema' from pg_namespace where nspname in (select name from ours)
    union all
    select name, proowner, 'function' from function) things
where has <> of_most.owner order by 1)";

// What is made later must not be everybody's from the beginning.
constexpr const char* kDefaults = R"(
select 'default privileges', 'what ' || pg_get_userbyid(d.defaclrole) || ' makes is given to '
       || case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee) end || ' from the beginning',
       'alter default privileges for role ' || pg_get_userbyid(d.defaclrole) || ' revoke ' || lower(a.privilege_type)
       || ' on ' || case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
                                         when 'T' then 'types' else 'schemas' end
       || ' from ' || case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee) end
from pg_default_acl d, aclexplode(d.defaclacl) a
where a.grantee <> d.defaclrole
union all
select 'default privileges', 'functions that ' || pg_get_userbyid(owner) || ' makes are given to public from the beginning',
       'alter default privileges for role ' || pg_get_userbyid(owner) || ' revoke execute on functions from public'
from of_most
where not exists (select from pg_default_acl d where d.defaclrole = owner and d.defaclobjtype = 'f' and d.defaclnamespace = 0)
order by 2)";

constexpr const char* kRules[] = {kSuperuser,      kBypass,    kOwned,       kMember,
                                  kMighty,         kSettings,  kMaking,      kUnforced,
                                  kParts,          kNoTenant,  kPolicies,    kPoliciesOfHistory,
                                  kForeignRights,  kRewritten, kTriggersOff, kKeys,
                                  kFunctionsAmiss, kTenants,   kOwners,      kDefaults};

}  // namespace

const char* const kWords = R"(
with ours (name) as (
    values ('core'::name), ('config'), ('audit'), ('ledger'), ('payments'), ('reconciliation'), ('access')),
relation as (
    select c.oid, n.nspname || '.' || c.relname as name, c.relkind as kind, c.relowner as owner, c.relacl,
           c.relrowsecurity, c.relforcerowsecurity, c.relispartition
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in (select name from ours) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')),
function as (
    select p.*, n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')' as name
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in (select name from ours)),
of_most as (select mode() within group (order by owner) as owner from relation),
wall as (
    select '(array_position(( SELECT core.tenants() AS tenants), tenant_id) IS NOT NULL)' as told,
           ' using (array_position((select core.tenants()), tenant_id) is not null)'
           ' with check (array_position((select core.tenants()), tenant_id) is not null)' as made))";

std::span<const char* const> wall_rules() { return kRules; }

const char* const kGivenRights = R"(
select kind, object, part, case grantee when 0 then 'public' else pg_get_userbyid(grantee) end, privilege_type
from (select kind, name as object, '' as part, owner, a.grantee, a.privilege_type from relation, aclexplode(relacl) a
      union all
      select kind, name, t.attname, owner, a.grantee, a.privilege_type
      from relation r join pg_attribute t on t.attrelid = r.oid and not t.attisdropped, aclexplode(t.attacl) a
      union all
      select 'n', nspname, '', nspowner, a.grantee, a.privilege_type
      from pg_namespace, aclexplode(nspacl) a where nspname in (select name from ours)
      union all
      select 'f', name, '', proowner, a.grantee, a.privilege_type
      from function, aclexplode(coalesce(proacl, acldefault('f', proowner))) a) given
where grantee <> owner order by 2, 3, 4, 5)";

const char* const kFunctions = R"(
select left(name, strpos(name, '(') - 1), name, prosrc, prosqlbody is not null, prosecdef from function order by 2)";

const char* const kTriggers = R"(
select name, t.tgname, pg_get_triggerdef(t.oid)
from relation r join pg_trigger t on t.tgrelid = r.oid where not t.tgisinternal order by 1, 2)";

}  // namespace core::db
