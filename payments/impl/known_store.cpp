#include "payments/impl/known_store.h"

#include <algorithm>
#include <string>

#include "core/db/array.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "core/json/reader.h"
#include "core/json/writer.h"

namespace payments {
namespace {

using core::db::integer_array;
using core::db::Statement;
using core::db::text_array;

// In the order given, which is sorted: two transactions that want the same locks take them in the same order.
constexpr Statement kLock{"lock_groups", R"(
select count(pg_advisory_xact_lock(hashtextextended(g.name, 0)))
from (select name from unnest($1::text[]) with ordinality as n (name, place) order by place) g)"};

constexpr Statement kOrders{"orders_of_batch", R"(
select o.tenant_id, o.merchant_order_id, o.amount_minor, o.currency, o.split_name, o.split_shares,
       (extract(epoch from o.created_at) * 1000)::bigint
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
       m.date_rank, m.attributes::text, m.masked_card, m.card_fingerprint, m.entry_id is not null
from found f join payments.movements m on m.tenant_id = f.tenant_id and m.channel = f.channel and m.type = f.type
    and m.channel_txn_id = f.channel_txn_id)"};

constexpr Statement kInsert{"insert_movements", R"(
insert into payments.movements (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency,
    merchant_order_id, own_order_id, related_txn_id, occurred_at, business_date, date_rank, attributes,
    masked_card, card_fingerprint, entry_id)
select tenant_id, channel, type, channel_txn_id, status, amount_minor, currency, merchant_order_id, own_order_id,
       related_txn_id, occurred_at, business_date, date_rank, attributes, masked_card, card_fingerprint,
       nullif(entry_id, 0)
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::timestamptz[], $12::date[], $13::smallint[], $14::jsonb[], $15::text[],
            $16::text[], $17::bigint[])
    as t (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency, merchant_order_id, own_order_id,
          related_txn_id, occurred_at, business_date, date_rank, attributes, masked_card, card_fingerprint,
          entry_id))"};

constexpr Statement kUpdate{"update_movements", R"(
update payments.movements m set
    status = t.status, amount_minor = t.amount_minor, currency = t.currency,
    merchant_order_id = t.merchant_order_id, own_order_id = t.own_order_id, related_txn_id = t.related_txn_id,
    occurred_at = t.occurred_at, business_date = t.business_date, date_rank = t.date_rank, attributes = t.attributes,
    masked_card = t.masked_card, card_fingerprint = t.card_fingerprint, entry_id = coalesce(m.entry_id, nullif(t.entry_id, 0))
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::timestamptz[], $12::date[], $13::smallint[], $14::jsonb[], $15::text[],
            $16::text[], $17::bigint[])
    as t (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency, merchant_order_id, own_order_id,
          related_txn_id, occurred_at, business_date, date_rank, attributes, masked_card, card_fingerprint, entry_id)
where m.tenant_id = t.tenant_id and m.channel = t.channel and m.type = t.type
  and m.channel_txn_id = t.channel_txn_id)"};

core::Instant instant(std::int64_t milliseconds) { return core::Instant(std::chrono::milliseconds(milliseconds)); }

core::Money money(std::int64_t minor, const std::string& code) {
    const auto currency = core::Currency::from_code(code);
    core::ensure(currency.has_value(), "the database holds currencies we know");
    return {minor, *currency};
}

Attributes attributes_from(const std::string& text) {
    const auto json = core::json::parse(text);
    core::ensure(json && json->is_object(), "the database holds attributes as it was given them");
    Attributes attributes;
    for (const auto& [name, value] : json->members()) {
        attributes.emplace(name, value.string().value_or(""));
    }
    return attributes;
}

std::string json_of(const Attributes& attributes) {
    core::json::Writer json;
    json.begin_object();
    for (const auto& [name, value] : attributes) {
        json.member(name, std::string_view(value));
    }
    json.end_object();
    return json.text();
}

MovementKey key_in(const pqxx::row& row) {
    const auto type = transaction_type_from(row[2].as<std::string>());
    core::ensure(type.has_value(), "the database holds transaction types we know");
    return {core::TenantId(row[0].as<std::string>()), row[1].as<std::string>(), *type, row[3].as<std::string>()};
}

