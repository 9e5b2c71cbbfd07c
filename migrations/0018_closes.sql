-- 0018_closes: business days are closed, and what is dated within them stays as it is.
--
-- Why    A day that was reconciled, reported and taxed must not get another entry, whoever writes. Money that comes
--        late is booked all the same, on the first open day: the program sees to that, the database refuses the rest.
--        Who posts holds the tenant's days open (0011), and who closes waits for all of them, so that none of them
--        has looked at what is closed before the close and writes after it.
-- Locks  A new table; entries for a moment.
-- Undo   Drop triggers, function and table.

create table ledger.closes (
    tenant_id      text        not null,
    closed_until   date        not null,   -- all business days up to and including this
    after_day      date,                   -- those up to and including this were closed before; null for the first
    until_entry    bigint      not null,   -- no entry with a greater number was there when it was made
    entry_count    bigint      not null,   -- of the days that it closes
    entries        bytea       not null,   -- the digest of these
    trial_balance  bytea       not null,   -- the digest of all accounts' sums when it was made
    accepted       text        not null,   -- what was open and accepted, and why; empty for nothing
    previous       bytea       not null,   -- the digest of the close before; empty for the first
    closed_at      timestamptz not null,
    digest         bytea       not null,
    signature      bytea       not null,   -- Ed25519, of the digest

    constraint closes_pk primary key (tenant_id, closed_until),
    constraint closes_follow_each_other unique (tenant_id, previous),
    constraint closes_forward check (after_day < closed_until),
    constraint closes_signed check (octet_length(digest) = 32 and octet_length(signature) = 64)
);
create trigger closes_immutable before update or delete on ledger.closes
    for each row execute function ledger.refuse_change();
create trigger closes_not_truncated before truncate on ledger.closes execute function ledger.refuse_change();
alter table ledger.closes enable row level security;
alter table ledger.closes force row level security;
create policy tenant_only on ledger.closes
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert on ledger.closes to duizhang_service;

-- A session plans this once, perhaps while the table is small enough to be read whole.
create function ledger.refuse_closed_day() returns trigger language plpgsql set enable_seqscan = off as $$
begin
    if exists (select from (select tenant_id, min(business_date) as first_day from new_entries group by 1) e
               where e.first_day <= (select max(c.closed_until) from ledger.closes c
                                     where c.tenant_id = e.tenant_id)) then
        raise exception 'an entry is dated within days that are closed'
            using errcode = '23514', constraint = 'entries_on_open_days', schema = 'ledger', table = 'entries';
    end if;
    return null;
end $$;
revoke execute on function ledger.refuse_closed_day() from public;
create trigger entries_on_open_days after insert on ledger.entries
    referencing new table as new_entries for each statement execute function ledger.refuse_closed_day();
