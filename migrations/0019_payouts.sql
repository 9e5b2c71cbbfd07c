-- 0019_payouts: what is paid to parties, from the proposal to the bank's word.
--
-- Why    What is owed to a party must not be paid twice, nor more of it than is owed, nor by one person alone. A payout
--        is a row that never changes, and each step of its life another: a step names the one it follows, so that of two
--        who take the same step one is refused, and no step is taken that its state doesn't allow. Each step that moves
--        money does so by its own entry, in the same transaction. Payouts on their way stand on transit:payout:BANK.
-- Locks  New tables only.
-- Undo   Drop both tables and the function: nothing refers to them. Entries of payouts stay.

create table ledger.payouts (
    payout_id     bigint      not null generated always as identity,
    tenant_id     text        not null,
    payout_key    text        not null,   -- natural key: the same payout is proposed once
    party_account text        not null,   -- payable:PARTY
    bank_account  text        not null,   -- bank:NAME, out of which it is paid
    currency      text        not null,
    amount_minor  bigint      not null,
    description   text        not null,
    proposed_by   text        not null,
    proposed_at   timestamptz not null,
    recorded_at   timestamptz not null default clock_timestamp(),

    constraint payouts_pk primary key (tenant_id, payout_id),
    constraint payouts_key_once unique (tenant_id, payout_key),
    -- What its steps repeat, so that their checks can speak of it.
    constraint payouts_for_steps unique (tenant_id, payout_id, proposed_by, amount_minor),
    constraint payouts_to_a_party check (party_account like 'payable:_%'),
    constraint payouts_from_a_bank check (bank_account like 'bank:_%'),
    constraint payouts_currency check (currency ~ '^[A-Z]{3}$'),
    constraint payouts_amount check (amount_minor between 1 and 999999999999),
    constraint payouts_by_somebody check (proposed_by <> '')
);
create index payouts_of_party on ledger.payouts (tenant_id, party_account, currency, payout_id);

create table ledger.payout_steps (
    tenant_id     text        not null,
    payout_id     bigint      not null,
    step_no       integer     not null,
    before_no     integer     generated always as (nullif(step_no, 1) - 1) stored,
    state_before  text        not null,
    state         text        not null,
    proposed_by   text        not null,
    amount_minor  bigint      not null,
    done_by       text        not null,
    done_at       timestamptz not null,
    reason        text        not null,
    owed_minor    bigint,                 -- of an approval: what was available to the party before it, under its lock
    entry_id      bigint,                 -- what moved the money
    recorded_at   timestamptz not null default clock_timestamp(),

    constraint payout_steps_pk primary key (tenant_id, payout_id, step_no),
    constraint payout_steps_for_the_next unique (tenant_id, payout_id, step_no, state),
    constraint payout_steps_of_a_payout foreign key (tenant_id, payout_id, proposed_by, amount_minor)
        references ledger.payouts (tenant_id, payout_id, proposed_by, amount_minor),
    constraint payout_steps_follow_each_other foreign key (tenant_id, payout_id, before_no, state_before)
        references ledger.payout_steps (tenant_id, payout_id, step_no, state),
    constraint payout_steps_begin check (step_no >= 1 and (step_no = 1) = (state_before = 'proposed')),
    constraint payout_steps_allowed check (state_before || ' ' || state in (
        'proposed approved', 'proposed rejected', 'approved rejected', 'approved sent', 'sent confirmed',
        'sent failed', 'confirmed returned')),
    constraint payout_steps_two_people check (state <> 'approved' or done_by <> proposed_by),
    constraint payout_steps_by_somebody check (done_by <> ''),
    constraint payout_steps_owed check ((state = 'approved') = (owed_minor is not null)
                                        and coalesce(owed_minor >= amount_minor, true)),
    constraint payout_steps_booked check ((state_before || ' ' || state in ('proposed rejected', 'approved sent'))
                                          = (entry_id is null)),
    constraint payout_steps_entry_once unique (tenant_id, entry_id),
    constraint payout_steps_booked_by_an_entry foreign key (tenant_id, entry_id)
        references ledger.entries (tenant_id, entry_id)
);

-- A step's own entry: its key, and two legs of the payout's amount between the accounts of that step.
create function ledger.check_payout_step() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if new.entry_id is not null and not exists (
        select from ledger.payouts p
        join ledger.entries e on e.tenant_id = p.tenant_id and e.entry_id = new.entry_id
        cross join lateral (select 'transit:payout:' || substr(p.bank_account, 6) as transit) t
        where p.tenant_id = new.tenant_id and p.payout_id = new.payout_id
          and e.source_key = 'payout:' || new.state || ':' || p.payout_key
          and e.leg_currencies = array[p.currency, p.currency]
          and e.leg_amounts = array[p.amount_minor, -p.amount_minor]
          and e.leg_accounts = case new.state when 'approved' then array[p.party_account, t.transit]
                                              when 'confirmed' then array[t.transit, p.bank_account]
                                              when 'returned' then array[p.bank_account, p.party_account]
                                              else array[t.transit, p.party_account] end) then
        raise exception 'a payout is booked by its own entries'
            using errcode = '23514', constraint = 'payout_steps_own_entry', schema = 'ledger', table = 'payout_steps';
    end if;
    return new;
end $$;
revoke execute on function ledger.check_payout_step() from public;
create trigger payout_steps_own_entry before insert on ledger.payout_steps
    for each row execute function ledger.check_payout_step();
create trigger payouts_immutable before update or delete on ledger.payouts
    for each row execute function ledger.refuse_change();
create trigger payouts_not_truncated before truncate on ledger.payouts execute function ledger.refuse_change();
create trigger payout_steps_immutable before update or delete on ledger.payout_steps
    for each row execute function ledger.refuse_change();
create trigger payout_steps_not_truncated before truncate on ledger.payout_steps
    execute function ledger.refuse_change();

alter table ledger.payouts enable row level security;
alter table ledger.payouts force row level security;
alter table ledger.payout_steps enable row level security;
alter table ledger.payout_steps force row level security;
create policy tenant_only on ledger.payouts
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
create policy tenant_only on ledger.payout_steps
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert on ledger.payouts, ledger.payout_steps to duizhang_service;
