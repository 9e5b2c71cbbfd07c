-- 0008_checks: the checks of new entries and legs ask for each of them by its key.
--
-- Why    "not exists (...)" and a join leave the planner the choice to read the whole table beside a batch, which it
--        makes while it knows nothing of the table yet, and keeps for as long as a connection lives: registering a
--        thousand orders took longer with every order that was there. A subquery for a value is asked row by row.
-- Locks  None; functions only.
-- Undo   Roll forward.

create or replace function ledger.check_new_legs() returns trigger language plpgsql as $$
begin
    if exists (select from new_legs group by tenant_id, entry_id, currency having sum(amount_minor) <> 0) then
        raise exception 'debits and credits differ in a currency'
            using errcode = '23514', constraint = 'legs_balance', schema = 'ledger', table = 'legs';
    end if;
    if exists (select from (select tenant_id, entry_id, count(*) as legs, min(leg_no) as first, max(leg_no) as last,
                                   (select e.leg_count from ledger.entries e
                                    where e.tenant_id = l.tenant_id and e.entry_id = l.entry_id) as said
                            from new_legs l group by 1, 2) n
               where said is null or said <> legs or first < 1 or last > said) then
        raise exception 'an entry does not have the legs it says it has'
            using errcode = '23514', constraint = 'legs_complete', schema = 'ledger', table = 'legs';
    end if;
    return null;
end $$;

create or replace function ledger.check_new_entries() returns trigger language plpgsql as $$
begin
    if exists (select from new_entries e
               where (select l.leg_no from ledger.legs l
                      where l.tenant_id = e.tenant_id and l.entry_id = e.entry_id and l.leg_no = 1) is null) then
        raise exception 'an entry does not have the legs it says it has'
            using errcode = '23514', constraint = 'entries_have_legs', schema = 'ledger', table = 'entries';
    end if;
    return null;
end $$;
