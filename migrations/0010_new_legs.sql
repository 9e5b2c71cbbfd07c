-- 0010_new_legs: what a statement posts waits in a row of its own, and comes to pages and balances together.
--
-- Why    A page for each account that a statement posts to is a row under a key for nearly every leg, where the
--        callbacks of many tenants share a commit. What is posted to balances already waited, for one entry in 256;
--        now the legs themselves wait there, and come to the pages of their accounts and to balances at once: a page
--        has the lines of some hundred entries, and what a leg adds to its balance needs no note of its own.
--        Legs are the sum of both, which one snapshot sees together, and so are balances.
-- Locks  All of ledger, for as long as it takes to add up what waits.
-- Undo   Roll forward.

-- The owner sees past the walls while what waited is added up.
alter table ledger.balances no force row level security;
alter table ledger.balance_changes no force row level security;
insert into ledger.balances as b (account_no, debit_minor, credit_minor, tenant_id, currency)
select l.account_no, sum(l.debit), sum(l.credit), n.tenant_id, l.currency
from ledger.balance_changes n, unnest(n.account_no, n.currency, n.debit, n.credit)
     as l (account_no, currency, debit, credit)
group by 1, 4, 5
on conflict on constraint balances_pk do update
    set debit_minor = b.debit_minor + excluded.debit_minor, credit_minor = b.credit_minor + excluded.credit_minor;
alter table ledger.balances force row level security;

drop view ledger.kept_balances;
drop view ledger.legs;
drop table ledger.balance_changes;
drop function ledger.add_up_balance_changes(text[]);

-- Legs that are on no page yet, those of some entries of a statement in a row.
create table ledger.new_legs (
    lines      bigint[] not null,   -- of each leg: its account, its entry, its number there, its amount in minor units
    tenant_id  text     not null,
    currency   text     not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create index new_legs_of_tenant on ledger.new_legs (tenant_id);
alter table ledger.new_legs enable row level security;
alter table ledger.new_legs force row level security;
create policy tenant_only on ledger.new_legs
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);

create view ledger.legs with (security_invoker = true) as
select p.tenant_id, p.account_no, p.lines[n][1] as entry_id, p.lines[n][2] as leg_no, p.currency,
       p.lines[n][3] as amount_minor   -- debit above zero, credit below
from ledger.pages p, generate_subscripts(p.lines, 1) as n
union all
select w.tenant_id, w.lines[n][1], w.lines[n][2], w.lines[n][3], w.currency, w.lines[n][4]
from ledger.new_legs w, generate_subscripts(w.lines, 1) as n;

create view ledger.kept_balances with (security_invoker = true) as
select tenant_id, account_no, currency, sum(debit_minor) as debit_minor, sum(credit_minor) as credit_minor
from (select tenant_id, account_no, currency, debit_minor, credit_minor from ledger.balances
      union all
      select w.tenant_id, w.lines[n][1], w.currency, greatest(w.lines[n][4], 0), greatest(-w.lines[n][4], 0)
      from ledger.new_legs w, generate_subscripts(w.lines, 1) as n) both_parts
group by 1, 2, 3;

-- Here and below a session plans a statement once, perhaps while its tables are small enough to be read whole.
create function ledger.enter_on_pages(tenants text[]) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
begin
    with taken as (delete from ledger.new_legs where tenant_id = any (tenants) returning *),
    line as materialized (
        select t.tenant_id, t.currency, t.lines[n][1] as account_no, t.lines[n][2] as entry_id,
               t.lines[n][3] as leg_no, t.lines[n][4] as amount
        from taken t, generate_subscripts(t.lines, 1) as n),
    entered as (
        insert into ledger.pages (account_no, first_entry_id, lines, tenant_id, currency)
        select account_no, min(entry_id), array_agg(array[entry_id, leg_no, amount]), tenant_id, currency
        from line group by account_no, tenant_id, currency, entry_id / 4096)
    insert into ledger.balances as b (account_no, debit_minor, credit_minor, tenant_id, currency)
    select account_no, sum(greatest(amount, 0)), sum(greatest(-amount, 0)), tenant_id, currency
    from line group by 1, 4, 5 order by 1, 5, 4
    on conflict on constraint balances_pk do update
        set debit_minor = b.debit_minor + excluded.debit_minor, credit_minor = b.credit_minor + excluded.credit_minor;
end $$;
revoke execute on function ledger.enter_on_pages(text[]) from public;

-- P3, and the legs as they wait for the pages of their accounts. The service may write entries alone.
create or replace function ledger.enter_legs() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
    unbalanced bigint;
    largest    bigint;
    due        text[];
begin
    with leg as materialized (
        select e.tenant_id, e.entry_id, l.currency, l.amount, l.leg_no,
               coalesce((select a.account_no from ledger.accounts a
                         where a.tenant_id = e.tenant_id and a.account = l.account),
                        ledger.refuse_account()) as account_no
        from new_entries e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality
                            as l (account, currency, amount, leg_no)),
    -- Rows of some entries each, short enough to stand in the table itself.
    waiting as (
        insert into ledger.new_legs (lines, tenant_id, currency)
        select array_agg(array[account_no, entry_id, leg_no, amount]), tenant_id, currency
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

-- Nobody enters, changes or takes any but the trigger.
create trigger legs_come_with_entries before insert or update or delete on ledger.new_legs
    for each statement when (pg_trigger_depth() = 0) execute function ledger.refuse_change();
create trigger new_legs_not_truncated before truncate on ledger.new_legs execute function ledger.refuse_change();
grant select on ledger.legs, ledger.new_legs, ledger.kept_balances to duizhang_service;
