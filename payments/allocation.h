// Allocation: whose money it is. A pure function from everything known about an order to what must stand in the books
// for it, so that any order of events ends in the same books: each event posts the difference to what stands already.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/entry.h"
#include "payments/order.h"
#include "payments/transaction.h"

namespace payments {

// A captured movement as the books know it.
struct BookedMovement {
    std::string channel;
    TransactionType type;
    std::string channel_txn_id;
    std::string related_txn_id;
    core::Money amount;  // signed from the merchant's side
    core::Instant occurred_at;
    TransactionType reverses = TransactionType::payment;  // of a reversal: what it undoes
};

// The channel's account that the movement's money stands on: transit:payment, or transit:funds where the channel takes
// or gives it from what it already holds (disputes, payouts).
ledger::Account channel_side(const BookedMovement& movement);

// What is recorded of an order that isn't shared out at capture (release.h).
struct Releases {
    std::optional<core::Instant> fulfilled_at;
    bool due = false;  // the day that its split names had come
};

enum class OrderVerdict { no_order, agrees, differs };

// Which of an order's payments is the one it asked for: the earliest (then channel, then id) whose amount and currency
// are the order's. Nothing when there is none.
std::optional<std::size_t> accepted_payment(const std::optional<Order>& order,
                                            const std::vector<BookedMovement>& movements);

// What must stand in the books for the order and its movements:
//   the order      receivable:orders against deferred:orders
//   its payment    receivable:orders cleared; deferred:orders shared out by the split, once that is released
//   its refunds    the split undone to the unit (ledger::given_back)
//   all else       transit:customer, until it is known whose it is
// together with the channel's side of every movement. Adds up to zero in each currency.
ledger::Balances allocate(const std::optional<Order>& order, const std::vector<BookedMovement>& movements,
                          const Releases& releases = {});

}  // namespace payments
