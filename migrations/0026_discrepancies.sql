-- 0026_discrepancies: a stored discrepancy tells its amounts, and whose it is.
--
-- Why    A list of discrepancies that is asked for later had ids, kinds and days, and no amounts; and whether what was
--        missing has come since stood in reconciliation.open_items alone, which could not be found from it.
-- Locks  reconciliation.discrepancies, shortly: columns without a value are added.
-- Undo   Drop the columns.

alter table reconciliation.discrepancies   -- nothing in any of them: of a run before this version
    add column type text,                  -- empty: of no transaction
    add column channel_txn_id text,
    add column merchant_order_id text,
    add column evidence text,              -- the first there is; tells apart what has no channel_txn_id
    add column ledger_minor bigint,        -- nothing: the side doesn't have it
    add column ledger_currency text,
    add column channel_minor bigint,
    add column channel_currency text;
