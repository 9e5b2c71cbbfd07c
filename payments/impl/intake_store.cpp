#include "payments/intake.h"

#include <algorithm>
#include <set>

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

// The last column is what the books depend on.
constexpr const char* kFind = R"(
select amount_minor, currency, merchant_order_id, related_txn_id, entry_id is not null,
       row(merchant_order_id, related_txn_id, occurred_at, attributes->>'reverses')::text
from payments.movements
where tenant_id = $1 and channel = $2 and type = $3 and channel_txn_id = $4)";

constexpr const char* kInsert = R"(
insert into payments.movements (tenant_id, channel, type, channel_txn_id, status, amount_minor, currency,
    merchant_order_id, own_order_id, related_txn_id, occurred_at, business_date, date_rank, attributes,
    masked_card, card_fingerprint)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::timestamptz, $12::date, $13, $14::jsonb, $15, $16))";

// A later message adds what it knows. Of two that know the same thing the better is right, whichever came first: that
// with the further status, then the higher date rank, then the earlier date. A capture says what really moved, but
// what is booked keeps its amount.
constexpr const char* kEnrich = R"(
with told as (
    select place_of_told > place_of_known as further,
           (place_of_told, $11::smallint) > (place_of_known, m.date_rank)
           or ((place_of_told, $11::smallint) = (place_of_known, m.date_rank)
               and ($9::timestamptz, $10::date) < (m.occurred_at, m.business_date)) as better
    from payments.movements m,
         array_position(array['processing', 'abnormal', 'failed', 'closed', 'revoked', 'captured'], $5::text)
             as place_of_told,
         array_position(array['processing', 'abnormal', 'failed', 'closed', 'revoked', 'captured'], m.status)
             as place_of_known
    where m.tenant_id = $1 and m.channel = $2 and m.type = $3 and m.channel_txn_id = $4)
update payments.movements m set
    status = case when told.further then $5 else status end,
    amount_minor = case when told.further and entry_id is null then $15 else amount_minor end,
    currency = case when told.further and entry_id is null then $16 else currency end,
    merchant_order_id = case when merchant_order_id = '' then $6 else merchant_order_id end,
    own_order_id = case when own_order_id = '' then $7 else own_order_id end,
    related_txn_id = case when related_txn_id = '' then $8 else related_txn_id end,
    occurred_at = case when told.better then $9::timestamptz else occurred_at end,
    business_date = case when told.better then $10::date else business_date end,
    date_rank = case when told.better then $11::smallint else date_rank end,
    attributes = case when told.better then attributes || $12::jsonb else $12::jsonb || attributes end,
    masked_card = case when masked_card = '' then $13 else masked_card end,
    card_fingerprint = case when card_fingerprint = '' then $14 else card_fingerprint end
from told
where tenant_id = $1 and channel = $2 and type = $3 and channel_txn_id = $4
returning row(merchant_order_id, related_txn_id, occurred_at, attributes->>'reverses')::text)";

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

// What is known of the movement before this message.
struct Known {
    std::int64_t amount_minor;
    std::string currency;
    core::MerchantOrderId order;
    std::string related_txn_id;
    bool is_booked;
    std::string matters;  // to the books
};

std::optional<Known> find(core::db::TenantTransaction& transaction, std::string_view channel,
                          const Transaction& movement) {
    const auto rows = core::db::run(transaction, kFind, transaction.tenant().text(), std::string(channel),
                                    std::string(name_of(movement.type)), movement.channel_txn_id.text());
    if (rows.empty()) {
        return std::nullopt;
    }
    const auto& row = rows[0];
    return Known{row[0].as<std::int64_t>(), row[1].as<std::string>(), core::MerchantOrderId(row[2].as<std::string>()),
                 row[3].as<std::string>(),  row[4].as<bool>(),        row[5].as<std::string>()};
}

bool is_payment(const Transaction& movement) { return movement.type == TransactionType::payment; }

// The cluster of a movement that names this order and this payment. What undoes a payment belongs to that payment's
// order, whatever order it names itself.
ClusterKey key_of(core::db::TenantTransaction& transaction, std::string_view channel, const Transaction& movement,
                  const core::MerchantOrderId& order, const std::string& related_txn_id) {
    ClusterKey key{order, std::string(channel), {}};
    if (is_payment(movement)) {
        key.payment_txn_id = movement.channel_txn_id.text();
    } else if (!related_txn_id.empty()) {
        key.payment_txn_id = related_txn_id;
        key.order = order_of_payment(transaction, channel, related_txn_id).value_or(core::MerchantOrderId());
    } else if (order.empty()) {
        key.payment_txn_id = movement.channel_txn_id.text();
    }
    return key;
}

std::vector<std::string> groups_of(const ClusterKey& key) {
    std::vector<std::string> groups;
    if (!key.payment_txn_id.empty()) {
        groups.push_back(payment_group(key.channel, key.payment_txn_id));
    }
    if (!key.order.empty()) {
        groups.push_back(order_group(key.order));
    }
    return groups;
}

// Where the movement stands: what is known of it, its cluster so far and from now on. What was told first stays, so
// the order and the payment that it belongs to are only ever added.
struct Standing {
    std::optional<Known> known;
    ClusterKey before;
    ClusterKey now;
};

Standing look(core::db::TenantTransaction& transaction, std::string_view channel, const Transaction& movement) {
    auto known = find(transaction, channel, movement);
    auto order = movement.merchant_order_id;
    auto related = movement.related_txn_id.text();
    if (known) {
        order = known->order.empty() ? order : known->order;
        related = known->related_txn_id.empty() ? related : known->related_txn_id;
    }
    auto now = key_of(transaction, channel, movement, order, related);
    auto before = known ? key_of(transaction, channel, movement, known->order, known->related_txn_id) : now;
    return {std::move(known), std::move(before), std::move(now)};
}

