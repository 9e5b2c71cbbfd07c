#include "payments/lists.h"

#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace payments {
namespace {

constexpr const char* kOrders = R"(
select merchant_order_id, amount_minor, currency, (extract(epoch from created_at) * 1000)::bigint,
       (extract(epoch from registered_at) * 1000)::bigint, split_name, description,
       coalesce((select d.due_date from ledger.due_dates d
                 where d.tenant_id = $1 and d.group_key = 'order:' || o.merchant_order_id),
                (created_at at time zone 'UTC')::date)::text,
       to_char(registered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
from payments.orders o
where tenant_id = $1 and registered_at is not null and ($2::text is null or merchant_order_id = $2)
  and ($3::timestamptz is null or (registered_at, merchant_order_id) < ($3, $4::text))
order by registered_at desc, merchant_order_id desc limit $5)";

// Channel by channel, so that each finds its index by day; what has moved money has one of its own.
constexpr const char* kMovements = R"(
select m.channel, m.type, m.channel_txn_id, m.status, m.amount_minor, m.currency, m.merchant_order_id, m.own_order_id,
       m.related_txn_id, (extract(epoch from m.occurred_at) * 1000)::bigint, m.business_date::text, m.entry_id
from unnest($2::text[]) as c (channel) cross join lateral (
    (select * from payments.movements b
     where b.tenant_id = $1 and b.channel = c.channel and b.entry_id is not null
       and ($3::text is null or b.type = $3)
       and ($4::date is null or b.business_date >= $4) and ($5::date is null or b.business_date <= $5)
       and ($6::text is null or b.merchant_order_id = $6) and ($7::text is null or b.channel_txn_id = $7)
       and ($8::date is null or b.business_date <= $8)
       and ($8::date is null or (b.business_date, b.channel collate "C", b.channel_txn_id collate "C",
                                 b.type collate "C") < ($8, $9::text, $10::text, $11::text))
     order by b.business_date desc, b.channel_txn_id collate "C" desc, b.type collate "C" desc limit $12)
    union all
    (select * from payments.movements u
     where u.tenant_id = $1 and u.channel = c.channel and u.entry_id is null
       and ($3::text is null or u.type = $3)
       and ($4::date is null or u.business_date >= $4) and ($5::date is null or u.business_date <= $5)
       and ($6::text is null or u.merchant_order_id = $6) and ($7::text is null or u.channel_txn_id = $7)
       and ($8::date is null or u.business_date <= $8)
       and ($8::date is null or (u.business_date, u.channel collate "C", u.channel_txn_id collate "C",
                                 u.type collate "C") < ($8, $9::text, $10::text, $11::text))
     order by u.business_date desc, u.channel_txn_id collate "C" desc, u.type collate "C" desc limit $12)) m
order by m.business_date desc, m.channel collate "C" desc, m.channel_txn_id collate "C" desc, m.type collate "C" desc
limit $12)";

// What undoes a payment may name the payment alone.
constexpr const char* kOfOrder = R"(
with own as materialized (
    select * from payments.movements where tenant_id = $1 and merchant_order_id = $2 and merchant_order_id <> '')
select m.channel, m.type, m.channel_txn_id, m.status, m.amount_minor, m.currency, m.merchant_order_id, m.own_order_id,
       m.related_txn_id, (extract(epoch from m.occurred_at) * 1000)::bigint, m.business_date::text, m.entry_id
from (select * from own
      union
      select u.* from own p join payments.movements u on u.tenant_id = $1 and u.channel = p.channel
          and u.related_txn_id = p.channel_txn_id and u.related_txn_id <> '' and u.merchant_order_id = ''
      where p.type = 'payment') m
order by m.occurred_at, m.channel collate "C", m.channel_txn_id collate "C", m.type collate "C")";

core::Instant instant(const pqxx::field& field) {
    return core::Instant(std::chrono::milliseconds(field.as<std::int64_t>()));
}

core::Money money(const pqxx::field& minor, const pqxx::field& currency) {
    const auto known = core::Currency::from_code(currency.as<std::string>());
    core::ensure(known.has_value(), "orders and movements are stored in currencies we know");
    return {minor.as<std::int64_t>(), *known};
}

StoredMovement movement_of(const pqxx::row& row) {
    return {row[0].as<std::string>(),
            row[1].as<std::string>(),
            row[2].as<std::string>(),
            row[3].as<std::string>(),
            money(row[4], row[5]),
            row[6].as<std::string>(),
            row[7].as<std::string>(),
            row[8].as<std::string>(),
            instant(row[9]),
            row[10].as<std::string>(),
            row[11].is_null() ? std::nullopt : std::optional(core::EntryId(row[11].as<std::int64_t>()))};
}

std::optional<std::string> day_text(const std::optional<core::BusinessDay>& day) {
    return day ? std::optional(core::format_day(*day)) : std::nullopt;
}

}  // namespace

std::vector<StoredOrder> list_orders(core::db::TenantTransaction& transaction, const OrderFilter& filter,
                                     std::int64_t limit) {
    const auto before_place = filter.before ? std::optional(filter.before->first) : std::nullopt;
    const auto before_id = filter.before ? std::optional(filter.before->second) : std::nullopt;
    std::vector<StoredOrder> orders;
    for (const auto& row :
         core::db::run(transaction, kOrders, transaction.tenant().text(), filter.id, before_place, before_id, limit)) {
        orders.push_back({core::MerchantOrderId(row[0].as<std::string>()), money(row[1], row[2]), instant(row[3]),
                          instant(row[4]), row[5].as<std::string>(), row[6].as<std::string>(), row[7].as<std::string>(),
                          row[8].as<std::string>()});
    }
    return orders;
}

std::optional<StoredOrder> find_order(core::db::TenantTransaction& transaction, const std::string& id) {
    auto found = list_orders(transaction, {id, {}}, 1);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<StoredMovement> list_movements(core::db::TenantTransaction& transaction, const MovementFilter& filter,
                                           std::int64_t limit) {
    using Text = std::optional<std::string>;
    const auto& before = filter.before;
    std::vector<StoredMovement> movements;
    for (const auto& row : core::db::run(
             transaction, kMovements, transaction.tenant().text(), core::db::text_array(filter.channels), filter.type,
             day_text(filter.from), day_text(filter.until), filter.merchant_order_id, filter.channel_txn_id,
             before ? Text(before->business_date) : Text(), before ? Text(before->channel) : Text(),
             before ? Text(before->channel_txn_id) : Text(), before ? Text(before->type) : Text(), limit)) {
        movements.push_back(movement_of(row));
    }
    return movements;
}

std::vector<StoredMovement> movements_of_order(core::db::TenantTransaction& transaction, const std::string& order) {
    std::vector<StoredMovement> movements;
    for (const auto& row : core::db::run(transaction, kOfOrder, transaction.tenant().text(), order)) {
        movements.push_back(movement_of(row));
    }
    return movements;
}

}  // namespace payments
