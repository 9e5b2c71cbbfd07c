-- 0034_runs_to_repeat: which runs another day's run has made untrue since.
--
-- Why    A statement that is corrected, or comes late, changes what its day carries, settles and clears, and so what later
--        days' runs would find. Who runs a day marks exactly those other days in the same commit; the nightly round runs
--        them again, and each run takes its own mark off.
-- Locks  reconciliation.runs, shortly: a column without a value is added.
-- Undo   Drop the column.

alter table reconciliation.runs
    add column repeat_for date;   -- the day whose run changed what this one rests on; nothing: none did
create index runs_to_repeat on reconciliation.runs (tenant_id, channel, business_date) where repeat_for is not null;
