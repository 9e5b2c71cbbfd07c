#include "payments/impl/known_store.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "core/db/column.h"
#include "core/failure.h"
#include "core/json/reader.h"
#include "ledger/gate.h"

namespace payments {
namespace {

using core::db::Rows;
using core::db::Statement;
using core::db::TextColumn;

// In the order given, which is sorted: two transactions that want the same locks take them in the same order.
constexpr Statement kLock{"lock_groups", R"(
select count(pg_advisory_xact_lock(hashtextextended(g.name, 0)))
from (select name from unnest($1::text[]) with ordinality as n (name, place) order by place) g)"};

constexpr Statement kOrders{"orders_of_batch", R"(
select o.tenant_id, o.merchant_order_id, o.amount_minor, o.currency, o.split_name, o.split_shares,
       (extract(epoch from o.created_at) * 1000)::bigint,
       case when o.split_shares like 'v2;when=%' then (
           select (extract(epoch from r.released_at) * 1000)::bigint from payments.releases r
           where r.tenant_id = o.tenant_id and r.merchant_order_id = o.merchant_order_id and r.reason = 'fulfilled') end,
       o.split_shares like 'v2;when=%' and exists (
           select from payments.releases r
           where r.tenant_id = o.tenant_id and r.merchant_order_id = o.merchant_order_id and r.reason = 'due')
from unnest($1::text[], $2::text[]) as a (tenant_id, merchant_order_id)
join payments.orders o on o.tenant_id = a.tenant_id and o.merchant_order_id = a.merchant_order_id)"};

// The movements told of ($1 to $4), and those of their clusters: payments of the orders ($5, $6) and the payments named
// ($7 to $9) whatever their status, what undoes these, what names an order and no payment, and what names neither and
// has a named payment's number. Each way to belong on its own, so that each finds its index.
constexpr Statement kMovements{"movements_of_batch", R"(
with of_order as materialized (
    select m.tenant_id, m.channel, m.type, m.channel_txn_id, m.related_txn_id
    from unnest($5::text[], $6::text[]) as a (tenant_id, merchant_order_id)
    join payments.movements m on m.tenant_id = a.tenant_id and m.merchant_order_id = a.merchant_order_id
        and m.merchant_order_id <> ''),
payment as materialized (
    select tenant_id, channel, channel_txn_id from of_order where type = 'payment'
    union select * from unnest($7::text[], $8::text[], $9::text[])),
found as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as t (tenant_id, channel, type, channel_txn_id)
    union select tenant_id, channel, 'payment', channel_txn_id from payment
    union select tenant_id, channel, type, channel_txn_id from of_order where type <> 'payment' and related_txn_id = ''
    union select m.tenant_id, m.channel, m.type, m.channel_txn_id
        from payment p join payments.movements m on m.tenant_id = p.tenant_id and m.channel = p.channel
            and m.related_txn_id = p.channel_txn_id and m.related_txn_id <> ''
    union select m.tenant_id, m.channel, m.type, m.channel_txn_id
        from payment p join payments.movements m on m.tenant_id = p.tenant_id and m.channel = p.channel
            and m.channel_txn_id = p.channel_txn_id
            and m.merchant_order_id = '' and m.related_txn_id = '' and m.type <> 'payment')
select m.tenant_id, m.channel, m.type, m.channel_txn_id, m.status, m.amount_minor, m.currency, m.merchant_order_id,
       m.own_order_id, m.related_txn_id, (extract(epoch from m.occurred_at) * 1000)::bigint, m.business_date::text,
       m.date_rank, m.attributes::text, m.masked_card, m.entry_id is not null
from found f join payments.movements m on m.tenant_id = f.tenant_id and m.channel = f.channel and m.type = f.type
    and m.channel_txn_id = f.channel_txn_id)"};

core::Instant instant(std::int64_t milliseconds) { return core::Instant(std::chrono::milliseconds(milliseconds)); }

core::Money money(std::int64_t minor, std::string_view code) {
    const auto currency = core::Currency::from_code(code);
    core::ensure(currency.has_value(), "the database holds currencies we know");
    return {minor, *currency};
}

Attributes attributes_from(std::string_view text) {
    const auto json = core::json::parse(text);
    core::ensure(json && json->is_object(), "the database holds attributes as it was given them");
    Attributes attributes;
    for (const auto& [name, value] : json->members()) {
        attributes.emplace(name, value.string().value_or(""));
    }
    return attributes;
}

MovementKey key_in(const Rows::Row& row) {
    const auto type = transaction_type_from(row.text(2));
    core::ensure(type.has_value(), "the database holds transaction types we know");
    return {core::TenantId(std::string(row.text(0))), std::string(row.text(1)), *type, std::string(row.text(3))};
}

Transaction movement_in(const Rows::Row& row, const MovementKey& key) {
    const auto status = transaction_status_from(row.text(4));
    const auto day = core::parse_day(row.text(11));
    core::ensure(status.has_value() && day.has_value(), "the database holds statuses and days we know");
    return {key.type,
            *status,
            core::ChannelTxnId(key.txn_id),
            core::MerchantOrderId(std::string(row.text(7))),
            std::string(row.text(8)),
            core::ChannelTxnId(std::string(row.text(9))),
            money(row.integer(5), row.text(6)),
            instant(row.integer(10)),
            *day,
            static_cast<int>(row.integer(12)),
            attributes_from(row.text(13)),
            std::string(row.text(14)),
            {}};
}

// What has to be locked and read for some clusters.
struct Wanted {
    std::set<ledger::GroupKey> groups;
    std::set<OrderKey> orders;
    std::set<PaymentKey> payments;

