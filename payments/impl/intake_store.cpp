#include "payments/intake.h"

#include "core/crypto/digest.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "core/json/writer.h"
#include "core/log.h"
#include "payments/impl/cluster_store.h"

namespace payments {
namespace {

constexpr int kAttempts = 5;

constexpr const char* kInbox = R"(
insert into payments.inbox (tenant_id, channel, event_id, event_type, body_sha256, redacted_body, received_at)
values ($1, $2, $3, $4, $5, $6, $7::timestamptz)
on conflict on constraint inbox_pk do update set deliveries = payments.inbox.deliveries + 1
returning deliveries)";

// The row is locked until the transaction ends.
constexpr const char* kFind = R"(
select status, amount_minor, currency, merchant_order_id = '', entry_id is not null from payments.movements
where tenant_id = $1 and channel = $2 and type = $3 and channel_txn_id = $4 for update)";

constexpr const char* kInsert = R"(
insert into payments.movements (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency,
    merchant_order_id, own_order_id, related_txn_id, occurred_at, business_date, date_rank, attributes,
    masked_card, card_fingerprint)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::timestamptz, $12::date, $13, $14::jsonb, $15, $16))";

// A later message adds what it knows; what is booked keeps its amount. Dates go by rank, then by the earlier one, so
// that the order in which messages come doesn't matter.
constexpr const char* kEnrich = R"(
update payments.movements set
    status = case when status = 'captured' then status else $5 end,
    merchant_order_id = case when merchant_order_id = '' then $6 else merchant_order_id end,
    own_order_id = case when own_order_id = '' then $7 else own_order_id end,
    related_txn_id = case when related_txn_id = '' then $8 else related_txn_id end,
    occurred_at = case when $11 > date_rank or ($11 = date_rank and $9::timestamptz < occurred_at)
                       then $9::timestamptz else occurred_at end,
    business_date = case when $11 > date_rank or ($11 = date_rank and $9::timestamptz < occurred_at)
                         then $10::date else business_date end,
    date_rank = greatest(date_rank, $11),
    attributes = attributes || $12::jsonb,
    masked_card = case when masked_card = '' then $13 else masked_card end,
    card_fingerprint = case when card_fingerprint = '' then $14 else card_fingerprint end
where tenant_id = $1 and channel = $2 and type = $3 and channel_txn_id = $4)";

constexpr const char* kSetEntry = R"(
update payments.movements set entry_id = $5
where tenant_id = $1 and channel = $2 and type = $3 and channel_txn_id = $4)";

std::string attributes_json(const Attributes& attributes) {
    core::json::Writer json;
    json.begin_object();
    for (const auto& [name, value] : attributes) {
        json.member(name, std::string_view(value));
    }
    json.end_object();
    return json.text();
}

bool undoes_a_payment(const Transaction& movement) { return movement.type != TransactionType::payment; }

// The cluster that a movement belongs to, locked. A movement that undoes a payment belongs to that payment's order;
// the payment may come in between the look and the lock, so the look is taken again under it.
ClusterKey lock_cluster(core::db::TenantTransaction& transaction, std::string_view channel,
                        const Transaction& movement) {
    ClusterKey key{movement.merchant_order_id, std::string(channel), {}};
    if (!undoes_a_payment(movement)) {
        key.payment_txn_id = movement.channel_txn_id.text();
        if (key.order.empty()) {
            key.order = order_of_payment(transaction, channel, key.payment_txn_id).value_or(core::MerchantOrderId());
        }
    } else if (!movement.related_txn_id.empty()) {
        key.payment_txn_id = movement.related_txn_id.text();
        key.order = order_of_payment(transaction, channel, key.payment_txn_id).value_or(core::MerchantOrderId());
    } else if (key.order.empty()) {
        key.payment_txn_id = movement.channel_txn_id.text();
    }
    std::vector<std::string> groups;
    if (!key.payment_txn_id.empty()) {
        groups.push_back(payment_group(channel, key.payment_txn_id));
    }
    if (!key.order.empty()) {
        groups.push_back(order_group(key.order));
    }
    lock_groups(transaction, groups);
    if (key.order.empty() && undoes_a_payment(movement) && !key.payment_txn_id.empty()) {
        if (const auto order = order_of_payment(transaction, channel, key.payment_txn_id)) {
            key.order = *order;
            lock_groups(transaction, {order_group(key.order)});
        }
    }
    return key;
}

std::string group_of(const ClusterKey& key, const Transaction& movement) {
    const bool by_payment = undoes_a_payment(movement) ? !key.payment_txn_id.empty() : key.order.empty();
    return by_payment ? payment_group(key.channel, key.payment_txn_id) : order_group(key.order);
}