Transaction movement_in(const pqxx::row& row, const MovementKey& key) {
    const auto status = transaction_status_from(row[4].as<std::string>());
    const auto day = core::parse_day(row[11].as<std::string>());
    core::ensure(status.has_value() && day.has_value(), "the database holds statuses and days we know");
    return {key.type,
            *status,
            core::ChannelTxnId(key.txn_id),
            core::MerchantOrderId(row[7].as<std::string>()),
            row[8].as<std::string>(),
            core::ChannelTxnId(row[9].as<std::string>()),
            money(row[5].as<std::int64_t>(), row[6].as<std::string>()),
            instant(row[10].as<std::int64_t>()),
            *day,
            row[12].as<int>(),
            attributes_from(row[13].as<std::string>()),
            row[14].as<std::string>(),
            row[15].as<std::string>()};
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

void lock(core::db::Transaction& transaction, const std::set<ledger::GroupKey>& groups) {
    std::vector<std::string> names;
    names.reserve(groups.size());
    for (const auto& group : groups) {
        names.push_back(group.tenant.text() + "/" + group.group);
    }
    core::db::run(transaction, kLock, text_array(names));
}

Known read(core::db::Transaction& transaction, const std::vector<Told>& told, const Wanted& wanted) {
    Known known;
    std::vector<std::string> order_tenants, orders;
    for (const auto& key : wanted.orders) {
        order_tenants.push_back(key.tenant.text());
        orders.push_back(key.order.text());
    }
    std::vector<std::string> tenants, channels, types, ids;
    for (const auto& [key, movement] : told) {
        tenants.push_back(key.tenant.text());
        channels.push_back(key.channel);
        types.emplace_back(name_of(key.type));
        ids.push_back(key.txn_id);
    }
    std::vector<std::string> payment_tenants, payment_channels, payments;
    for (const auto& key : wanted.payments) {
        payment_tenants.push_back(key.tenant.text());
        payment_channels.push_back(key.channel);
        payments.push_back(key.txn_id);
    }
    for (const auto& row :
         core::db::run(transaction, kMovements, text_array(tenants), text_array(channels), text_array(types),
                       text_array(ids), text_array(order_tenants), text_array(orders), text_array(payment_tenants),
                       text_array(payment_channels), text_array(payments))) {
        const auto key = key_in(row);
        known.add_movement(key, movement_in(row, key), row[16].as<bool>());
    }
    for (const auto& row : core::db::run(transaction, kOrders, text_array(order_tenants), text_array(orders))) {
        known.add_order(core::TenantId(row[0].as<std::string>()),
                        {core::MerchantOrderId(row[1].as<std::string>()),
                         money(row[2].as<std::int64_t>(), row[3].as<std::string>()),
                         instant(row[6].as<std::int64_t>()),
                         row[4].as<std::string>(),
                         row[5].as<std::string>(),
                         {}});
    }
    return known;
}

// The columns of many movements, as kInsert and kUpdate take them.
struct Columns {
    std::vector<std::string> tenant, channel, type, txn_id, status, currency, order, own_order, related, occurred_at,
        business_day, attributes, masked_card, card_fingerprint;
    std::vector<std::int64_t> amount, date_rank, entry;

    void add(const MovementKey& key, const Transaction& told, std::int64_t entry_number) {
        tenant.push_back(key.tenant.text());
        channel.push_back(key.channel);
        type.emplace_back(name_of(key.type));
        txn_id.push_back(key.txn_id);
        status.emplace_back(name_of(told.status));
        amount.push_back(told.amount.minor());
        currency.emplace_back(told.amount.currency().code());
        order.push_back(told.merchant_order_id.text());
        own_order.push_back(told.own_order_id);
        related.push_back(told.related_txn_id.text());
        occurred_at.push_back(core::format_rfc3339(told.occurred_at));
        business_day.push_back(core::format_day(told.business_day));
        date_rank.push_back(told.date_rank);
        attributes.push_back(json_of(told.attributes));
        masked_card.push_back(told.masked_card);
        card_fingerprint.push_back(told.card_fingerprint);
        entry.push_back(entry_number);
    }

    void run(core::db::Transaction& transaction, const Statement& statement) const {
        if (!tenant.empty()) {
            core::db::run(transaction, statement, text_array(tenant), text_array(channel), text_array(type),
                          text_array(txn_id), text_array(status), integer_array(amount), text_array(currency),
                          text_array(order), text_array(own_order), text_array(related), text_array(occurred_at),
                          text_array(business_day), integer_array(date_rank), text_array(attributes),
                          text_array(masked_card), text_array(card_fingerprint), integer_array(entry));
        }
    }
};

}  // namespace

// Others may come in between a look and a lock, so all is read again under the locks, until what is read belongs to
// nothing that isn't locked.
Known lock_and_read(core::db::Transaction& transaction, const std::vector<Told>& told,
                    const std::vector<OrderKey>& orders) {
    Known known;
    std::set<ledger::GroupKey> locked;
    std::vector<Cluster> clusters = clusters_of(known, told, orders);
    while (true) {
        Wanted wanted;
        for (const auto& cluster : clusters) {
            wanted.add(cluster);
        }
        std::set<ledger::GroupKey> missing;
        std::set_difference(wanted.groups.begin(), wanted.groups.end(), locked.begin(), locked.end(),
                            std::inserter(missing, missing.end()));
        if (missing.empty()) {
            break;
        }
        lock(transaction, missing);
        locked.merge(missing);
        known = read(transaction, told, wanted);
        clusters = clusters_of(known, told, orders);
    }
    std::set<ledger::GroupKey> groups;
    for (const auto& cluster : clusters) {
        for (auto& group : known.groups_of(cluster)) {
            groups.insert({cluster.tenant, std::move(group)});
        }
    }
    known.add_groups(ledger::books_of_groups(transaction, {groups.begin(), groups.end()}));
    return known;
}

void write(core::db::Transaction& transaction, const Known& known) {
    const auto entries = ledger::post_all(transaction, known.postings());
    const bool all_posted = std::all_of(entries.begin(), entries.end(), [](const auto& id) { return id.has_value(); });
    core::ensure(all_posted, "an event of an order posts once");
    Columns inserted;
    Columns updated;
    for (const auto& [key, movement] : known.movements()) {
        if (movement.is_changed) {
            auto& columns = movement.is_stored ? updated : inserted;
            columns.add(key, movement.told, movement.posting ? entries[*movement.posting]->number() : 0);
        }
    }
    inserted.run(transaction, kInsert);
    updated.run(transaction, kUpdate);
}

}  // namespace payments