    void add(const Cluster& cluster) {
        for (auto& group : cluster.groups()) {
            groups.insert({cluster.tenant, std::move(group)});
        }
        if (!cluster.order.empty()) {
            orders.insert({cluster.tenant, cluster.order});
        }
        if (!cluster.payment_txn_id.empty()) {
            payments.insert({cluster.tenant, cluster.channel, cluster.payment_txn_id});
        }
    }
};

std::vector<Cluster> clusters_of(const Known& known, const std::vector<Told>& told,
                                 const std::vector<OrderKey>& orders) {
    std::vector<Cluster> clusters;
    for (const auto& [key, movement] : told) {
        auto standing = known.standing_of(key, *movement);
        clusters.push_back(std::move(standing.before));
        clusters.push_back(std::move(standing.now));
    }
    for (const auto& order : orders) {
        clusters.push_back({order.tenant, order.order, {}, {}});
    }
    return clusters;
}

// The trip that locks groups and asks what is known of the clusters, and what came of it.
class Question {
public:
    Question(core::db::Trip& trip, const std::set<ledger::GroupKey>& to_lock, const std::vector<Told>& told,
             const Wanted& wanted) {
        lock(trip, to_lock);
        ask_for_movements(trip, told, wanted);
        groups_.emplace(trip, std::vector<ledger::GroupKey>(wanted.groups.begin(), wanted.groups.end()));
    }

    Known answer(const core::db::Trip& trip) const {
        Known known;
        for (const auto& row : trip[movements_]) {
            const auto key = key_in(row);
            known.add_movement(key, movement_in(row, key), row.boolean(15));
        }
        for (const auto& row : trip[orders_]) {
            known.add_releases(
                {core::TenantId(std::string(row.text(0))), core::MerchantOrderId(std::string(row.text(1)))},
                {row.text(7).empty() ? std::nullopt : std::optional(instant(row.integer(7))), row.boolean(8)});
            known.add_order(core::TenantId(std::string(row.text(0))), {core::MerchantOrderId(std::string(row.text(1))),
                                                                       money(row.integer(2), row.text(3)),
                                                                       instant(row.integer(6)),
                                                                       std::string(row.text(4)),
                                                                       std::string(row.text(5)),
                                                                       {}});
        }
        known.add_groups(groups_->books(trip));
        return known;
    }

private:
    static void lock(core::db::Trip& trip, const std::set<ledger::GroupKey>& groups) {
        TextColumn names;
        for (const auto& group : groups) {
            names.add(group.tenant.text() + "/" + group.group);
        }
        trip.add(kLock, std::move(names));
    }

