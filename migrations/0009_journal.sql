-- 0009_journal: an entry is one row of the journal; the database enters its legs on the pages of their accounts.
--
-- Why    An entry's legs are written where they are read: with their entry, whole, in its row (that they are all there,
--        and add up, is that row's affair alone), and on their accounts, for an account's lines. Nobody but the trigger
--        enters them there: a statement writes one page an account, not a row a leg, which a busy account has many of.
--        A balance was a row that every batch changed for every account it touched. Now a batch notes what it adds to
--        all accounts of a tenant in one new row, and one entry in 256 adds the notes of its tenant up. Balances are
--        the sum of both, which one snapshot sees together; who reads one adds up some hundred notes at most times.
-- Locks  All of ledger, for as long as it takes to write entries, legs and balances anew.
-- Undo   Roll forward.

alter table ledger.accounts
    add column account_no bigint not null generated always as identity,
    add constraint accounts_once unique (account_no, tenant_id);

-- The owner sees past the walls while old rows are written anew.
alter table ledger.accounts no force row level security;
alter table ledger.entries no force row level security;
alter table ledger.legs no force row level security;
alter table ledger.balances no force row level security;

alter table ledger.entries
    add column leg_accounts text[],
    add column leg_currencies text[],
    add column leg_amounts bigint[];   -- minor units; debit above zero, credit below
drop trigger entries_have_legs on ledger.entries;
drop function ledger.check_new_entries();
drop index ledger.entries_by_day;

alter table ledger.entries disable trigger entries_immutable;
update ledger.entries e
set (leg_accounts, leg_currencies, leg_amounts) =
    (select array_agg(account order by leg_no), array_agg(currency order by leg_no),
            array_agg(amount_minor order by leg_no)
     from ledger.legs l where l.tenant_id = e.tenant_id and l.entry_id = e.entry_id);
alter table ledger.entries enable trigger entries_immutable;

alter table ledger.entries
    drop column leg_count,
    alter column leg_accounts set not null,
    alter column leg_currencies set not null,
    alter column leg_amounts set not null,
    add constraint entries_two_legs check (cardinality(leg_amounts) >= 2),                           -- P1
    add constraint entries_whole_legs check (array_ndims(leg_amounts) = 1 and array_lower(leg_amounts, 1) = 1
                                             and array_dims(leg_accounts) = array_dims(leg_amounts)
                                             and array_dims(leg_currencies) = array_dims(leg_amounts)),
    add constraint legs_not_zero check (array_position(leg_amounts, 0) is null                       -- P2
                                        and array_position(leg_amounts, null) is null),
    add constraint legs_currency check (array_to_string(leg_currencies, ',') ~ '^([A-Z]{3},)*[A-Z]{3}$'
                                        and length(array_to_string(leg_currencies, ','))
                                            = 4 * cardinality(leg_currencies) - 1);
create index entries_by_day on ledger.entries (tenant_id, business_date) where business_date is not null;

-- The legs that a statement entered on an account, in a currency. Numbers of entries that one page spans stand in one
-- block of 4,096, so that who wants an account's lines in their order knows where to begin.
create table ledger.pages (
    account_no      bigint   not null,
    first_entry_id  bigint   not null,
    lines           bigint[] not null,   -- of each leg: its entry, its number there, its amount in minor units
    tenant_id       text     not null,
    currency        text     not null,

    constraint pages_pk primary key (account_no, first_entry_id, currency, tenant_id)
);
alter table ledger.legs rename to former_legs;
insert into ledger.pages (account_no, first_entry_id, lines, tenant_id, currency)
select a.account_no, min(l.entry_id), array_agg(array[l.entry_id, l.leg_no, l.amount_minor] order by entry_id, leg_no),
       l.tenant_id, l.currency
from ledger.former_legs l join ledger.accounts a using (tenant_id, account)
group by a.account_no, l.tenant_id, l.currency, l.entry_id / 4096;
drop table ledger.former_legs;
drop function ledger.check_new_legs();

create view ledger.legs with (security_invoker = true) as
select p.tenant_id, p.account_no, p.lines[n][1] as entry_id, p.lines[n][2] as leg_no, p.currency,
       p.lines[n][3] as amount_minor   -- debit above zero, credit below
from ledger.pages p, generate_subscripts(p.lines, 1) as n;

-- What the legs of an account add up to, but for what balance_changes holds.
alter table ledger.balances rename to former_balances;
alter index ledger.balances_pk rename to former_balances_pk;
create table ledger.balances (
    account_no    bigint not null,
    debit_minor   bigint not null,
    credit_minor  bigint not null,
    tenant_id     text   not null,
    currency      text   not null,

    constraint balances_pk primary key (account_no, currency, tenant_id),
    constraint balances_on_an_account foreign key (account_no, tenant_id)
        references ledger.accounts (account_no, tenant_id),
    constraint balances_not_negative check (debit_minor >= 0 and credit_minor >= 0)
) with (fillfactor = 50);
insert into ledger.balances (account_no, debit_minor, credit_minor, tenant_id, currency)
select a.account_no, sum(b.debit_minor), sum(b.credit_minor), b.tenant_id, b.currency
from ledger.former_balances b join ledger.accounts a using (tenant_id, account) group by 1, 4, 5;
drop table ledger.former_balances;
drop function ledger.add_to_balances();

