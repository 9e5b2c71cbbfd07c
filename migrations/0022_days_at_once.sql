-- 0022_days_at_once: a day of millions of payments is reconciled in one go.
--
-- Why    A run asked of each movement of its day whether another day's run had used it, which read all that was ever
--        matched, and the check that each match is of a movement cost more than the matching. movement_date says of a
--        match which day its movement is of, so that the few that another day's run used stand in an index of their own.
--        Matches are only ever made out of movements, which are never deleted.
-- Locks  reconciliation.matches while the column is filled.
-- Undo   Drop the column, add the foreign key.

alter table reconciliation.matches drop constraint matches_a_movement;
alter table reconciliation.matches add column movement_date date;

-- The owner sees past the walls meanwhile.
alter table reconciliation.matches no force row level security;
alter table payments.movements no force row level security;
update reconciliation.matches u set movement_date = m.business_date
from payments.movements m
where m.channel_txn_id = u.channel_txn_id and m.tenant_id = u.tenant_id and m.channel = u.channel and m.type = u.type;
alter table reconciliation.matches force row level security;
alter table payments.movements force row level security;

alter table reconciliation.matches alter column movement_date set not null;
-- What tells most comes first, as in 0007_keys.
alter table reconciliation.matches
    drop constraint matches_once,
    add constraint matches_once primary key (channel_txn_id, tenant_id, channel, type);
drop index reconciliation.matches_by_day;
create index matches_by_day on reconciliation.matches (tenant_id, channel, movement_date);
create index matches_elsewhere on reconciliation.matches (tenant_id, channel, business_date, movement_date)
    where movement_date <> business_date;
