#include "reconciliation/impl/day_store.h"

#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace reconciliation {
namespace {

constexpr const char* kLock = "select pg_advisory_xact_lock(hashtextextended($1, 1))";

// A refund that doesn't say its order's number takes its payment's. The columns are those of read_movement().
#define MOVEMENT_COLUMNS                                                                                   \
    "select m.type, m.channel_txn_id, "                                                                    \
    "coalesce(nullif(m.merchant_order_id, ''), p.merchant_order_id, ''), m.own_order_id, m.amount_minor, " \
    "m.currency, m.status, (extract(epoch from m.occurred_at) * 1000)::bigint, m.business_date::text, "    \
    "m.entry_id, o.amount_minor, o.currency, m.attributes->>'balance_transaction' "                        \
    "from payments.movements m "                                                                           \
    "left join payments.movements p on p.tenant_id = m.tenant_id and p.channel = m.channel "               \
    "  and p.type = 'payment' and m.type <> 'payment' and p.channel_txn_id = m.related_txn_id "            \
    "left join payments.orders o on o.tenant_id = m.tenant_id and m.type = 'payment' "                     \
    "  and o.merchant_order_id = m.merchant_order_id "                                                     \
    "left join reconciliation.matches u on u.tenant_id = m.tenant_id and u.channel = m.channel "           \
    "  and u.type = m.type and u.channel_txn_id = m.channel_txn_id "                                       \
    "left join reconciliation.open_items i on i.tenant_id = m.tenant_id and i.channel = m.channel "        \
    "  and i.side = 'ledger' and i.type = m.type and i.item_key = m.channel_txn_id "                       \
    "where m.tenant_id = $1 and m.channel = $2 and m.entry_id is not null and m.type <> 'payout' "         \
    "  and m.attributes->>'reverses' is distinct from 'payout' "

constexpr const char* kOfDay = MOVEMENT_COLUMNS
    "and m.business_date = $3::date "
    "and (u.business_date is null or u.business_date = $3::date or i.opened_on = $3::date)";

constexpr const char* kLate = MOVEMENT_COLUMNS
    "and m.business_date < $3::date and m.business_date > $3::date - 400 "
    "and (u.business_date is null or u.business_date = $3::date) "
    "and (i.opened_on is null or i.opened_on = $3::date) "
    "and exists (select from reconciliation.runs r where r.tenant_id = m.tenant_id and r.channel = m.channel "
    "            and r.business_date = m.business_date and r.totals_agree)";

constexpr const char* kUsedBefore =
    MOVEMENT_COLUMNS "and u.business_date < $3::date and m.channel_txn_id = any ($4::text[])";

constexpr const char* kDisplaced = MOVEMENT_COLUMNS
    "and m.business_date between $3::date - 1 and $3::date + 1 and m.business_date <> $3::date "
    "and (m.channel_txn_id = any ($4::text[]) or m.attributes->>'balance_transaction' = any ($5::text[])) "
    "and (u.business_date is null or u.business_date = $3::date) "
    "and (i.opened_on is null or i.opened_on = $3::date)";

#undef MOVEMENT_COLUMNS

constexpr const char* kOpenItems = R"(
select side, type, channel_txn_id, merchant_order_id, own_order_id, amount_minor, currency, fee_minor, fee_currency,
       status, status_text, (extract(epoch from occurred_at) * 1000)::bigint, item_date::text, evidence,
       opened_on::text, missing_since is null or missing_since >= $3::date
from reconciliation.open_items
where tenant_id = $1 and channel = $2 and opened_on < $3::date and (closed_on is null or closed_on >= $3::date))";

core::BusinessDay day_from(const std::string& text) {
    const auto day = core::parse_day(text);
    core::ensure(day.has_value(), "the database holds days that exist");
    return *day;
}

core::Instant instant(std::int64_t milliseconds) { return core::Instant(std::chrono::milliseconds(milliseconds)); }

payments::TransactionType type_from(const std::string& name) {
    const auto type = payments::transaction_type_from(name);
    core::ensure(type.has_value(), "the database holds transaction types we know");
    return *type;
}

void judge_order(const pqxx::row& row, Record& record) {
    if (record.type != payments::TransactionType::payment) {
        return;
    }
    if (row[10].is_null()) {
        record.order = Record::Order::none;
        return;
    }
    record.order_amount = row[10].as<std::int64_t>();
    record.order_currency = row[11].as<std::string>();
    const bool agrees = *record.order_amount == record.amount && record.order_currency == record.currency;
    record.order = agrees ? Record::Order::agrees : Record::Order::differs;
}

