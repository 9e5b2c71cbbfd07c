-- 0027_bulk: what is posted in bulk comes to pages, balances and turnovers in larger parts, and for less.
--
-- Why    Half of what PostgreSQL did for a batch of a thousand entries was entering their legs: each batch changed a
--        balance and two turnovers of nearly every account there was, by an insert that looks for the row, locks it,
--        which is written to the log, and then changes it. Rows that stand are updated now, and only what is missing is
--        inserted: whoever enters has the lock on the tenant's balances, so nobody else makes a row in between. And
--        legs of large statements wait until some thousands are together, so that an account's rows are changed once
--        for several batches.
-- Locks  None: functions alone.
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
    entered as (
        insert into ledger.pages (account_no, first_entry_id, lines, tenant_id, currency)
        select account_no, min(entry_id), array_agg(array[entry_id, leg_no, amount]), tenant_id, currency
        from line group by account_no, tenant_id, currency, entry_id / 4096),
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

    -- Whose legs come to pages and balances now: by a number that no pattern of posting avoids, for one entry in 256,
    -- or, in a statement of so many, once in 8,192 legs; and of all, where so much was posted that a balance may leave
    -- its 64 bits. Who enters another tenant's at the same time is not waited for.
    many := (select count(*) >= 256 from new_entries);
    select array_agg(tenant_id) into due
    from (select distinct tenant_id from new_entries
          where (hashint8extended(entry_id, 0) & 8191) < case when many then cardinality(leg_amounts) else 32 end
             or largest > 1000000000000000) picked
    where pg_try_advisory_xact_lock(hashtextextended('balances of ' || tenant_id, 0));
    if due is not null then
        perform ledger.enter_on_pages(due);
    end if;
    return null;
end $$;
