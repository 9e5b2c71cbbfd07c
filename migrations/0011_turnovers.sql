-- 0011_turnovers: what was turned over on each account, by business day and by month; entries by when they were recorded.
--
-- Why    What stood on an account at the end of a past day was added up from all entries since the first. Turnovers are
--        kept as balances are, and entered with them: a balance at the end of a day is the sum of the months before its
--        month, and of the month's days. What the books said at a past instant is what they say now without what was
--        recorded since, which a coarse index leads to.
-- Locks  All of ledger, for as long as it takes to add entries up once.
-- Undo   Roll forward.

-- The owner sees past the walls while what waits is entered, and entries are added up.
alter table ledger.accounts no force row level security;
alter table ledger.entries no force row level security;
alter table ledger.pages no force row level security;
alter table ledger.balances no force row level security;
alter table ledger.new_legs no force row level security;
alter table ledger.new_legs disable trigger legs_come_with_entries;
alter table ledger.pages disable trigger legs_come_with_entries;
select ledger.enter_on_pages((select array_agg(distinct tenant_id) from ledger.new_legs));
alter table ledger.new_legs enable trigger legs_come_with_entries;
alter table ledger.pages enable trigger legs_come_with_entries;

create table ledger.turnovers (
    account_no    bigint  not null,
    whole_month   boolean not null,
    starts        date    not null,   -- the business day, or the month's first
    debit_minor   bigint  not null,
    credit_minor  bigint  not null,
    tenant_id     text    not null,
    currency      text    not null,

    constraint turnovers_pk primary key (account_no, whole_month, starts, currency, tenant_id),
    constraint turnovers_on_an_account foreign key (account_no, tenant_id)
        references ledger.accounts (account_no, tenant_id),
    constraint turnovers_of_a_month check (not whole_month or extract(day from starts) = 1),
    constraint turnovers_not_negative check (debit_minor >= 0 and credit_minor >= 0)
) with (fillfactor = 50);
insert into ledger.turnovers (account_no, whole_month, starts, debit_minor, credit_minor, tenant_id, currency)
select a.account_no, p.whole_month, p.starts, sum(greatest(l.amount, 0)), sum(greatest(-l.amount, 0)), e.tenant_id,
       l.currency
from ledger.entries e
cross join unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) as l (account, currency, amount)
join ledger.accounts a on a.tenant_id = e.tenant_id and a.account = l.account
cross join lateral (values (false, e.business_date), (true, e.business_date - extract(day from e.business_date)::integer + 1))
           as p (whole_month, starts)
group by 1, 2, 3, 6, 7;
create index entries_by_recording on ledger.entries using brin (tenant_id, recorded_at)
    with (pages_per_range = 32, autosummarize = on);

alter table ledger.accounts force row level security;
alter table ledger.entries force row level security;
alter table ledger.pages force row level security;
alter table ledger.balances force row level security;
alter table ledger.new_legs force row level security;
alter table ledger.turnovers enable row level security;
alter table ledger.turnovers force row level security;
create policy tenant_only on ledger.turnovers
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select on ledger.turnovers to duizhang_service;

-- A line that waits says its day, too: its account, its entry, its number there, its amount in minor units, and the
-- business day as days since 2000-01-01.
create or replace function ledger.enter_on_pages(tenants text[]) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
begin
    with taken as (delete from ledger.new_legs where tenant_id = any (tenants) returning *),
    line as materialized (
        select t.tenant_id, t.currency, t.lines[n][1] as account_no, t.lines[n][2] as entry_id,
               t.lines[n][3] as leg_no, t.lines[n][4] as amount, date '2000-01-01' + t.lines[n][5]::integer as day
        from taken t, generate_subscripts(t.lines, 1) as n),
    entered as (
        insert into ledger.pages (account_no, first_entry_id, lines, tenant_id, currency)
        select account_no, min(entry_id), array_agg(array[entry_id, leg_no, amount]), tenant_id, currency
        from line group by account_no, tenant_id, currency, entry_id / 4096),
    by_day as materialized (
        select account_no, day, sum(greatest(amount, 0)) as debit, sum(greatest(-amount, 0)) as credit, tenant_id,
               currency
        from line group by 1, 2, 5, 6),
    turned_over as (
        insert into ledger.turnovers as t (account_no, whole_month, starts, debit_minor, credit_minor, tenant_id,
                                           currency)
        select account_no, p.whole_month, p.starts, sum(debit), sum(credit), tenant_id, currency
        from by_day cross join lateral (values (false, day), (true, day - extract(day from day)::integer + 1))
                    as p (whole_month, starts)
        group by 1, 2, 3, 6, 7
        on conflict on constraint turnovers_pk do update
            set debit_minor = t.debit_minor + excluded.debit_minor,
                credit_minor = t.credit_minor + excluded.credit_minor)
    insert into ledger.balances as b (account_no, debit_minor, credit_minor, tenant_id, currency)
    select account_no, sum(debit), sum(credit), tenant_id, currency
    from by_day group by 1, 4, 5
    on conflict on constraint balances_pk do update
        set debit_minor = b.debit_minor + excluded.debit_minor, credit_minor = b.credit_minor + excluded.credit_minor;
end $$;

-- P3, and the legs as they wait for the pages of their accounts. The service may write entries alone.
create or replace function ledger.enter_legs() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
    unbalanced bigint;
    largest    bigint;
    due        text[];
begin
    with leg as materialized (
        select e.tenant_id, e.entry_id, e.business_date - date '2000-01-01' as day, l.currency, l.amount, l.leg_no,
               coalesce((select a.account_no from ledger.accounts a
                         where a.tenant_id = e.tenant_id and a.account = l.account),
                        ledger.refuse_account()) as account_no
        from new_entries e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality
                            as l (account, currency, amount, leg_no)),
    -- Rows of some entries each, short enough to stand in the table itself.
    waiting as (
        insert into ledger.new_legs (lines, tenant_id, currency)
        select array_agg(array[account_no, entry_id, leg_no, amount, day]), tenant_id, currency
        from leg group by tenant_id, currency, entry_id / 8)
    select count(*) filter (where sum <> 0), max(most) into unbalanced, largest
    from (select sum(amount), max(amount) as most from leg group by tenant_id, entry_id, currency) of_entries;
    if unbalanced > 0 then
        raise exception 'debits and credits differ in a currency'
            using errcode = '23514', constraint = 'legs_balance', schema = 'ledger', table = 'entries';
    end if;

    -- Whose legs come to pages and balances now: by a number that no pattern of posting avoids; and of all, where so
    -- much was posted that a balance may leave its 64 bits. Who enters another tenant's at the same time is not waited
    -- for.
    select array_agg(tenant_id) into due
    from (select distinct tenant_id from new_entries
          where hashint8extended(entry_id, 0) % 256 = 0 or largest > 1000000000000000) picked
    where pg_try_advisory_xact_lock(hashtextextended('balances of ' || tenant_id, 0));
    if due is not null then
        perform ledger.enter_on_pages(due);
    end if;
    return null;
end $$;