Record read_movement(const pqxx::row& row) {
    Record record;
    record.type = type_from(row[0].as<std::string>());
    record.channel_txn_id = row[1].as<std::string>();
    record.merchant_order_id = row[2].as<std::string>();
    record.own_order_id = row[3].as<std::string>();
    record.amount = row[4].as<std::int64_t>();
    record.currency = row[5].as<std::string>();
    record.exponent = display_exponent(record.currency);
    record.status = payments::transaction_status_from(row[6].as<std::string>());
    record.status_text = row[6].as<std::string>();
    record.occurred_at = instant(row[7].as<std::int64_t>());
    record.business_day = day_from(row[8].as<std::string>());
    record.evidence = "entry:" + row[9].as<std::string>();
    record.alias = row[12].is_null() ? std::string() : row[12].as<std::string>();
    judge_order(row, record);
    return record;
}

OpenItem read_open_item(const pqxx::row& row) {
    OpenItem item{row[0].as<std::string>() == "ledger" ? Side::ledger : Side::channel,
                  day_from(row[14].as<std::string>()),
                  row[15].as<bool>(),
                  {},
                  row[8].as<std::string>()};
    Record& record = item.record;
    record.type = type_from(row[1].as<std::string>());
    record.channel_txn_id = row[2].as<std::string>();
    record.merchant_order_id = row[3].as<std::string>();
    record.own_order_id = row[4].as<std::string>();
    record.amount = row[5].as<std::int64_t>();
    record.currency = row[6].as<std::string>();
    record.exponent = display_exponent(record.currency);
    if (!row[7].is_null()) {
        record.fee = row[7].as<std::int64_t>();
    }
    record.status = payments::transaction_status_from(row[9].as<std::string>());
    record.status_text = row[10].as<std::string>();
    if (!row[11].is_null()) {
        record.occurred_at = instant(row[11].as<std::int64_t>());
    }
    record.business_day = day_from(row[12].as<std::string>());
    record.evidence = row[13].as<std::string>();
    record.carried_in = true;
    return item;
}

std::vector<Record> read_movements(core::db::TenantTransaction& transaction, const char* sql, std::string_view channel,
                                   core::BusinessDay day) {
    std::vector<Record> records;
    for (const auto& row :
         core::db::run(transaction, sql, transaction.tenant().text(), std::string(channel), core::format_day(day))) {
        records.push_back(read_movement(row));
        records.back().position = records.size();
    }
    return records;
}

}  // namespace

std::string item_key(const Record& record) {
    if (!record.channel_txn_id.empty()) {
        return record.channel_txn_id;
    }
    return "order:" + (record.own_order_id.empty() ? record.merchant_order_id : record.own_order_id) + ":" +
           record.evidence;
}

void lock_channel(core::db::TenantTransaction& transaction, std::string_view channel) {
    core::db::run(transaction, kLock, transaction.tenant().text() + "/reconciliation/" + std::string(channel));
}

std::vector<Record> movements_of_day(core::db::TenantTransaction& transaction, std::string_view channel,
                                     core::BusinessDay day) {
    return read_movements(transaction, kOfDay, channel, day);
}

std::vector<Record> late_movements(core::db::TenantTransaction& transaction, std::string_view channel,
                                   core::BusinessDay day) {
    auto records = read_movements(transaction, kLate, channel, day);
    for (auto& record : records) {
        record.carried_in = true;
    }
    return records;
}

std::vector<Record> displaced_movements(core::db::TenantTransaction& transaction, std::string_view channel,
                                        core::BusinessDay day, const std::vector<std::string>& channel_txn_ids,
                                        const std::vector<std::string>& aliases) {
    std::vector<Record> records;
    if (channel_txn_ids.empty() && aliases.empty()) {
        return records;
    }
    for (const auto& row :
         core::db::run(transaction, kDisplaced, transaction.tenant().text(), std::string(channel),
                       core::format_day(day), core::db::text_array(channel_txn_ids), core::db::text_array(aliases))) {
        records.push_back(read_movement(row));
    }
    return records;
}

std::vector<Record> used_before(core::db::TenantTransaction& transaction, std::string_view channel,
                                core::BusinessDay day, const std::vector<std::string>& channel_txn_ids) {
    std::vector<Record> records;
    if (channel_txn_ids.empty()) {
        return records;
    }
    for (const auto& row : core::db::run(transaction, kUsedBefore, transaction.tenant().text(), std::string(channel),
                                         core::format_day(day), core::db::text_array(channel_txn_ids))) {
        records.push_back(read_movement(row));
    }
    return records;
}

std::vector<OpenItem> open_items(core::db::TenantTransaction& transaction, std::string_view channel,
                                 core::BusinessDay day) {
    std::vector<OpenItem> items;
    for (const auto& row : core::db::run(transaction, kOpenItems, transaction.tenant().text(), std::string(channel),
                                         core::format_day(day))) {
        items.push_back(read_open_item(row));
    }
    return items;
}

}  // namespace reconciliation
