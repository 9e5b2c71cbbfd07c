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
#include "core/json/writer.h"
#include "ledger/gate.h"

namespace payments {
namespace {

using core::db::IntegerColumn;
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
            $9::text[], $10::text[], $11::timestamptz[], $12::date[], $13::bigint[], $14::jsonb[], $15::text[],
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
            $9::text[], $10::text[], $11::timestamptz[], $12::date[], $13::bigint[], $14::jsonb[], $15::text[],
            $16::text[], $17::bigint[])
    as t (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency, merchant_order_id, own_order_id,
          related_txn_id, occurred_at, business_date, date_rank, attributes, masked_card, card_fingerprint, entry_id)
where m.tenant_id = t.tenant_id and m.channel = t.channel and m.type = t.type
  and m.channel_txn_id = t.channel_txn_id)"};

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

std::string json_of(const Attributes& attributes) {
    core::json::Writer json;
    json.begin_object();
    for (const auto& [name, value] : attributes) {
        json.member(name, std::string_view(value));
    }
    json.end_object();
    return json.text();
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
            std::string(row.text(15))};
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
            known.add_movement(key, movement_in(row, key), row.boolean(16));
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

// The columns of many movements, as kInsert and kUpdate take them.
struct Columns {
    TextColumn tenant, channel, type, txn_id, status, currency, order, own_order, related, masked_card,
        card_fingerprint;
    core::db::JsonColumn attributes;
    core::db::TimeColumn occurred_at;
    core::db::DayColumn business_day;
    IntegerColumn amount, date_rank, entry;

    void add(const MovementKey& key, const Transaction& told, std::int64_t entry_number) {
        tenant.add(key.tenant.text());
        channel.add(key.channel);
        type.add(name_of(key.type));
        txn_id.add(key.txn_id);
        status.add(name_of(told.status));
        amount.add(told.amount.minor());
        currency.add(told.amount.currency().code());
        order.add(told.merchant_order_id.text());
        own_order.add(told.own_order_id);
        related.add(told.related_txn_id.text());
        occurred_at.add(told.occurred_at);
        business_day.add(told.business_day);
        date_rank.add(told.date_rank);
        attributes.add(json_of(told.attributes));
        masked_card.add(told.masked_card);
        card_fingerprint.add(told.card_fingerprint);
        entry.add(entry_number);
    }

    void add_to(core::db::Trip& trip, const Statement& statement) && {
        if (!tenant.empty()) {
            trip.add(statement, std::move(tenant), std::move(channel), std::move(type), std::move(txn_id),
                     std::move(status), std::move(amount), std::move(currency), std::move(order), std::move(own_order),
                     std::move(related), std::move(occurred_at), std::move(business_day), std::move(date_rank),
                     std::move(attributes), std::move(masked_card), std::move(card_fingerprint), std::move(entry));
        }
    }
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

Writing::Writing(core::db::Transaction& transaction, core::db::Trip& trip, const Known& known,
                 std::vector<std::int64_t> numbers, ledger::AccountsToOpen& accounts) {
    const auto& postings = known.postings();
    if (numbers.size() < postings.size()) {
        core::db::Trip before(transaction);
        std::set<core::TenantId> tenants;
        for (const auto& posting : postings) {
            tenants.insert(posting.tenant);
        }
        const ledger::EntryNumbers more(before, postings.size() - numbers.size(),
                                        ledger::hold_days_open(before, tenants));
        before.run();
        const auto added = more.all(before);
        numbers.insert(numbers.end(), added.begin(), added.end());
    }
    Columns inserted;
    Columns updated;
    for (const auto& [key, movement] : known.movements()) {
        if (movement.is_changed) {
            auto& columns = movement.is_stored ? updated : inserted;
            columns.add(key, movement.told, movement.posting ? numbers.at(*movement.posting) : 0);
        }
    }
    if (!postings.empty()) {
        entries_.emplace(trip, postings, std::move(numbers), accounts);
    }
    std::move(inserted).add_to(trip, kInsert);
    std::move(updated).add_to(trip, kUpdate);
}

void Writing::require_done(const core::db::Trip& trip) const {
    if (entries_) {
        const auto ids = entries_->ids(trip);
        const bool all_posted = std::all_of(ids.begin(), ids.end(), [](const auto& id) { return id.has_value(); });
        core::ensure(all_posted, "an event of an order posts once");
    }
}

}  // namespace payments
