// Cluster: an order, its payments, and everything that undoes them, as they stand in the database. Posting brings the
// books from what stands to what payments::allocate() says must stand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/db/database.h"
#include "ledger/books.h"
#include "payments/allocation.h"

namespace payments {

// Entries are grouped by what they belong to: a payment's by its order, what undoes a payment by that payment.
std::string order_group(const core::MerchantOrderId& order);
std::string payment_group(std::string_view channel, const std::string& payment_txn_id);

// Serialises everything that touches these groups until the transaction ends.
void lock_groups(core::db::TenantTransaction& transaction, std::vector<std::string> groups);

// The order that a payment belongs to, as booked; nothing when the payment isn't there or names none.
std::optional<core::MerchantOrderId> order_of_payment(core::db::TenantTransaction& transaction,
                                                      std::string_view channel, const std::string& payment_txn_id);

struct ClusterKey {
    core::MerchantOrderId order;  // may be empty
    std::string channel;          // of payment_txn_id
    std::string payment_txn_id;   // may be empty
};

// Posts what is missing for the cluster as one entry; nothing when the books say it all already.
std::optional<core::EntryId> post_cluster(core::db::TenantTransaction& transaction, const ClusterKey& key,
                                          ledger::EntryHead head);

}  // namespace payments
