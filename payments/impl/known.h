// Known: the orders, movements and entries that a batch of messages concerns, in memory; and how a message changes
// them. Read from the database before, written back after (known_store). Nothing here touches the database.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/books.h"
#include "payments/release.h"

namespace payments {

// Entries are grouped by what they belong to: a payment's by its order, what undoes a payment by that payment.
std::string order_group(const core::MerchantOrderId& order);
std::string payment_group(std::string_view channel, const std::string& payment_txn_id);

struct OrderKey {
    core::TenantId tenant;
    core::MerchantOrderId order;
    auto operator<=>(const OrderKey&) const = default;
};

// A payment by the channel's number for it; of no movement that is known, perhaps.
struct PaymentKey {
    core::TenantId tenant;
    std::string channel;
    std::string txn_id;
    auto operator<=>(const PaymentKey&) const = default;
};

struct MovementKey {
    core::TenantId tenant;
    std::string channel;
    TransactionType type;
    std::string txn_id;
    auto operator<=>(const MovementKey&) const = default;
};

struct KnownMovement {
    Transaction told;  // by all messages together
    bool is_booked = false;
    bool is_stored = false;
    bool is_changed = false;
    std::optional<std::size_t> posting;  // of this batch, that booked it
};

// An order, its payments, and everything that undoes them: what is allocated together.
struct Cluster {
    core::TenantId tenant;
    core::MerchantOrderId order;  // may be empty
    std::string channel;          // of payment_txn_id
    std::string payment_txn_id;   // may be empty

    // What has to be locked before it is read.
    std::vector<std::string> groups() const;
};

class Known {
public:
    // ---- As the database has it
    void add_order(const core::TenantId& tenant, Order order);
    void add_releases(const OrderKey& order, const Releases& releases) { releases_[order] = releases; }
    void add_movement(const MovementKey& key, Transaction told, bool is_booked);
    void add_groups(std::map<ledger::GroupKey, ledger::GroupBooks> groups) { groups_.merge(std::move(groups)); }

    // ---- What a message needs to be known and locked, as far as what is known already tells
    // The clusters that the movement belongs to, before it is told and after: two when the message adds the order or
    // the payment that it belongs to. What was told first stays, so they are only ever added.
    struct Standing {
        Cluster before;
        Cluster now;
    };
    Standing standing_of(const MovementKey& key, const Transaction& told) const;
    // The groups of the cluster's payments, too: what the books say about the cluster stands in all of them.
    std::vector<std::string> groups_of(const Cluster& cluster) const;

    // ---- Messages
    // True when money is to be posted.
    bool take_in(const MovementKey& key, const Transaction& told);
    // Allocates what was already paid for an order that is new, and books its receivable.
    void register_order(const core::TenantId& tenant, const Order& order, core::BusinessDay business_day);

    // ---- Releases
    const Order* find_order(const OrderKey& key) const;
    // From which day the order, if it is paid, is to be shared out; nothing where it waits for no day.
    std::optional<core::BusinessDay> due_day_of(const OrderKey& key) const;
    // Of an order that is known: shares it out, if it is paid and waited for nothing else.
    void release(const OrderKey& key, const std::string& reason, core::Instant at, core::BusinessDay business_day);

    // ---- What is to be written
    const std::map<MovementKey, KnownMovement>& movements() const { return movements_; }
    const std::vector<ledger::Posting>& postings() const { return postings_; }

private:
    core::MerchantOrderId order_of_payment(const PaymentKey& payment) const;
    Cluster cluster_of(const MovementKey& key, const core::MerchantOrderId& order,
                       const std::string& related_txn_id) const;
    std::set<PaymentKey> payments_of(const Cluster& cluster) const;
    std::vector<BookedMovement> booked_in(const Cluster& cluster) const;
    void index(const MovementKey& key, const Transaction& told);
    void enrich(KnownMovement& known, const Transaction& told);
    std::optional<std::size_t> post(const Cluster& cluster, ledger::EntryHead head);
    bool post_again(const MovementKey& key, const Transaction& told, const Cluster& cluster);

    std::map<OrderKey, Order> orders_;
    std::map<OrderKey, Releases> releases_;
    std::map<MovementKey, KnownMovement> movements_;
    std::map<OrderKey, std::set<MovementKey>> by_order_;
    std::map<PaymentKey, std::set<MovementKey>> by_related_;
    std::map<ledger::GroupKey, ledger::GroupBooks> groups_;
    std::vector<ledger::Posting> postings_;
};

}  // namespace payments
