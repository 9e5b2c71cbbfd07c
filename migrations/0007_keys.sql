-- 0007_keys: what is looked up by a number of its own is kept by that number first; cheaper checks of new legs.
--
-- Why    Each look into such a key compared the tenant first, which is the same nearly everywhere, and then had to
--        unpack the next column. The tenant stays in every key, so that a key is a tenant's own, and tables can be
--        distributed by tenant. Entries and legs keep theirs: all of a tenant's are read by them.
--        That accounts are open was asked for every account of every batch. A balance is on an open account by its
--        foreign key now, which is asked when a balance is new, and legs are on accounts that have balances.
-- Locks  Each table for as long as it takes to build its keys anew, in the order reconciliation, ledger, payments.
-- Undo   Roll forward.

alter table reconciliation.matches drop constraint matches_a_movement;

alter table ledger.entries
    drop constraint entries_source_once,
    add constraint entries_source_once unique (source_key, tenant_id);
drop index ledger.entries_by_group;
create index entries_by_group on ledger.entries (group_key, tenant_id) where group_key <> '';

-- An account's lines in the order of their entries.
drop index ledger.legs_by_account;
create index legs_by_account on ledger.legs (tenant_id, account, entry_id) where amount_minor <> 0;

alter table ledger.balances
    add constraint legs_on_an_account foreign key (tenant_id, account) references ledger.accounts (tenant_id, account);

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
    return null;
end $$;

-- Legs that came with it were counted when they came.
create or replace function ledger.check_new_entries() returns trigger language plpgsql as $$
begin
    if exists (select from new_entries e
               where not exists (select from ledger.legs l
                                 where l.tenant_id = e.tenant_id and l.entry_id = e.entry_id and l.leg_no = 1)) then
        raise exception 'an entry does not have the legs it says it has'
            using errcode = '23514', constraint = 'entries_have_legs', schema = 'ledger', table = 'entries';
    end if;
    return null;
end $$;

alter table payments.orders
    drop constraint orders_pk,
    add constraint orders_pk primary key (merchant_order_id, tenant_id);

alter table payments.movements
    drop constraint movements_once,
    add constraint movements_once primary key (channel_txn_id, tenant_id, channel, type);
drop index payments.movements_by_order;
create index movements_by_order on payments.movements (merchant_order_id, tenant_id) where merchant_order_id <> '';
drop index payments.movements_by_related;
create index movements_by_related on payments.movements (related_txn_id, tenant_id, channel) where related_txn_id <> '';
-- What it was for, a number without its type, is found by the key now.
drop index payments.movements_bare;

alter table payments.inbox
    drop constraint inbox_pk,
    add constraint inbox_pk primary key (event_id, tenant_id, channel);

alter table reconciliation.matches
    add constraint matches_a_movement foreign key (channel_txn_id, tenant_id, channel, type)
        references payments.movements (channel_txn_id, tenant_id, channel, type);
