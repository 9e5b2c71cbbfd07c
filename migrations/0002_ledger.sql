-- 0002_ledger: the books. Accounts, entries and their legs; append-only, balanced by the database itself.
--
-- Why    A second writer (a repair script, an older release still running) must not be able to store what
--        ledger::Entry refuses: P1 to P3 are the rules named in that class.
-- Locks  New tables only.
-- Undo   Drop the schema while it is empty. After the first entry: roll forward.

create schema ledger;
grant usage on schema ledger to duizhang_service;

create table ledger.accounts (
    tenant_id  text not null,
    account    text not null,
    kind       text not null,
    opened_at  timestamptz not null default now(),

    constraint accounts_pk primary key (tenant_id, account),
    constraint accounts_kind check (kind in ('asset', 'liability', 'income', 'expense'))
);

create table ledger.entries (
    tenant_id      text        not null,
    entry_id       bigint      not null generated always as identity,
    event          text        not null,
    source_key     text        not null,   -- natural key: the same happening never posts twice
    group_key      text        not null,   -- entries that belong together; empty for none
    description    text        not null,
    occurred_at    timestamptz not null,   -- when it happened
    business_date  date        not null,   -- the business day it belongs to, in its channel's calendar
    leg_count      smallint    not null,
    recorded_at    timestamptz not null default clock_timestamp(),

    constraint entries_pk primary key (tenant_id, entry_id),
    constraint entries_source_once unique (tenant_id, source_key),
    constraint entries_two_legs check (leg_count >= 2)                                               -- P1
);
create index entries_by_group on ledger.entries (tenant_id, group_key) where group_key <> '';
create index entries_by_day on ledger.entries (tenant_id, business_date);

create table ledger.legs (
    tenant_id     text     not null,
    entry_id      bigint   not null,
    leg_no        smallint not null,
    account       text     not null,
    currency      text     not null,
    amount_minor  bigint   not null,   -- debit above zero, credit below

    constraint legs_pk primary key (tenant_id, entry_id, leg_no),
    constraint legs_not_zero check (amount_minor <> 0),                                              -- P2
    constraint legs_currency check (currency ~ '^[A-Z]{3}$'),
    constraint legs_of_an_entry foreign key (tenant_id, entry_id) references ledger.entries (tenant_id, entry_id),
    constraint legs_on_an_account foreign key (tenant_id, account) references ledger.accounts (tenant_id, account)
);
create index legs_by_account on ledger.legs (tenant_id, account, currency) include (amount_minor);

-- P3, and that an entry is written in one piece: all its legs by one statement, never more of them later.
create function ledger.check_new_legs() returns trigger language plpgsql as $$
begin
    if exists (select from new_legs group by tenant_id, entry_id, currency having sum(amount_minor) <> 0) then
        raise exception 'debits and credits differ in a currency'
            using errcode = '23514', constraint = 'legs_balance', schema = 'ledger', table = 'legs';
    end if;
    if exists (select from (select distinct tenant_id, entry_id from new_legs) n
               join ledger.entries e using (tenant_id, entry_id)
               where e.leg_count <> (select count(*) from ledger.legs l
                                     where l.tenant_id = e.tenant_id and l.entry_id = e.entry_id)) then
        raise exception 'an entry does not have the legs it says it has'
            using errcode = '23514', constraint = 'legs_complete', schema = 'ledger', table = 'legs';
    end if;
    return null;
end $$;
create trigger legs_balance after insert on ledger.legs
    referencing new table as new_legs for each statement execute function ledger.check_new_legs();

-- An entry without legs is found at commit.
create function ledger.check_entry_has_legs() returns trigger language plpgsql as $$
begin
    if new.leg_count <> (select count(*) from ledger.legs l
                         where l.tenant_id = new.tenant_id and l.entry_id = new.entry_id) then
        raise exception 'an entry does not have the legs it says it has'
            using errcode = '23514', constraint = 'entries_have_legs', schema = 'ledger', table = 'entries';
    end if;
    return null;
end $$;
create constraint trigger entries_have_legs after insert on ledger.entries
    deferrable initially deferred for each row execute function ledger.check_entry_has_legs();

-- What is posted stays: nobody, the owner included, changes or removes it while this trigger stands.
create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'posted entries are never changed'
        using errcode = '23001', constraint = 'posted_is_immutable', schema = tg_table_schema, table = tg_table_name;
end $$;
create trigger entries_immutable before update or delete on ledger.entries
    for each row execute function ledger.refuse_change();
create trigger legs_immutable before update or delete on ledger.legs
    for each row execute function ledger.refuse_change();
create trigger accounts_immutable before update or delete on ledger.accounts
    for each row execute function ledger.refuse_change();
create trigger entries_not_truncated before truncate on ledger.entries execute function ledger.refuse_change();
create trigger legs_not_truncated before truncate on ledger.legs execute function ledger.refuse_change();
create trigger accounts_not_truncated before truncate on ledger.accounts execute function ledger.refuse_change();

alter table ledger.accounts enable row level security;
alter table ledger.accounts force row level security;
alter table ledger.entries enable row level security;
alter table ledger.entries force row level security;
alter table ledger.legs enable row level security;
alter table ledger.legs force row level security;
create policy tenant_only on ledger.accounts using (tenant_id = core.tenant()) with check (tenant_id = core.tenant());
create policy tenant_only on ledger.entries using (tenant_id = core.tenant()) with check (tenant_id = core.tenant());
create policy tenant_only on ledger.legs using (tenant_id = core.tenant()) with check (tenant_id = core.tenant());

grant select, insert on ledger.accounts, ledger.entries, ledger.legs to duizhang_service;
