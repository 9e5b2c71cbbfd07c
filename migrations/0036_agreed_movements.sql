-- 0036_agreed_movements: what simply agrees with its statement is stored as sets, no longer as a row each.
--
-- Why    Of a day of a million payments all but some hundred agree, and a row for each of them in reconciliation.matches
--        took as long as reading both sides. Now the movements that agree are named by their numbers, 4,096 numbers to a
--        row; a set holds each number once. That no other day's run has used them, neither by such a set nor in
--        reconciliation.matches, is checked with every statement that writes either, under the lock that runs take.
--        Rows that are there stay; a run that is repeated writes sets.
--        Of a payment movements.order_agrees says that its order is known and asks for what was paid: orders don't
--        change, so a run needn't look for it again. Where it isn't known (null), runs look.
-- Locks  reconciliation.matches while the column is filled; payments.movements for a moment.
-- Undo   Write a row of reconciliation.matches for each of reconciliation.used_movements, drop what is new.

create function reconciliation.count_of(numbers int8multirange) returns bigint
    language sql immutable set search_path = pg_catalog, pg_temp as $$
    select coalesce(sum(upper(r) - lower(r)), 0)::bigint from unnest(numbers) as r
$$;
grant execute on function reconciliation.count_of(int8multirange) to duizhang_service;

create table reconciliation.agreed_movements (
    tenant_id       text            not null,
    channel         text            not null,
    business_date   date            not null,   -- of the run and of its movements
    block           bigint          not null,   -- a movement's number / 4096
    movement_ids    int8multirange  not null,
    movement_count  bigint          not null generated always as (reconciliation.count_of(movement_ids)) stored,

    constraint agreed_movements_pk primary key (block, tenant_id, channel, business_date),
    constraint agreed_movements_of_block check (
        movement_ids <@ int8range(block * 4096, (block + 1) * 4096) and not isempty(movement_ids))
);
-- Packing them takes longer than writing them.
alter table reconciliation.agreed_movements alter column movement_ids set storage external;
create index agreed_movements_by_day on reconciliation.agreed_movements (business_date, tenant_id, channel);

alter table reconciliation.agreed_movements enable row level security;
alter table reconciliation.agreed_movements force row level security;
create policy tenant_only on reconciliation.agreed_movements
    using (array_position((select core.tenants()), tenant_id) is not null)
    with check (array_position((select core.tenants()), tenant_id) is not null);
grant select, insert, delete on reconciliation.agreed_movements to duizhang_service;

alter table reconciliation.matches add column movement_id bigint;
-- The owner sees past the walls meanwhile.
alter table reconciliation.matches no force row level security;
alter table payments.movements no force row level security;
update reconciliation.matches u set movement_id = m.movement_id
from payments.movements m
where m.channel_txn_id = u.channel_txn_id and m.tenant_id = u.tenant_id and m.channel = u.channel and m.type = u.type;
alter table reconciliation.matches force row level security;
alter table payments.movements force row level security;
alter table reconciliation.matches alter column movement_id set not null;
create index matches_by_block on reconciliation.matches ((movement_id / 4096), tenant_id, channel);

-- Two runs of a channel follow one another anyway; whoever writes beside them waits here. `offset 0` keeps each look-up
-- one by its block, whatever the planner knows of the tables: a set is unpacked for each comparison.
create function reconciliation.refuse_agreed_twice() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(n.tenant_id || '/reconciliation/' || n.channel, 1))
    from (select distinct tenant_id, channel from added order by 1, 2) n;
    if exists (select from added n
               where exists (select from reconciliation.agreed_movements a
                             where a.block = n.block and a.tenant_id = n.tenant_id and a.channel = n.channel
                               and a.business_date <> n.business_date and a.movement_ids && n.movement_ids offset 0)
                  or exists (select from reconciliation.matches u
                             where u.movement_id / 4096 = n.block and u.tenant_id = n.tenant_id
                               and u.channel = n.channel and n.movement_ids @> u.movement_id offset 0)) then
        raise exception 'a movement is used once'
            using errcode = '23505', constraint = 'agreed_once', schema = 'reconciliation', table = 'agreed_movements';
    end if;
    return null;
end
$$;
create trigger agreed_once after insert on reconciliation.agreed_movements
    referencing new table as added for each statement execute function reconciliation.refuse_agreed_twice();

create function reconciliation.refuse_matched_twice() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(n.tenant_id || '/reconciliation/' || n.channel, 1))
    from (select distinct tenant_id, channel from added order by 1, 2) n;
    if exists (select from added n
               where exists (select from reconciliation.agreed_movements a
                             where a.block = n.movement_id / 4096 and a.tenant_id = n.tenant_id
                               and a.channel = n.channel and a.movement_ids @> n.movement_id offset 0)) then
        raise exception 'a movement is used once'
            using errcode = '23505', constraint = 'agreed_once', schema = 'reconciliation', table = 'matches';
    end if;
    return null;
end
$$;
create trigger matched_once after insert on reconciliation.matches
    referencing new table as added for each statement execute function reconciliation.refuse_matched_twice();
create trigger matched_once_more after update on reconciliation.matches
    referencing new table as added for each statement execute function reconciliation.refuse_matched_twice();

-- Whichever way.
create view reconciliation.used_movements with (security_invoker = true) as
select tenant_id, channel, movement_id, business_date, settles from reconciliation.matches
union all
select a.tenant_id, a.channel, i.movement_id, a.business_date, true
from reconciliation.agreed_movements a, unnest(a.movement_ids) as r (ids),
    generate_series(lower(r.ids), upper(r.ids) - 1) as i (movement_id);
grant select on reconciliation.used_movements to duizhang_service;

alter table payments.movements add column order_agrees boolean;
grant update (order_agrees) on payments.movements to duizhang_service;
