-- 0012_holds: what is promised from an account and not posted yet, and how far below zero an account may go.
--
-- Why    A hold ends once: posted, voided or expired. That is held here, so that no second writer commits what was
--        voided, voids it twice, or calls a hold posted by an entry that isn't its own. What is available on an account
--        (posted less held) is asked under a lock of that account by whoever takes from it (ledger/limits.h).
-- Locks  New tables only.
-- Undo   Drop both tables: nothing refers to them. Entries that holds were posted by stay.

create table ledger.holds (
    hold_id          bigint      not null generated always as identity,
    tenant_id        text        not null,
    source_key       text        not null,   -- natural key: the same happening holds once
    account          text        not null,   -- from which
    counter_account  text        not null,   -- to which, once it is posted
    currency         text        not null,
    amount_minor     bigint      not null,
    description      text        not null,
    created_at       timestamptz not null,
    expires_at       timestamptz not null,   -- from then on it holds nothing
    state            text        not null default 'pending',
    ended_at         timestamptz,
    posted_minor     bigint,                 -- the rest was released
    entry_id         bigint,
    recorded_at      timestamptz not null default clock_timestamp(),

    constraint holds_pk primary key (hold_id, tenant_id),
    constraint holds_source_once unique (source_key, tenant_id),
    constraint holds_between_two check (account <> counter_account),
    constraint holds_currency check (currency ~ '^[A-Z]{3}$'),
    constraint holds_amount check (amount_minor between 1 and 999999999999),
    constraint holds_for_some_time check (created_at < expires_at),
    constraint holds_state check (state in ('pending', 'posted', 'voided', 'expired')),
    constraint holds_ended check ((state = 'pending') = (ended_at is null)),
    constraint holds_ended_in_time check (case state when 'pending' then true
                                                     when 'expired' then ended_at >= expires_at
                                                     else ended_at < expires_at end),
    constraint holds_posted check ((state = 'posted') = (posted_minor is not null)
                                   and (state = 'posted') = (entry_id is not null)
                                   and coalesce(posted_minor between 1 and amount_minor, true)),
    constraint holds_posted_by_an_entry foreign key (tenant_id, entry_id)
        references ledger.entries (tenant_id, entry_id)
);
create index holds_pending on ledger.holds (account, currency, tenant_id) where state = 'pending';
-- For lists, which state what is true of every row: a look-up by key can't take it (0005).
create index holds_of_tenant on ledger.holds (tenant_id, hold_id) where amount_minor > 0;

create function ledger.check_hold() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'pending' then
            raise exception 'a hold begins pending'
                using errcode = '23514', constraint = 'holds_begin_pending', schema = 'ledger', table = 'holds';
        end if;
        return new;
    end if;
    if old.state <> 'pending' or new.state = 'pending' then
        raise exception 'a hold ends once'
            using errcode = '23001', constraint = 'holds_end_once', schema = 'ledger', table = 'holds';
    end if;
    if (new.hold_id, new.tenant_id, new.source_key, new.account, new.counter_account, new.currency, new.amount_minor,
        new.description, new.created_at, new.expires_at, new.recorded_at)
       is distinct from
       (old.hold_id, old.tenant_id, old.source_key, old.account, old.counter_account, old.currency, old.amount_minor,
        old.description, old.created_at, old.expires_at, old.recorded_at) then
        raise exception 'what is held is never changed'
            using errcode = '23001', constraint = 'holds_immutable', schema = 'ledger', table = 'holds';
    end if;
    -- Its own entry, of two legs: one on each of the two accounts, of what was posted.
    if new.state = 'posted' and not exists (
        select from ledger.entries e
        where e.tenant_id = new.tenant_id and e.entry_id = new.entry_id and e.source_key = 'hold:' || new.source_key
          and e.leg_currencies = array[new.currency, new.currency]
          and e.leg_accounts = array[new.account, new.counter_account]
          and abs(e.leg_amounts[1]) = new.posted_minor) then
        raise exception 'a hold is posted by its own entry'
            using errcode = '23514', constraint = 'holds_own_entry', schema = 'ledger', table = 'holds';
    end if;
    return new;
end $$;
revoke execute on function ledger.check_hold() from public;
create trigger holds_end_once before insert or update on ledger.holds
    for each row execute function ledger.check_hold();
create trigger holds_kept before delete on ledger.holds for each row execute function ledger.refuse_change();
create trigger holds_not_truncated before truncate on ledger.holds execute function ledger.refuse_change();

-- How far below zero an account may go: the newest row of an account and currency is in force.
create table ledger.limits (
    limit_no         bigint      not null generated always as identity,
    tenant_id        text        not null,
    account          text        not null,
    currency         text        not null,
    overdraft_minor  bigint,                 -- null: not limited from then on
    set_at           timestamptz not null,
    set_by           text        not null,
    recorded_at      timestamptz not null default clock_timestamp(),

    constraint limits_pk primary key (account, currency, tenant_id, limit_no),
    constraint limits_currency check (currency ~ '^[A-Z]{3}$'),
    constraint limits_overdraft check (overdraft_minor between 0 and 999999999999),
    constraint limits_set_by_somebody check (set_by <> '')
);
create trigger limits_immutable before update or delete on ledger.limits
    for each row execute function ledger.refuse_change();
create trigger limits_not_truncated before truncate on ledger.limits execute function ledger.refuse_change();

alter table ledger.holds enable row level security;
alter table ledger.holds force row level security;
alter table ledger.limits enable row level security;
alter table ledger.limits force row level security;
create policy tenant_only on ledger.holds
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
create policy tenant_only on ledger.limits
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert on ledger.holds, ledger.limits to duizhang_service;
grant update (state, ended_at, posted_minor, entry_id) on ledger.holds to duizhang_service;