-- What entries add to balances, until it is added up there: a row for each tenant that a statement enters entries of.
create table ledger.balance_changes (
    tenant_id   text     not null,
    account_no  bigint[] not null,
    currency    text[]   not null,
    debit       bigint[] not null,   -- minor units
    credit      bigint[] not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create index balance_changes_of_tenant on ledger.balance_changes (tenant_id);

create view ledger.kept_balances with (security_invoker = true) as
select tenant_id, account_no, currency, sum(debit_minor) as debit_minor, sum(credit_minor) as credit_minor
from (select tenant_id, account_no, currency, debit_minor, credit_minor from ledger.balances
      union all
      select n.tenant_id, l.account_no, l.currency, l.debit, l.credit
      from ledger.balance_changes n, unnest(n.account_no, n.currency, n.debit, n.credit)
           as l (account_no, currency, debit, credit)) both_parts
group by 1, 2, 3;

-- Here and below a session plans a statement once, perhaps while its tables are small enough to be read whole.
create function ledger.add_up_balance_changes(tenants text[]) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
begin
    with taken as (delete from ledger.balance_changes where tenant_id = any (tenants) returning *)
    insert into ledger.balances as b (account_no, debit_minor, credit_minor, tenant_id, currency)
    select l.account_no, sum(l.debit), sum(l.credit), t.tenant_id, l.currency
    from taken t, unnest(t.account_no, t.currency, t.debit, t.credit) as l (account_no, currency, debit, credit)
    group by 1, 4, 5 order by 1, 5, 4
    on conflict on constraint balances_pk do update
        set debit_minor = b.debit_minor + excluded.debit_minor, credit_minor = b.credit_minor + excluded.credit_minor;
end $$;
revoke execute on function ledger.add_up_balance_changes(text[]) from public;

create function ledger.refuse_account() returns bigint language plpgsql as $$
begin
    raise exception 'a leg stands on an account that was never opened'
        using errcode = '23503', constraint = 'legs_on_an_account', schema = 'ledger', table = 'entries';
end $$;
revoke execute on function ledger.refuse_account() from public;

-- P3, the legs on the pages of their accounts, and what they add to balances. The service may write entries alone.
create function ledger.enter_legs() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
    unbalanced bigint;
    largest    bigint;
    due        text[];
begin
    with leg as materialized (
        select e.tenant_id, e.entry_id, l.account, l.currency, l.amount, l.leg_no
        from new_entries e, unnest(e.leg_accounts, e.leg_currencies, e.leg_amounts) with ordinality
                            as l (account, currency, amount, leg_no)),
    account as materialized (
        select n.*, coalesce((select a.account_no from ledger.accounts a
                              where a.tenant_id = n.tenant_id and a.account = n.account),
                             ledger.refuse_account()) as account_no
        from (select tenant_id, account, currency, min(entry_id) as first_entry_id,
                     array_agg(array[entry_id, leg_no, amount]) as lines,
                     coalesce(sum(amount) filter (where amount > 0), 0)::bigint as debit,
                     coalesce(-sum(amount) filter (where amount < 0), 0)::bigint as credit
              from leg group by tenant_id, account, currency, entry_id / 4096) n),
    entered as (
        insert into ledger.pages (account_no, first_entry_id, lines, tenant_id, currency)
        select account_no, first_entry_id, lines, tenant_id, currency from account),
    noted as (
        insert into ledger.balance_changes (tenant_id, account_no, currency, debit, credit)
        select tenant_id, array_agg(account_no), array_agg(currency), array_agg(debit), array_agg(credit)
        from account group by 1)
    select count(*) filter (where sum <> 0), max(most) into unbalanced, largest
    from (select sum(amount), max(amount) as most from leg group by tenant_id, entry_id, currency) of_entries;
    if unbalanced > 0 then
        raise exception 'debits and credits differ in a currency'
            using errcode = '23514', constraint = 'legs_balance', schema = 'ledger', table = 'entries';
    end if;

    -- Whose changes are added up now: by a number that no pattern of posting avoids; and of all, where so much was
    -- posted that a balance may leave its 64 bits. Who adds up another tenant's at the same time is not waited for.
    select array_agg(tenant_id) into due
    from (select distinct tenant_id from new_entries
          where hashint8extended(entry_id, 0) % 256 = 0 or largest > 1000000000000000) picked
    where pg_try_advisory_xact_lock(hashtextextended('balances of ' || tenant_id, 0));
    if due is not null then
        perform ledger.add_up_balance_changes(due);
    end if;
    return null;
end $$;
revoke execute on function ledger.enter_legs() from public;
create trigger entries_to_legs after insert on ledger.entries
    referencing new table as new_entries for each statement execute function ledger.enter_legs();

-- Not by the owner either, but for the trigger: legs come with their entry.
create trigger pages_immutable before update or delete on ledger.pages
    for each row execute function ledger.refuse_change();
create trigger pages_not_truncated before truncate on ledger.pages execute function ledger.refuse_change();
create trigger legs_come_with_entries before insert on ledger.pages
    for each statement when (pg_trigger_depth() = 0) execute function ledger.refuse_change();

alter table ledger.accounts force row level security;
alter table ledger.entries force row level security;
alter table ledger.pages enable row level security;
alter table ledger.pages force row level security;
alter table ledger.balances enable row level security;
alter table ledger.balances force row level security;
alter table ledger.balance_changes enable row level security;
alter table ledger.balance_changes force row level security;
create policy tenant_only on ledger.pages
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
create policy tenant_only on ledger.balances
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
create policy tenant_only on ledger.balance_changes
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select on ledger.pages, ledger.legs, ledger.balances, ledger.balance_changes, ledger.kept_balances
    to duizhang_service;
