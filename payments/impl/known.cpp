#include "payments/impl/known.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "core/failure.h"
#include "core/log.h"
#include "ledger/split.h"

namespace payments {
namespace {

// From the least to the furthest.
constexpr std::array kProgress = {TransactionStatus::processing, TransactionStatus::abnormal,
                                  TransactionStatus::failed,     TransactionStatus::closed,
                                  TransactionStatus::revoked,    TransactionStatus::captured};

auto place_of(TransactionStatus status) { return std::find(kProgress.begin(), kProgress.end(), status); }

// What stands in the group of the payment that it names itself, when it names neither an order nor a payment.
constexpr std::array kBareTypes = {TransactionType::refund, TransactionType::reversal, TransactionType::dispute,
                                   TransactionType::fee,    TransactionType::payout,   TransactionType::adjustment};

TransactionType reversed_type(const Transaction& told) {
    const auto found = told.attributes.find("reverses");
    if (found == told.attributes.end()) {
        return TransactionType::payment;
    }
    const auto type = transaction_type_from(found->second);
    core::ensure(type.has_value(), "a reversal says what it undoes in a word we know");
    return *type;
}

// What the books depend on.
auto matters(const Transaction& told) {
    const auto reverses = told.attributes.find("reverses");
    return std::make_tuple(told.merchant_order_id, told.related_txn_id, told.occurred_at,
                           reverses == told.attributes.end() ? std::string() : reverses->second);
}

template <typename Id>
void add_if_empty(Id& known, const Id& told) {
    if (known.empty()) {
        known = told;
    }
}

std::string group_of(const MovementKey& key, const Cluster& cluster) {
    const bool by_payment =
        key.type == TransactionType::payment ? cluster.order.empty() : !cluster.payment_txn_id.empty();
    return by_payment ? payment_group(cluster.channel, cluster.payment_txn_id) : order_group(cluster.order);
}

std::string source_of(const MovementKey& key) {
    return "movement:" + key.channel + ":" + std::string(name_of(key.type)) + ":" + key.txn_id;
}

ledger::EntryHead head_of(const MovementKey& key, const Transaction& told, std::string source_key,
                          std::string group_key) {
    const std::string type(name_of(key.type));
    return {type,
            std::move(source_key),
            std::move(group_key),
            key.channel + " " + type + " " + key.txn_id,
            told.occurred_at,
            told.business_day};
}

}  // namespace

std::string order_group(const core::MerchantOrderId& order) { return "order:" + order.text(); }

std::string payment_group(std::string_view channel, const std::string& payment_txn_id) {
    return "payment:" + std::string(channel) + ":" + payment_txn_id;
}

std::vector<std::string> Cluster::groups() const {
    std::vector<std::string> groups;
    if (!payment_txn_id.empty()) {
        groups.push_back(payment_group(channel, payment_txn_id));
    }
    if (!order.empty()) {
        groups.push_back(order_group(order));
    }
    return groups;
}

void Known::add_order(const core::TenantId& tenant, Order order) {
    const OrderKey key{tenant, order.id};
    orders_.insert_or_assign(key, std::move(order));
}

void Known::add_movement(const MovementKey& key, Transaction told, bool is_booked) {
    index(key, told);
    movements_.insert_or_assign(key, KnownMovement{std::move(told), is_booked, true, false, {}});
}

void Known::index(const MovementKey& key, const Transaction& told) {
    if (!told.merchant_order_id.empty()) {
        by_order_[{key.tenant, told.merchant_order_id}].insert(key);
    }
    if (!told.related_txn_id.empty()) {
        by_related_[{key.tenant, key.channel, told.related_txn_id.text()}].insert(key);
    }
}

const Order* Known::find_order(const OrderKey& key) const {
    const auto found = orders_.find(key);
    return found == orders_.end() ? nullptr : &found->second;
}

core::MerchantOrderId Known::order_of_payment(const PaymentKey& payment) const {
    const auto found = movements_.find({payment.tenant, payment.channel, TransactionType::payment, payment.txn_id});
    return found == movements_.end() ? core::MerchantOrderId() : found->second.told.merchant_order_id;
}

// What undoes a payment belongs to that payment's order, whatever order it names itself.
Cluster Known::cluster_of(const MovementKey& key, const core::MerchantOrderId& order,
                          const std::string& related_txn_id) const {
    Cluster cluster{key.tenant, order, key.channel, {}};
    if (key.type == TransactionType::payment) {
        cluster.payment_txn_id = key.txn_id;
    } else if (!related_txn_id.empty()) {
        cluster.payment_txn_id = related_txn_id;
        cluster.order = order_of_payment({key.tenant, key.channel, related_txn_id});
    } else if (order.empty()) {
        cluster.payment_txn_id = key.txn_id;
    }
    return cluster;
}

Known::Standing Known::standing_of(const MovementKey& key, const Transaction& told) const {
    const auto found = movements_.find(key);
    if (found == movements_.end()) {
        const auto now = cluster_of(key, told.merchant_order_id, told.related_txn_id.text());
        return {now, now};
    }
    const auto& known = found->second.told;
    auto order = known.merchant_order_id;
    auto related = known.related_txn_id;
    const auto before = cluster_of(key, order, related.text());
    add_if_empty(order, told.merchant_order_id);
    add_if_empty(related, told.related_txn_id);
    return {before, cluster_of(key, order, related.text())};
}

// Those of the order, whatever their channel, and the one that is named.
std::set<PaymentKey> Known::payments_of(const Cluster& cluster) const {
    std::set<PaymentKey> payments;
    if (!cluster.payment_txn_id.empty()) {
        payments.insert({cluster.tenant, cluster.channel, cluster.payment_txn_id});
    }
    const auto of_order = by_order_.find({cluster.tenant, cluster.order});
    if (of_order != by_order_.end()) {
        for (const auto& key : of_order->second) {
            if (key.type == TransactionType::payment) {
                payments.insert({key.tenant, key.channel, key.txn_id});
            }
        }
    }
    return payments;
}

std::vector<std::string> Known::groups_of(const Cluster& cluster) const {
    std::vector<std::string> groups;
    if (!cluster.order.empty()) {
        groups.push_back(order_group(cluster.order));
    }
    for (const auto& payment : payments_of(cluster)) {
        groups.push_back(payment_group(payment.channel, payment.txn_id));
    }
    return groups;
}

// What moved money for the cluster: its payments, what undoes them, and what names the order without naming a payment.
std::vector<BookedMovement> Known::booked_in(const Cluster& cluster) const {
    std::set<MovementKey> found;
    for (const auto& payment : payments_of(cluster)) {
        found.insert({payment.tenant, payment.channel, TransactionType::payment, payment.txn_id});
        const auto related = by_related_.find(payment);
        if (related != by_related_.end()) {
            found.insert(related->second.begin(), related->second.end());
        }
        for (const auto type : kBareTypes) {
            const MovementKey bare{payment.tenant, payment.channel, type, payment.txn_id};
            const auto known = movements_.find(bare);
            if (known != movements_.end() && known->second.told.related_txn_id.empty() &&
                known->second.told.merchant_order_id.empty()) {
                found.insert(bare);
            }
        }
    }
    const auto of_order = by_order_.find({cluster.tenant, cluster.order});
    if (of_order != by_order_.end()) {
        for (const auto& key : of_order->second) {
            if (key.type != TransactionType::payment && movements_.at(key).told.related_txn_id.empty()) {
                found.insert(key);
            }
        }
    }
    std::vector<BookedMovement> booked;
    for (const auto& key : found) {
        const auto known = movements_.find(key);
        if (known != movements_.end() && known->second.told.status == TransactionStatus::captured) {
            const auto& told = known->second.told;
            booked.push_back({key.channel, key.type, key.txn_id, told.related_txn_id.text(), told.amount,
                              told.occurred_at, reversed_type(told)});
        }
    }
    return booked;
}

// A later message adds what it knows. Of two that know the same thing the better is right, whichever came first: that
// with the further status, then the higher date rank, then the earlier date. A capture says what really moved, but
// what is booked keeps its amount.
void Known::enrich(KnownMovement& known, const Transaction& told) {
    auto& now = known.told;
    const auto before = now;
    const auto place_of_told = place_of(told.status);
    const auto place_of_known = place_of(now.status);
    const bool further = place_of_told > place_of_known;
    const bool better = std::tie(place_of_told, told.date_rank) > std::tie(place_of_known, now.date_rank) ||
                        (std::tie(place_of_told, told.date_rank) == std::tie(place_of_known, now.date_rank) &&
                         std::tie(told.occurred_at, told.business_day) < std::tie(now.occurred_at, now.business_day));
    if (further) {
        now.status = told.status;
        if (!known.is_booked) {
            now.amount = told.amount;
        }
    }
    add_if_empty(now.merchant_order_id, told.merchant_order_id);
    add_if_empty(now.own_order_id, told.own_order_id);
    add_if_empty(now.related_txn_id, told.related_txn_id);
    add_if_empty(now.masked_card, told.masked_card);
    add_if_empty(now.card_fingerprint, told.card_fingerprint);
    if (better) {
        now.occurred_at = told.occurred_at;
        now.business_day = told.business_day;
        now.date_rank = told.date_rank;
    }
    for (const auto& [name, value] : told.attributes) {
        if (better) {
            now.attributes.insert_or_assign(name, value);
        } else {
            now.attributes.emplace(name, value);
        }
    }
    known.is_changed = known.is_changed || now != before;
}

// Brings the books from what stands for the cluster to what allocate() says must stand; nothing when they say it all.
std::optional<std::size_t> Known::post(const Cluster& cluster, ledger::EntryHead head) {
    const OrderKey key{cluster.tenant, cluster.order};
    const auto* order = find_order(key);
    const auto releases = releases_.find(key);
    ledger::Balances missing = allocate(order == nullptr ? std::nullopt : std::optional(*order), booked_in(cluster),
                                        releases == releases_.end() ? Releases() : releases->second);
    for (const auto& group : groups_of(cluster)) {
        const auto standing = groups_.find({cluster.tenant, group});
        if (standing != groups_.end()) {
            for (const auto& leg : standing->second.balances.legs()) {
                missing.subtract(leg.account, leg.amount);
            }
        }
    }
    if (missing.empty()) {
        return std::nullopt;
    }
    auto entry = ledger::Entry::make(std::move(head), missing.legs());
    core::ensure(static_cast<bool>(entry), "what is missing for an order balances");
    auto& group = groups_[{cluster.tenant, entry->head().group_key}];
    ++group.entries;
    for (const auto& leg : entry->legs()) {
        group.balances.add(leg.account, leg.amount);
    }
    postings_.push_back({cluster.tenant, std::move(*entry)});
    return postings_.size() - 1;
}

// The order of a payment, or which of an order's payments came first, may be told after it was booked; then what the
// books say about the cluster is brought up to date. True when money is to be posted.
bool Known::post_again(const MovementKey& key, const Transaction& told, const Cluster& cluster) {
    const auto group = group_of(key, cluster);
    const auto standing = groups_.find({cluster.tenant, group});
    const auto number = (standing == groups_.end() ? 0 : standing->second.entries) + 1;
    const auto source = source_of(key) + ":again:" + group + ":" + std::to_string(number);
    return post(cluster, head_of(key, told, source, group)).has_value();
}

bool Known::take_in(const MovementKey& key, const Transaction& told) {
    const auto standing = standing_of(key, told);
    const auto [found, is_new] = movements_.try_emplace(key, KnownMovement{told, false, false, true, {}});
    auto& known = found->second;
    const auto mattered = matters(known.told);
    if (!is_new) {
        // What is booked keeps its amount; a capture that says another one is for people to look into.
        if (known.is_booked && told.status == TransactionStatus::captured && known.told.amount != told.amount) {
            core::log_warning("movement_told_differently",
                              {{"tenant", key.tenant.text()}, {"channel", key.channel}, {"type", name_of(key.type)}});
        }
        enrich(known, told);
    }
    index(key, known.told);
    if (known.is_booked) {
        if (matters(known.told) == mattered) {
            return false;
        }
        const bool left = post_again(key, told, standing.before);
        return post_again(key, told, standing.now) || left;
    }
    if (told.status != TransactionStatus::captured) {
        return false;
    }
    known.posting = post(standing.now, head_of(key, told, source_of(key), group_of(key, standing.now)));
    core::ensure(known.posting.has_value(), "a captured movement changes the books");
    known.is_booked = true;
    known.is_changed = true;
    return true;
}

void Known::register_order(const core::TenantId& tenant, const Order& order, core::BusinessDay business_day) {
    add_order(tenant, order);
    // Nothing is left to post for an order whose payment was already given back in full: the books say so already.
    post({tenant, order.id, {}, {}}, {"order", "order:" + order.id.text(), order_group(order.id),
                                      "order " + order.id.text(), order.created_at, business_day});
}

std::optional<core::BusinessDay> Known::due_day_of(const OrderKey& key) const {
    const auto* order = find_order(key);
    const auto movements = booked_in({key.tenant, key.order, {}, {}});
    const auto paid = order == nullptr ? std::nullopt : accepted_payment(*order, movements);
    if (!paid) {
        return std::nullopt;
    }
    const auto terms = ledger::terms_from_text(order->split_shares);
    core::ensure(terms.has_value(), "an order keeps its shares in a form we read");
    const auto releases = releases_.find(key);
    return due_day(terms->when, movements[*paid].occurred_at,
                   releases == releases_.end() ? std::nullopt : releases->second.fulfilled_at);
}

void Known::release(const OrderKey& key, const std::string& reason, core::Instant at, core::BusinessDay business_day) {
    auto& releases = releases_[key];
    if (reason == "due") {
        releases.due = true;
    } else {
        releases.fulfilled_at = at;
    }
    // Nothing is left to post for an order that isn't paid yet, or that waits for a day besides.
    post({key.tenant, key.order, {}, {}}, {reason, "release:" + reason + ":" + key.order.text(), order_group(key.order),
                                           "order " + key.order.text() + " " + reason, at, business_day});
}

}  // namespace payments
