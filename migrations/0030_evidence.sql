-- 0030_evidence: a stored discrepancy tells what it rests on, and what almost agreed with it.
--
-- Why    Evidence and nearest candidates stood in the day's files alone; who asked for the list later had neither.
-- Locks  reconciliation.discrepancies, shortly: a column without a value is added.
-- Undo   Drop the column.

alter table reconciliation.discrepancies
    add column told jsonb;   -- {"evidence": [...], "candidates": [...]} as the API has them; nothing: of an older run
