#include "tests/bench/callbacks/bulk.h"

#include <chrono>
#include <pqxx/pqxx>

#include "core/db/connection.h"

namespace bench {
namespace {

// The rows in memory of the session first, in parts; what is measured is writing them.
constexpr const char* kRead[] = {
    "create temp table m as select m.*, (row_number() over () - 1) / $ as part from payments.movements m "
    "where m.entry_id is not null",
    "create temp table i as select i.*, (row_number() over () - 1) / $ as part from payments.inbox i",
    "create temp table e as select e.*, m.part from ledger.entries e join m using (tenant_id, entry_id)",
    "create index on m (part)",
    "create index on i (part)",
    "create index on e (part)",
    "analyze m",
    "analyze i",
    "analyze e",
};

constexpr const char* kAccounts =
    "insert into ledger.accounts (tenant_id, account, kind) select 'bulk', account, kind from ledger.accounts";

constexpr const char* kWrite[] = {
    "insert into payments.inbox (tenant_id, channel, event_id, event_type, body_sha256, redacted_body, received_at, "
    "deliveries) select 'bulk', channel, event_id, event_type, body_sha256, redacted_body, received_at, deliveries "
    "from i where part = $1",
    "insert into ledger.entries (tenant_id, entry_id, event, source_key, group_key, description, occurred_at, "
    "business_date, leg_accounts, leg_currencies, leg_amounts) overriding system value select 'bulk', "
    "entry_id + 1000000000, event, source_key, group_key, description, occurred_at, business_date, leg_accounts, "
    "leg_currencies, leg_amounts from e where part = $1",
    "insert into payments.movements (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency, "
    "merchant_order_id, own_order_id, related_txn_id, occurred_at, business_date, date_rank, attributes, masked_card, "
    "entry_id) select 'bulk', channel, type, channel_txn_id, status, amount_minor, currency, "
    "merchant_order_id, own_order_id, related_txn_id, occurred_at, business_date, date_rank, attributes, masked_card, "
    "entry_id + 1000000000 from m where part = $1",
};

std::string with_rows(std::string sql, int rows) {
    const auto at = sql.find('$');
    return at == std::string::npos ? sql : sql.replace(at, 1, std::to_string(rows));
}

}  // namespace

BulkResult insert_in_bulk(const std::string& service_connection, int rows) {
    core::db::Connection session(service_connection);
    BulkResult result;
    std::int64_t parts = 0;
    {
        pqxx::work work(session.get());
        work.exec("select set_config('duizhang.tenant', 't0', true)");
        for (const char* sql : kRead) {
            work.exec(with_rows(sql, rows));
        }
        const auto row = work.exec1("select count(*), max(part) + 1 from m");
        result.callbacks = row[0].as<std::int64_t>();
        parts = row[1].as<std::int64_t>(0);
        work.exec("select set_config('duizhang.tenant', 't0,bulk', true)");
        work.exec(std::string(kAccounts) + " where tenant_id = 't0'");
        work.commit();
    }
    const auto begin = std::chrono::steady_clock::now();
    for (std::int64_t part = 0; part < parts; ++part) {
        pqxx::work work(session.get());
        work.exec("select set_config('duizhang.tenant', 'bulk', true)");
        for (const char* sql : kWrite) {
            work.exec_params(sql, part);
        }
        work.commit();
    }
    const auto time =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count();
    result.per_second = time == 0 ? 0 : result.callbacks * 1'000'000 / time;
    return result;
}

}  // namespace bench
