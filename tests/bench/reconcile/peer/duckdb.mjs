// Compares two files as DuckDB does it best: both read by all threads, a full outer join, and the classification in SQL.
import { DuckDBInstance } from '@duckdb/node-api';

const [left, right, memory, threads, closely, spill] = process.argv.slice(2);
const settings = { threads, preserve_insertion_order: 'false', temp_directory: spill };
if (memory !== '') {
  settings.memory_limit = memory;
}
const database = await DuckDBInstance.create(':memory:', settings);
const connection = await database.connect();
const columns = `{'channel_txn_id': 'VARCHAR', 'merchant_order_id': 'VARCHAR', 'type': 'VARCHAR', 'amount': 'BIGINT',
  'fee': 'BIGINT', 'currency': 'VARCHAR', 'status': 'VARCHAR', 'occurred_at': 'TIMESTAMP'}`;
const rows = (file) => `read_csv('${file}', header = true, columns = ${columns})`;
const grouped = (file) => `(SELECT channel_txn_id, type, count(*) AS times, any_value(amount) AS amount, any_value(fee) AS fee,
  any_value(currency) AS currency, any_value(status) AS status FROM ${rows(file)} GROUP BY channel_txn_id, type)`;
const repeats = `WHEN r.times > 1 THEN 'duplicate_in_channel' WHEN l.times > 1 THEN 'duplicate_in_ledger'`;
const side = closely === 'closely' ? grouped : rows;
const answer = await connection.runAndReadAll(`
  SELECT kind, count(*) FROM (
    SELECT CASE ${closely === 'closely' ? repeats : ''}
      WHEN l.amount IS NULL THEN 'missing_in_ledger'
      WHEN r.amount IS NULL THEN 'missing_in_channel'
      WHEN l.currency <> r.currency THEN 'currency_mismatch'
      WHEN l.amount <> r.amount THEN 'amount_mismatch'
      WHEN l.status <> r.status THEN 'status_mismatch'
      WHEN l.fee <> r.fee THEN 'fee_mismatch'
      ELSE 'matched' END AS kind
    FROM ${side(left)} l FULL JOIN ${side(right)} r USING (channel_txn_id, type))
  GROUP BY kind`);
for (const [kind, count] of answer.getRows()) {
  console.log(`${kind} ${count}`);
}
