-- 0035_retention: tombstones of what was purged when its time was over.
--
-- Why    What is kept longer than it is needed can be lost; what disappears without a trace can't be told from what was
--        stolen or hidden. Each batch that is purged leaves one row here, in the transaction that removes it: what kind,
--        of which period, how much, its hash, when and by whom. The service removes nothing: it has no right to, and
--        `duizhang audit purge` works as the role that migrates.
--        Who was given a kept statement stays known after the statement is gone, so that key leads nowhere any more.
-- Locks  A new table; reconciliation.statement_views for a moment.
-- Undo   Drop the table while nothing was purged. After that: roll forward.

create schema if not exists audit;
grant usage on schema audit to duizhang_service;

create table audit.tombstones (
    tenant_id       text        not null,
    tombstone_no    bigint      not null generated always as identity,
    kind            text        not null,   -- callback_bodies, quarantine ...: a key of [retention] without "_days"
    subject         text        not null,   -- of what lay on disk its folder: stripe/2026-01-02; else empty
    older_than      timestamptz not null,   -- what was recorded before
    first_at        timestamptz not null,   -- of what was removed
    last_at         timestamptz not null,
    record_count    bigint      not null,   -- rows, or files
    byte_count      bigint      not null,
    content_sha256  text        not null,   -- of the records' hashes in their order (docs/reference.md)
    purged_at       timestamptz not null,
    purged_by       text        not null,   -- the login's name of whoever ran the command

    constraint tombstones_pk primary key (tenant_id, tombstone_no),
    constraint tombstones_kind check (kind in ('callback_bodies', 'quarantine', 'kept_statements', 'statement_files',
                                               'review_lists')),
    constraint tombstones_something check (record_count > 0 and byte_count >= 0),
    constraint tombstones_period check (first_at <= last_at and last_at < older_than),
    constraint tombstones_sha256 check (content_sha256 ~ '^[0-9a-f]{64}$')
);

create function audit.refuse_tombstone_change() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception 'tombstones are never changed'
        using errcode = '23001', constraint = 'tombstones_immutable', schema = 'audit', table = 'tombstones';
end $$;
create trigger tombstones_immutable before update or delete on audit.tombstones
    for each row execute function audit.refuse_tombstone_change();
create trigger tombstones_not_truncated before truncate on audit.tombstones
    execute function audit.refuse_tombstone_change();

alter table audit.tombstones enable row level security;
alter table audit.tombstones force row level security;
create policy tenant_only on audit.tombstones
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert on audit.tombstones to duizhang_service;

alter table reconciliation.statement_views drop constraint statement_views_of_kept;