// The same with everything it belongs to locked. Others may come in between the look and the lock, so the look is
// taken again under it, until it sees nothing that isn't locked.
Standing look_and_lock(core::db::TenantTransaction& transaction, std::string_view channel,
                       const Transaction& movement) {
    std::set<std::string> locked;
    while (true) {
        auto standing = look(transaction, channel, movement);
        std::vector<std::string> wanted = groups_of(standing.now);
        const auto before = groups_of(standing.before);
        wanted.insert(wanted.end(), before.begin(), before.end());
        const auto is_locked = [&](const std::string& group) { return locked.contains(group); };
        if (std::all_of(wanted.begin(), wanted.end(), is_locked)) {
            return standing;
        }
        lock_groups(transaction, wanted);
        locked.insert(wanted.begin(), wanted.end());
    }
}

std::string group_of(const ClusterKey& key, const Transaction& movement) {
    const bool by_payment = is_payment(movement) ? key.order.empty() : !key.payment_txn_id.empty();
    return by_payment ? payment_group(key.channel, key.payment_txn_id) : order_group(key.order);
}

void insert(core::db::TenantTransaction& transaction, std::string_view channel, const Transaction& movement) {
    core::db::run(transaction, kInsert, transaction.tenant().text(), std::string(channel),
                  std::string(name_of(movement.type)), movement.channel_txn_id.text(),
                  std::string(name_of(movement.status)), movement.amount.minor(),
                  std::string(movement.amount.currency().code()), movement.merchant_order_id.text(),
                  movement.own_order_id, movement.related_txn_id.text(), core::format_rfc3339(movement.occurred_at),
                  core::format_day(movement.business_day), movement.date_rank, attributes_json(movement.attributes),
                  movement.masked_card, movement.card_fingerprint);
}

// Returns what matters to the books afterwards.
std::string enrich(core::db::TenantTransaction& transaction, std::string_view channel, const Transaction& movement) {
    const auto rows = core::db::run(
        transaction, kEnrich, transaction.tenant().text(), std::string(channel), std::string(name_of(movement.type)),
        movement.channel_txn_id.text(), std::string(name_of(movement.status)), movement.merchant_order_id.text(),
        movement.own_order_id, movement.related_txn_id.text(), core::format_rfc3339(movement.occurred_at),
        core::format_day(movement.business_day), movement.date_rank, attributes_json(movement.attributes),
        movement.masked_card, movement.card_fingerprint, movement.amount.minor(),
        std::string(movement.amount.currency().code()));
    core::ensure(!rows.empty(), "a movement that is there can be told again");
    return rows[0][0].as<std::string>();
}

std::string source_of(std::string_view channel, const Transaction& movement) {
    return "movement:" + std::string(channel) + ":" + std::string(name_of(movement.type)) + ":" +
           movement.channel_txn_id.text();
}

ledger::EntryHead head_of(std::string_view channel, const Transaction& movement, std::string source_key,
                          std::string group_key) {
    const std::string type(name_of(movement.type));
    return {type,
            std::move(source_key),
            std::move(group_key),
            std::string(channel) + " " + type + " " + movement.channel_txn_id.text(),
            movement.occurred_at,
            movement.business_day};
}

// The order of a payment, or which of an order's payments came first, may be told after it was booked; then what the
// books say about the cluster is brought up to date. True when money was posted.
bool post_again(core::db::TenantTransaction& transaction, std::string_view channel, const Transaction& movement,
                const ClusterKey& key) {
    const auto group = group_of(key, movement);
    const auto number = ledger::group_count(transaction, group) + 1;
    const auto source = source_of(channel, movement) + ":again:" + group + ":" + std::to_string(number);
    return post_cluster(transaction, key, head_of(channel, movement, source, group)).has_value();
}

// What is booked keeps its amount; a capture that says another one is for people to look into.
void warn_of_another_amount(const core::db::TenantTransaction& transaction, std::string_view channel,
                            const Transaction& movement, const Known& known) {
    const bool differs =
        known.amount_minor != movement.amount.minor() || known.currency != movement.amount.currency().code();
    if (differs && known.is_booked && movement.status == TransactionStatus::captured) {
        core::log_warning(
            "movement_told_differently",
            {{"tenant", transaction.tenant().text()}, {"channel", channel}, {"type", name_of(movement.type)}});
    }
}

// True when money was posted.
bool take_in_movement(core::db::TenantTransaction& transaction, std::string_view channel, const Transaction& movement) {
    const auto standing = look_and_lock(transaction, channel, movement);
    const auto& known = standing.known;
    std::string matters;
    if (known) {
        warn_of_another_amount(transaction, channel, movement, *known);
        matters = enrich(transaction, channel, movement);
    } else {
        insert(transaction, channel, movement);
    }
    if (known && known->is_booked) {
        if (matters == known->matters) {
            return false;
        }
        const bool left = post_again(transaction, channel, movement, standing.before);
        return post_again(transaction, channel, movement, standing.now) || left;
    }
    if (movement.status != TransactionStatus::captured) {
        return false;
    }
    const auto entry =
        post_cluster(transaction, standing.now,
                     head_of(channel, movement, source_of(channel, movement), group_of(standing.now, movement)));
    core::ensure(entry.has_value(), "a captured movement changes the books");
    core::db::run(transaction, kSetEntry, transaction.tenant().text(), std::string(channel),
                  std::string(name_of(movement.type)), movement.channel_txn_id.text(), entry->number());
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
