-- 0037_packed_statements: kept statements are packed before they are encrypted.
--
-- Why    A bill of a million lines has a quarter of a gigabyte, which went into the database, its log and every backup as
--        it was; packed it is a tenth of that, and a day's run is done sooner. What was kept before stays as it is.
-- Locks  reconciliation.kept_statements for a moment.
-- Undo   Drop the column while nothing packed was kept. After that: roll forward.

alter table reconciliation.kept_statements
    add column packing text not null default 'none',
    add constraint kept_statements_packing check (packing in ('none', 'zstd'));
-- What is encrypted can't be packed.
alter table reconciliation.kept_chunks alter column sealed set storage external;
