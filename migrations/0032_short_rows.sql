-- 0032_short_rows: lines of busy accounts and of long entries lie in short rows.
--
-- Why    A page, and a row of lines that wait, had as many lines as came together: some thousand of an account that is
--        in every entry, four hundred where entries have fifty legs. What is longer than 2,000 bytes is kept beside the
--        table and compressed, and PostgreSQL unpacks it again for each element that is read, so that reading was
--        quadratic: a balance beside 40,000 lines that waited took a second. And entries of many legs waited by their
--        number and not by that of their lines.
-- Locks  All of ledger, for as long as it takes to enter what waits and to write long pages anew.
-- Undo   Roll forward.

-- A line that waits says its account, its entry, its number there, its amount in minor units, and its business day as
-- days since 2000-01-01. A session plans once, so rows that stand are looked up by their keys however few there are.
create or replace function ledger.enter_on_pages(tenants text[]) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    -- What is added to turnovers, and then to balances: one after the other.
    accounts bigint[];
    months   boolean[];
    firsts   date[];
    debits   bigint[];
    credits  bigint[];
    names    text[];
    codes    text[];
    stood    bigint;
begin
    with taken as (delete from ledger.new_legs where tenant_id = any (tenants) returning *),
    line as materialized (
        select t.tenant_id, t.currency, t.lines[n][1] as account_no, t.lines[n][2] as entry_id,
               t.lines[n][3] as leg_no, t.lines[n][4] as amount, t.lines[n][5]::integer as day
        from taken t, generate_subscripts(t.lines, 1) as n),
    -- Their lines come to several pages, each short enough to stand in the table itself; an entry's to one.
    busy as materialized (select account_no from line group by account_no having count(*) > 80),
    entered as (
        insert into ledger.pages (account_no, first_entry_id, lines, tenant_id, currency)
        select account_no, min(entry_id), array_agg(array[entry_id, leg_no, amount]), tenant_id, currency
        from line where account_no not in (select account_no from busy)
        group by account_no, tenant_id, currency, entry_id / 4096
        union all
        select account_no, min(entry_id), array_agg(array[entry_id, leg_no, amount]), tenant_id, currency
        from (select *, rank() over (partition by account_no, tenant_id, currency, entry_id / 4096
                                     order by entry_id) as place
              from line where account_no in (select account_no from busy)) ranked
        group by account_no, tenant_id, currency, entry_id / 4096, (place - 1) / 80),
    by_day as materialized (
        select account_no, date '2000-01-01' + line.day as day, sum(greatest(amount, 0)) as debit,
               sum(greatest(-amount, 0)) as credit, tenant_id, currency
        from line group by account_no, line.day, tenant_id, currency),
    turned_over as (
        select account_no, p.whole_month, p.starts, sum(debit)::bigint as debit, sum(credit)::bigint as credit,
               tenant_id, currency
        from by_day cross join lateral (values (false, day), (true, day - extract(day from day)::integer + 1))
                    as p (whole_month, starts)
        group by 1, 2, 3, 6, 7)
    select array_agg(account_no), array_agg(whole_month), array_agg(starts), array_agg(debit), array_agg(credit),
           array_agg(tenant_id), array_agg(currency)
    into accounts, months, firsts, debits, credits, names, codes from turned_over;

    update ledger.turnovers t
    set debit_minor = t.debit_minor + p.debit, credit_minor = t.credit_minor + p.credit
    from unnest(accounts, months, firsts, debits, credits, names, codes)
         as p (account_no, whole_month, starts, debit, credit, tenant_id, currency)
    where t.account_no = p.account_no and t.whole_month = p.whole_month and t.starts = p.starts
      and t.currency = p.currency and t.tenant_id = p.tenant_id;
    get diagnostics stood = row_count;
    if stood < cardinality(accounts) then
        insert into ledger.turnovers (account_no, whole_month, starts, debit_minor, credit_minor, tenant_id, currency)
        select p.account_no, p.whole_month, p.starts, p.debit, p.credit, p.tenant_id, p.currency
        from unnest(accounts, months, firsts, debits, credits, names, codes)
             as p (account_no, whole_month, starts, debit, credit, tenant_id, currency)
        where not exists (select from ledger.turnovers t
                          where t.account_no = p.account_no and t.whole_month = p.whole_month
                            and t.starts = p.starts and t.currency = p.currency and t.tenant_id = p.tenant_id);
    end if;

    -- What all of an account's months add to its balance.
    select array_agg(account_no), array_agg(debit), array_agg(credit), array_agg(tenant_id), array_agg(currency)
    into accounts, debits, credits, names, codes
    from (select account_no, sum(debit)::bigint as debit, sum(credit)::bigint as credit, tenant_id, currency
          from unnest(accounts, months, debits, credits, names, codes)
               as p (account_no, whole_month, debit, credit, tenant_id, currency)
          where whole_month group by 1, 4, 5) added;
    update ledger.balances b
    set debit_minor = b.debit_minor + a.debit, credit_minor = b.credit_minor + a.credit
    from unnest(accounts, debits, credits, names, codes) as a (account_no, debit, credit, tenant_id, currency)
    where b.account_no = a.account_no and b.currency = a.currency and b.tenant_id = a.tenant_id;
    get diagnostics stood = row_count;
    if stood < cardinality(accounts) then
        insert into ledger.balances (account_no, debit_minor, credit_minor, tenant_id, currency)
        select a.account_no, a.debit, a.credit, a.tenant_id, a.currency
        from unnest(accounts, debits, credits, names, codes) as a (account_no, debit, credit, tenant_id, currency)
        where not exists (select from ledger.balances b
                          where b.account_no = a.account_no and b.currency = a.currency
                            and b.tenant_id = a.tenant_id);
    end if;
