-- 0039_moved_movements: which movements runs may know under another business day than they have.
--
-- Why    A better message may give a movement another business day, after a run used it on the day that it had. The next
--        run of the channel read it as its own day's: it listed it as missing, or used it twice, which the database
--        refuses, and that day could not be reconciled any more. moved_from says that runs haven't been told, and the next
--        one tells them.
-- Locks  payments.movements for a moment.
-- Undo   Drop the column.

alter table payments.movements add column moved_from date;
create index movements_moved on payments.movements (channel, tenant_id) where moved_from is not null;
grant update (moved_from) on payments.movements to duizhang_service;
