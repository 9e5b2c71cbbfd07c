-- 0013_seals: what was posted is sealed: every entry's hash, chained and signed.
--
-- Why    Who owns the database can change rows, triggers or not. A seal says what the entries of a range of numbers
--        were when it was made; it is signed with a key that the database doesn't have, and published outside of it.
--        For a seal to know that a range is complete, who posts holds a lock of the tenant's, which he shares with all
--        others who post, before a number is taken for the entry.
-- Locks  A new table; entries for a moment.
-- Undo   Drop trigger, function and table. What was published then has nothing to be compared with.

create table ledger.seals (
    tenant_id    text        not null,
    seal_no      bigint      not null,   -- from 1, without gaps
    after_entry  bigint      not null,   -- the seal covers the entries with greater numbers than this,
    until_entry  bigint      not null,   -- up to and including this
    entry_ids    bigint[]    not null,   -- all of them, in order
    leaves       bytea       not null,   -- the SHA-256 of each, 32 bytes, in the same order
    previous     bytea       not null,   -- the digest of the seal before; empty for the first
    sealed_at    timestamptz not null,
    digest       bytea       not null,
    signature    bytea       not null,   -- Ed25519, of the digest

    constraint seals_pk primary key (tenant_id, seal_no),
    constraint seals_follow_each_other unique (tenant_id, after_entry),
    constraint seals_range check (after_entry < until_entry),
    constraint seals_leaf_for_each_entry check (octet_length(leaves) = 32 * cardinality(entry_ids)),
    constraint seals_signed check (octet_length(digest) = 32 and octet_length(signature) = 64)
);
create trigger seals_immutable before update or delete on ledger.seals
    for each row execute function ledger.refuse_change();
create trigger seals_not_truncated before truncate on ledger.seals execute function ledger.refuse_change();
alter table ledger.seals enable row level security;
alter table ledger.seals force row level security;
create policy tenant_only on ledger.seals
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert on ledger.seals to duizhang_service;

-- For who writes past the program, which takes the lock by itself, before numbers. Before the statement, hence before
-- the numbers that it takes.
create function ledger.hold_days_open() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('days of ' || name, 0))
    from (select name from unnest(core.tenants()) as t (name) order by 1) tenants;
    return null;
end $$;
revoke execute on function ledger.hold_days_open() from public;
create trigger entries_hold_days_open before insert on ledger.entries
    for each statement execute function ledger.hold_days_open();
