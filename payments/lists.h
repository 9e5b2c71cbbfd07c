// Lists of what is registered and told, a page at a time, newest first. What comes while somebody goes through them is
// not among what is left, and nothing is listed twice or left out for it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/db/database.h"
#include "core/ids.h"
#include "core/money.h"
#include "core/time.h"

namespace payments {

struct StoredOrder {
    core::MerchantOrderId id;
    core::Money amount;
    core::Instant created_at;
    core::Instant registered_at;
    std::string split_name;  // empty: not shared out
    std::string description;
    std::string due_date;  // until when it is to be paid
    std::string place;     // among the others; for OrderFilter::before
};

struct OrderFilter {
    std::optional<std::string> id;
    // The last of the page before: its place and its id.
    std::optional<std::pair<std::string, std::string>> before;
};

// Newest first.
std::vector<StoredOrder> list_orders(core::db::TenantTransaction& transaction, const OrderFilter& filter,
                                     std::int64_t limit);
std::optional<StoredOrder> find_order(core::db::TenantTransaction& transaction, const std::string& id);

struct StoredMovement {
    std::string channel;
    std::string type;
    std::string channel_txn_id;
    std::string status;
    core::Money amount;  // signed from the merchant's side
    std::string merchant_order_id;
    std::string own_order_id;
    std::string related_txn_id;
    core::Instant occurred_at;
    std::string business_date;
    std::optional<core::EntryId> entry;  // nothing while no money has moved
};

struct MovementFilter {
    std::vector<std::string> channels;  // those to look at
    std::optional<std::string> type;
    std::optional<core::BusinessDay> from;
    std::optional<core::BusinessDay> until;
    std::optional<std::string> merchant_order_id;
    std::optional<std::string> channel_txn_id;
    // The last of the page before.
    struct Place {
        std::string business_date;
        std::string channel;
        std::string channel_txn_id;
        std::string type;
    };
    std::optional<Place> before;
};

// The latest business day first.
std::vector<StoredMovement> list_movements(core::db::TenantTransaction& transaction, const MovementFilter& filter,
                                           std::int64_t limit);

// The order's payments and what undoes them, in the order in which they happened.
std::vector<StoredMovement> movements_of_order(core::db::TenantTransaction& transaction, const std::string& order);

}  // namespace payments
