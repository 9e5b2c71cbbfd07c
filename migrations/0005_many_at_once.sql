-- 0005_many_at_once: several tenants' callbacks in one commit, and balances that are kept, not added up anew.
--
-- Why    Callbacks of many connections share one commit (payments::take_in). Such a transaction names the tenants it
--        is for, and every policy lets pass their rows alone. What was checked row by row is now checked for all new
--        rows at once: a foreign key on each leg cost half of an insert, and locked the account that all share.
-- Locks  Each table for a moment, in the order ledger, payments, reconciliation; legs for as long as it takes to add
--        them up.
-- Undo   Roll forward.

-- The tenants that the transaction belongs to, or null, with which no policy lets a row pass. After a transaction that
-- set them the setting is '' in that session, not null, hence nullif. Never immutable: a prepared statement would keep
-- the first tenant's answer for the second.
create function core.tenants() returns text[]
    language sql stable parallel safe
    return string_to_array(nullif(current_setting('duizhang.tenant', true), ''), ',');

comment on function core.tenants() is 'The tenants of this transaction (setting duizhang.tenant); null without any';
grant execute on function core.tenants() to duizhang_service;

-- As a subquery it is asked once a statement, not once a row. And in a form that no index answers: the planner would
-- count it beside a query's own "tenant_id = ..." as a second condition, and take an index that leads to all of a
-- tenant's rows for one that leads to a few.
do $$
declare
    wall record;
begin
    for wall in
        select n.nspname, c.relname, p.polname
        from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('ledger', 'payments', 'reconciliation')
        order by 1, 2
    loop
        execute format('alter policy %I on %I.%I using (array_position((select core.tenants()), tenant_id) is not null)'
                       ' with check (array_position((select core.tenants()), tenant_id) is not null)',
                       wall.polname, wall.nspname, wall.relname);
    end loop;
end
$$;
drop function core.tenant();

-- What the legs of an account add up to. Several rows an account, so that writers at the same time don't wait for each
-- other's commit; the account's balance is their sum.
create table ledger.balances (
    tenant_id     text     not null,
    account       text     not null,
    currency      text     not null,
    stripe        smallint not null,
    debit_minor   bigint   not null,
    credit_minor  bigint   not null,

    constraint balances_pk primary key (tenant_id, account, currency, stripe),
    constraint balances_not_negative check (debit_minor >= 0 and credit_minor >= 0)
) with (fillfactor = 50);

-- The owner sees past the wall for the one statement that adds up what is there.
alter table ledger.legs no force row level security;
insert into ledger.balances (tenant_id, account, currency, stripe, debit_minor, credit_minor)
select tenant_id, account, currency, 0, coalesce(sum(amount_minor) filter (where amount_minor > 0), 0),
       coalesce(-sum(amount_minor) filter (where amount_minor < 0), 0)
from ledger.legs group by 1, 2, 3;
alter table ledger.legs force row level security;

alter table ledger.balances enable row level security;
alter table ledger.balances force row level security;
create policy tenant_only on ledger.balances
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select on ledger.balances to duizhang_service;

-- The service reads balances; legs alone change them.
create function ledger.add_to_balances() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    -- In one order, so that two that share a stripe can't wait for each other.
    insert into ledger.balances as b (tenant_id, account, currency, stripe, debit_minor, credit_minor)
    select tenant_id, account, currency, (pg_backend_pid() % 16)::smallint,
           coalesce(sum(amount_minor) filter (where amount_minor > 0), 0),
           coalesce(-sum(amount_minor) filter (where amount_minor < 0), 0)
    from new_legs group by 1, 2, 3 order by 1, 2, 3
    on conflict on constraint balances_pk do update
        set debit_minor = b.debit_minor + excluded.debit_minor, credit_minor = b.credit_minor + excluded.credit_minor;
    return null;
end $$;
revoke execute on function ledger.add_to_balances() from public;
create trigger legs_to_balances after insert on ledger.legs
    referencing new table as new_legs for each statement execute function ledger.add_to_balances();

-- P3; that an entry is written in one piece, all its legs by one statement and never more of them later (leg_no leaves
-- no room for more); that entry and account are there.
alter table ledger.legs drop constraint legs_of_an_entry, drop constraint legs_on_an_account;
create or replace function ledger.check_new_legs() returns trigger language plpgsql as $$
begin
    if exists (select from new_legs group by tenant_id, entry_id, currency having sum(amount_minor) <> 0) then
        raise exception 'debits and credits differ in a currency'
            using errcode = '23514', constraint = 'legs_balance', schema = 'ledger', table = 'legs';
    end if;
    if exists (select from (select tenant_id, entry_id, count(*) as legs, min(leg_no) as first, max(leg_no) as last
                            from new_legs group by 1, 2) n
               left join ledger.entries e using (tenant_id, entry_id)
               where e.leg_count is null or e.leg_count <> n.legs or n.first < 1 or n.last > e.leg_count) then
        raise exception 'an entry does not have the legs it says it has'
            using errcode = '23514', constraint = 'legs_complete', schema = 'ledger', table = 'legs';
    end if;
    if exists (select from (select distinct tenant_id, account from new_legs) n
               where not exists (select from ledger.accounts a
                                 where a.tenant_id = n.tenant_id and a.account = n.account)) then
        raise exception 'a leg stands on an account that was never opened'
            using errcode = '23503', constraint = 'legs_on_an_account', schema = 'ledger', table = 'legs';
    end if;
    return null;
end $$;

-- An entry without legs: found when the statement ends that wrote it, which writes its legs as well.
drop trigger entries_have_legs on ledger.entries;
drop function ledger.check_entry_has_legs();
create function ledger.check_new_entries() returns trigger language plpgsql as $$
begin
    if exists (select from new_entries e
               where e.leg_count <> (select count(*) from ledger.legs l
                                     where l.tenant_id = e.tenant_id and l.entry_id = e.entry_id)) then
        raise exception 'an entry does not have the legs it says it has'
            using errcode = '23514', constraint = 'entries_have_legs', schema = 'ledger', table = 'entries';
    end if;
    return null;
end $$;
create trigger entries_have_legs after insert on ledger.entries
    referencing new table as new_entries for each statement execute function ledger.check_new_entries();

-- Numbers for many entries are taken first, so that entries and legs are written by one statement.
grant usage on sequence ledger.entries_entry_id_seq to duizhang_service;

-- An entry is never removed, and its number is written with it: what the key checked can't come to be.
alter table payments.movements drop constraint movements_entry;

-- Indexes for reports: of booked movements, and of all entries and legs, yet for those queries alone that state what is true of every row. While the
-- planner knows nothing of a table yet, it would take them, for they begin with the tenant too, where a key is asked.
drop index payments.movements_by_day;
create index movements_by_day on payments.movements (tenant_id, channel, business_date) where entry_id is not null;
drop index ledger.entries_by_day;
create index entries_by_day on ledger.entries (tenant_id, business_date) where leg_count > 0;
drop index ledger.legs_by_account;
create index legs_by_account on ledger.legs (tenant_id, account, currency) include (amount_minor)
    where amount_minor <> 0;
-- What names neither an order nor a payment, by its own number: a few, of which most lookups find none.
create index movements_bare on payments.movements (tenant_id, channel, channel_txn_id)
    where merchant_order_id = '' and related_txn_id = '' and type <> 'payment';