void store(core::db::TenantTransaction& transaction, std::string_view channel, const Transaction& movement,
           bool exists) {
    const std::string channel_name(channel);
    const std::string type(name_of(movement.type));
    const std::string status(name_of(movement.status));
    const std::string occurred = core::format_rfc3339(movement.occurred_at);
    const std::string day = core::format_day(movement.business_day);
    const std::string attributes = attributes_json(movement.attributes);
    const auto& tenant = transaction.tenant().text();
    if (exists) {
        core::db::run(transaction, kEnrich, tenant, channel_name, type, movement.channel_txn_id.text(), status,
                      movement.merchant_order_id.text(), movement.own_order_id, movement.related_txn_id.text(),
                      occurred, day, movement.date_rank, attributes, movement.masked_card, movement.card_fingerprint);
    } else {
        core::db::run(transaction, kInsert, tenant, channel_name, type, movement.channel_txn_id.text(), status,
                      movement.amount.minor(), std::string(movement.amount.currency().code()),
                      movement.merchant_order_id.text(), movement.own_order_id, movement.related_txn_id.text(),
                      occurred, day, movement.date_rank, attributes, movement.masked_card, movement.card_fingerprint);
    }
}

// True when money was posted.
bool take_in_movement(core::db::TenantTransaction& transaction, std::string_view channel, const Transaction& movement) {
    const auto key = lock_cluster(transaction, channel, movement);
    const std::string channel_name(channel);
    const std::string type(name_of(movement.type));
    const auto& tenant = transaction.tenant().text();
    const auto rows = core::db::run(transaction, kFind, tenant, channel_name, type, movement.channel_txn_id.text());
    const bool exists = !rows.empty();
    const bool booked = exists && rows[0][4].as<bool>();
    if (exists && (rows[0][1].as<std::int64_t>() != movement.amount.minor() ||
                   rows[0][2].as<std::string>() != movement.amount.currency().code())) {
        core::log_warning("movement_told_differently", {{"tenant", tenant}, {"channel", channel}, {"type", type}});
    }
    store(transaction, channel, movement, exists);
    const std::string source_key = "movement:" + channel_name + ":" + type + ":" + movement.channel_txn_id.text();
    const std::string description = channel_name + " " + type + " " + movement.channel_txn_id.text();
    if (booked) {
        // A payment booked before its order's number was told is allocated now.
        const bool told_now =
            rows[0][3].as<bool>() && !movement.merchant_order_id.empty() && !undoes_a_payment(movement);
        return told_now && post_cluster(transaction, key,
                                        {type, source_key + ":order", order_group(movement.merchant_order_id),
                                         description, movement.occurred_at, movement.business_day});
    }
    if (movement.status != TransactionStatus::captured) {
        return false;
    }
    const auto entry = post_cluster(
        transaction, key,
        {type, source_key, group_of(key, movement), description, movement.occurred_at, movement.business_day});
    core::ensure(entry.has_value(), "a captured movement changes the books");
    core::db::run(transaction, kSetEntry, tenant, channel_name, type, movement.channel_txn_id.text(), entry->number());
    return true;
}

}  // namespace

IntakeOutcome take_in(core::db::TenantTransaction& transaction, std::string_view channel,
                      const CallbackMessage& message, const CallbackRequest& request) {
    bool posted = false;
    for (const auto& movement : message.transactions) {
        posted = take_in_movement(transaction, channel, movement) || posted;
    }
    const auto deliveries = core::db::run(transaction, kInbox, transaction.tenant().text(), std::string(channel),
                                          message.event_id, message.event_type, core::crypto::sha256_hex(request.body),
                                          message.redacted_body, core::format_rfc3339(request.received_at))[0][0]
                                .as<int>();
    if (posted) {
        return IntakeOutcome::booked;
    }
    return deliveries > 1 ? IntakeOutcome::repeated : IntakeOutcome::recorded;
}

IntakeOutcome take_in(core::db::Database& database, const core::TenantId& tenant, std::string_view channel,
                      const CallbackMessage& message, const CallbackRequest& request) {
    for (int attempt = 1;; ++attempt) {
        try {
            core::db::TenantTransaction transaction(database, tenant);
            const auto outcome = take_in(transaction, channel, message, request);
            if (transaction.try_commit() == core::db::CommitOutcome::done) {
                return outcome;
            }
            // Not done or unknown: taking it in again finds by its keys whether it was.
        } catch (const core::db::DatabaseFailure& failure) {
            const bool transient = failure.sqlstate() == "40P01" || failure.sqlstate() == "40001" ||
                                   failure.sqlstate() == "23505" || failure.sqlstate().starts_with("08");
            if (!transient || attempt >= kAttempts) {
                throw;
            }
        }
        if (attempt >= kAttempts) {
            throw core::OutsideFailure("the database did not confirm a callback");
        }
    }
}

}  // namespace payments