end $$;

-- P3, and the legs as they wait for the pages of their accounts. The service may write entries alone.
create or replace function ledger.enter_legs() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
    unbalanced bigint;
    largest    bigint;
    many       boolean;
    due        text[];
begin
    with leg as materialized (
        select e.tenant_id, e.entry_id, e.business_date - date '2000-01-01' as day, l.currency, l.amount, l.leg_no,
               cardinality(e.leg_amounts) as legs,
               coalesce((select a.account_no from ledger.accounts a
                         where a.tenant_id = e.tenant_id and a.account = l.account),
                        ledger.refuse_account()) as account_no
        from new_entries e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality
                            as l (account, currency, amount, leg_no)),
    -- Rows of some entries each, or of a part of a long one: short enough to stand in the table itself.
    waiting as (
        insert into ledger.new_legs (lines, tenant_id, currency)
        select array_agg(array[account_no, entry_id, leg_no, amount, day]), tenant_id, currency
        from leg
        group by tenant_id, currency, case when legs <= 5 then entry_id / 8 else -entry_id end, (leg_no - 1) / 40)
    select count(*) filter (where sum <> 0), max(most) into unbalanced, largest
    from (select sum(amount), max(amount) as most from leg group by tenant_id, entry_id, currency) of_entries;
    if unbalanced > 0 then
        raise exception 'debits and credits differ in a currency'
            using errcode = '23514', constraint = 'legs_balance', schema = 'ledger', table = 'entries';
    end if;

    -- Whose legs come to pages and balances now: by a number that no pattern of posting avoids, for one entry in 256,
    -- or, in a statement of so many and of long entries, once in 8,192 legs; and of all, where so much was posted that a balance may leave
    -- its 64 bits. Who enters another tenant's at the same time is not waited for.
    many := (select count(*) >= 256 from new_entries);
    select array_agg(tenant_id) into due
    from (select distinct tenant_id from new_entries
          where (hashint8extended(entry_id, 0) & 8191) < greatest(cardinality(leg_amounts), case when many then 0 else 32 end)
             or largest > 1000000000000000) picked
    where pg_try_advisory_xact_lock(hashtextextended('balances of ' || tenant_id, 0));
    if due is not null then
        perform ledger.enter_on_pages(due);
    end if;
    return null;
end $$;

-- What waits, and pages that are long. The owner sees past the walls meanwhile.
alter table ledger.accounts no force row level security;
alter table ledger.pages no force row level security;
alter table ledger.balances no force row level security;
alter table ledger.turnovers no force row level security;
alter table ledger.new_legs no force row level security;
alter table ledger.new_legs disable trigger legs_come_with_entries;
alter table ledger.pages disable trigger legs_come_with_entries;
alter table ledger.pages disable trigger pages_immutable;
select ledger.enter_on_pages((select array_agg(distinct tenant_id) from ledger.new_legs));
with long as (
    delete from ledger.pages where array_length(lines, 1) > 80 returning *),
line as (
    select account_no, tenant_id, currency, x[1] as entry_id, x[2] as leg_no, x[3] as amount
    from long, lateral (select array_agg(v order by place) as x
                        from unnest(lines) with ordinality as u (v, place) group by (place - 1) / 3) one),
ranked as (
    select *, rank() over (partition by account_no, tenant_id, currency, entry_id / 4096 order by entry_id) as place
    from line)
insert into ledger.pages (account_no, first_entry_id, lines, tenant_id, currency)
select account_no, min(entry_id), array_agg(array[entry_id, leg_no, amount]), tenant_id, currency
from ranked group by account_no, tenant_id, currency, entry_id / 4096, (place - 1) / 80;
alter table ledger.pages enable trigger pages_immutable;
alter table ledger.pages enable trigger legs_come_with_entries;
alter table ledger.new_legs enable trigger legs_come_with_entries;
alter table ledger.new_legs force row level security;
alter table ledger.turnovers force row level security;
alter table ledger.balances force row level security;
alter table ledger.pages force row level security;
alter table ledger.accounts force row level security;
