-- 0001_foundation: the schema core, the role that the service works as, and the tenant of a transaction.
--
-- Why    Every later table's policy asks core.tenant(), and every grant names duizhang_service. The role owns
--        nothing and bypasses nothing, so no mistake in the program's SQL reaches another tenant's rows.
-- Locks  New objects only; nothing in use is touched.
-- Undo   Drop the function, and the role once no database of the cluster grants it anything.

-- A role belongs to the whole cluster: an administrator, or another database, may have made it before. The embedded
-- cluster did, with the right to log in; elsewhere the configured login becomes it with `set role`, for which it must
-- be a member.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'duizhang_service') then
        create role duizhang_service
            nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls noinherit;
        grant duizhang_service to current_user;
    end if;
end
$$;

-- What PostgreSQL gives to everybody is taken back; what the service needs is granted by name where it is made.
alter default privileges revoke execute on functions from public;
revoke all on schema core from public;
grant usage on schema core to duizhang_service;
grant select on core.migrations to duizhang_service;

-- The tenant that the transaction belongs to, or null, with which no policy lets a row pass. After a transaction that
-- set it the setting is '' in that session, not null, hence nullif. Never immutable: a prepared statement would keep
-- the first tenant's answer for the second.
create function core.tenant() returns text
    language sql stable parallel safe
    return nullif(current_setting('duizhang.tenant', true), '');

comment on function core.tenant() is 'The tenant of this transaction (setting duizhang.tenant); null without one';
grant execute on function core.tenant() to duizhang_service;
