#include "payments/impl/cluster_store.h"

#include <algorithm>

#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace payments {
namespace {

// In the order given, which is sorted: two transactions that want the same locks take them in the same order.
constexpr const char* kLock = R"(
select pg_advisory_xact_lock(hashtextextended(g.name, 0))
from unnest($1::text[]) with ordinality as g (name, place) order by g.place)";

constexpr const char* kOrderOfPayment = R"(
select merchant_order_id from payments.movements
where tenant_id = $1 and channel = $2 and type = 'payment' and channel_txn_id = $3 and merchant_order_id <> '')";

constexpr const char* kOrder = R"(
select amount_minor, currency, split_name, split_shares, (extract(epoch from created_at) * 1000)::bigint
from payments.orders where tenant_id = $1 and merchant_order_id = $2)";

// The movements of a cluster: payments of the order (or the one payment), what undoes them, and what names the order
// without naming a payment. Payments come whatever their status: one that failed, or whose success is still to be
// told, moves nothing, but what undoes it is booked in its group.
constexpr const char* kMovements = R"(
with payment as (
    select channel, channel_txn_id from payments.movements
    where tenant_id = $1 and type = 'payment' and merchant_order_id = $2 and merchant_order_id <> ''
    union
    select channel, channel_txn_id from payments.movements
    where tenant_id = $1 and type = 'payment' and channel = $3 and channel_txn_id = $4),
related as (
    select channel, channel_txn_id from payment
    union select $3, $4 where $4 <> ''),
-- Each way to belong to the cluster on its own, so that each finds its index.
found as (
    select channel, 'payment' as type, channel_txn_id from payment
    union
    select m.channel, m.type, m.channel_txn_id
    from related r join payments.movements m
        on m.tenant_id = $1 and m.channel = r.channel and m.related_txn_id = r.channel_txn_id
    where m.related_txn_id <> '' and m.type <> 'payment'
    union
    select m.channel, m.type, m.channel_txn_id
    from payments.movements m
    where m.tenant_id = $1 and m.merchant_order_id = $2 and m.merchant_order_id <> '' and m.related_txn_id = ''
      and m.type <> 'payment'
    union
    select m.channel, m.type, m.channel_txn_id
    from related r join payments.movements m
        on m.tenant_id = $1 and m.channel = r.channel and m.channel_txn_id = r.channel_txn_id
    where m.type in ('refund', 'reversal', 'dispute', 'fee', 'payout', 'adjustment')
      and m.related_txn_id = '' and m.merchant_order_id = '')
select m.channel, m.type, m.channel_txn_id, m.related_txn_id, m.amount_minor, m.currency,
       (extract(epoch from m.occurred_at) * 1000)::bigint, m.attributes->>'reverses', m.status = 'captured'
from found f join payments.movements m
    on m.tenant_id = $1 and m.channel = f.channel and m.type = f.type and m.channel_txn_id = f.channel_txn_id
where m.status = 'captured' or m.type = 'payment')";

core::Currency currency_of(const std::string& code) {
    const auto currency = core::Currency::from_code(code);
    core::ensure(currency.has_value(), "the database holds currencies we know");
    return *currency;
}

core::Instant instant(std::int64_t milliseconds) { return core::Instant(std::chrono::milliseconds(milliseconds)); }

std::optional<Order> find_order(core::db::TenantTransaction& transaction, const core::MerchantOrderId& id) {
    if (id.empty()) {
        return std::nullopt;
    }
    const auto rows = core::db::run(transaction, kOrder, transaction.tenant().text(), id.text());
    if (rows.empty()) {
        return std::nullopt;
    }
    const auto& row = rows[0];
    return Order{id,
                 core::Money(row[0].as<std::int64_t>(), currency_of(row[1].as<std::string>())),
                 instant(row[4].as<std::int64_t>()),
                 row[2].as<std::string>(),
                 row[3].as<std::string>(),
                 {}};
}

TransactionType reversed_type(const pqxx::field& told) {
    if (told.is_null()) {
        return TransactionType::payment;
    }
    const auto type = transaction_type_from(told.as<std::string>());
    core::ensure(type.has_value(), "a reversal says what it undoes in a word we know");
    return *type;
}

// What moved money for a cluster, and the groups that its entries stand in.
struct Cluster {
    std::vector<BookedMovement> movements;
    std::vector<std::string> groups;
};

Cluster find_cluster(core::db::TenantTransaction& transaction, const ClusterKey& key) {
    Cluster cluster;
    if (!key.order.empty()) {
        cluster.groups.push_back(order_group(key.order));
    }
    if (!key.payment_txn_id.empty()) {
        cluster.groups.push_back(payment_group(key.channel, key.payment_txn_id));
    }
    for (const auto& row : core::db::run(transaction, kMovements, transaction.tenant().text(), key.order.text(),
                                         key.channel, key.payment_txn_id)) {
        const auto type = transaction_type_from(row[1].as<std::string>());
        core::ensure(type.has_value(), "the database holds transaction types we know");
        const auto channel = row[0].as<std::string>();
        const auto channel_txn_id = row[2].as<std::string>();
        if (*type == TransactionType::payment) {
            cluster.groups.push_back(payment_group(channel, channel_txn_id));
        }
        if (row[8].as<bool>()) {
            cluster.movements.push_back({channel, *type, channel_txn_id, row[3].as<std::string>(),
                                         core::Money(row[4].as<std::int64_t>(), currency_of(row[5].as<std::string>())),
                                         instant(row[6].as<std::int64_t>()), reversed_type(row[7])});
        }
    }
    return cluster;
}

}  // namespace

std::string order_group(const core::MerchantOrderId& order) { return "order:" + order.text(); }

std::string payment_group(std::string_view channel, const std::string& payment_txn_id) {
    return "payment:" + std::string(channel) + ":" + payment_txn_id;
}

void lock_groups(core::db::TenantTransaction& transaction, std::vector<std::string> groups) {
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    for (auto& group : groups) {
        group.insert(0, transaction.tenant().text() + "/");
    }
    core::db::run(transaction, kLock, core::db::text_array(groups));
}

std::optional<core::MerchantOrderId> order_of_payment(core::db::TenantTransaction& transaction,
                                                      std::string_view channel, const std::string& payment_txn_id) {
    const auto rows =
        core::db::run(transaction, kOrderOfPayment, transaction.tenant().text(), std::string(channel), payment_txn_id);
    if (rows.empty()) {
        return std::nullopt;
    }
    return core::MerchantOrderId(rows[0][0].as<std::string>());
}

std::optional<core::EntryId> post_cluster(core::db::TenantTransaction& transaction, const ClusterKey& key,
                                          ledger::EntryHead head) {
    const auto order = find_order(transaction, key.order);
    const auto cluster = find_cluster(transaction, key);
    ledger::Balances missing = allocate(order, cluster.movements);
    for (const auto& leg : ledger::balances_of_groups(transaction, cluster.groups).legs()) {
        missing.subtract(leg.account, leg.amount);
    }
    if (missing.empty()) {
        return std::nullopt;
    }
    auto entry = ledger::Entry::make(std::move(head), missing.legs());
    core::ensure(static_cast<bool>(entry), "what is missing for an order balances");
    const auto id = ledger::post(transaction, *entry);
    core::ensure(id.has_value(), "an event of an order posts once");
    return id;
}

}  // namespace payments