    void ask_for_movements(core::db::Trip& trip, const std::vector<Told>& told, const Wanted& wanted) {
        TextColumn order_tenants, orders;
        for (const auto& key : wanted.orders) {
            order_tenants.add(key.tenant.text());
            orders.add(key.order.text());
        }
        TextColumn tenants, channels, types, ids;
        for (const auto& [key, movement] : told) {
            tenants.add(key.tenant.text());
            channels.add(key.channel);
            types.add(name_of(key.type));
            ids.add(key.txn_id);
        }
        TextColumn payment_tenants, payment_channels, payments;
        for (const auto& key : wanted.payments) {
            payment_tenants.add(key.tenant.text());
            payment_channels.add(key.channel);
            payments.add(key.txn_id);
        }
        const std::array of_orders{std::move(order_tenants).parameter(), std::move(orders).parameter()};
        movements_ = trip.add(kMovements, std::move(tenants), std::move(channels), std::move(types), std::move(ids),
                              of_orders[0], of_orders[1], std::move(payment_tenants), std::move(payment_channels),
                              std::move(payments));
        orders_ = trip.add(kOrders, of_orders[0], of_orders[1]);
    }

    std::size_t movements_ = 0;
    std::size_t orders_ = 0;
    std::optional<ledger::GroupsQuestion> groups_;
};

std::set<core::TenantId> tenants_of(const std::set<ledger::GroupKey>& groups) {
    std::set<core::TenantId> tenants;
    for (const auto& group : groups) {
        tenants.insert(group.tenant);
    }
    return tenants;
}

// What a cluster's groups say of it stands in those of payments that only the database knew of, too.
void add_groups_of_others(core::db::Transaction& transaction, Known& known, const std::vector<Cluster>& clusters,
                          const std::set<ledger::GroupKey>& asked) {
    std::set<ledger::GroupKey> others;
    for (const auto& cluster : clusters) {
        for (auto& name : known.groups_of(cluster)) {
            ledger::GroupKey group{cluster.tenant, std::move(name)};
            if (!asked.contains(group)) {
                others.insert(std::move(group));
            }
        }
    }
    if (!others.empty()) {
        core::db::Trip trip(transaction);
        const ledger::GroupsQuestion question(trip, {others.begin(), others.end()});
        trip.run();
        known.add_groups(question.books(trip));
    }
}

}  // namespace

// Others may come in between a look and a lock, so all is read again under the locks, until what is read belongs to
// nothing that isn't locked.
Ground lock_and_read(core::db::Transaction& transaction, const std::vector<Told>& told,
                     const std::vector<OrderKey>& orders) {
    Ground ground;
    std::set<ledger::GroupKey> locked;
    std::vector<Cluster> clusters = clusters_of(ground.known, told, orders);
    while (true) {
        Wanted wanted;
        for (const auto& cluster : clusters) {
            wanted.add(cluster);
        }
        std::set<ledger::GroupKey> missing;
        std::set_difference(wanted.groups.begin(), wanted.groups.end(), locked.begin(), locked.end(),
                            std::inserter(missing, missing.end()));
        if (missing.empty()) {
            add_groups_of_others(transaction, ground.known, clusters, wanted.groups);
            return ground;
        }
        core::db::Trip trip(transaction);
        std::optional<ledger::EntryNumbers> numbers;
        if (locked.empty()) {
            const auto days = ledger::hold_days_open(trip, tenants_of(missing));
            numbers.emplace(trip, told.size() + orders.size(), days);
        }
        const Question question(trip, missing, told, wanted);
        trip.run();
        locked.merge(missing);
        ground.known = question.answer(trip);
        if (numbers) {
            ground.entry_numbers = numbers->all(trip);
        }
        clusters = clusters_of(ground.known, told, orders);
    }
}

}  // namespace payments
