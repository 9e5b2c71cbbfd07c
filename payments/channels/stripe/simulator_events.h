// The bodies of the simulated Stripe's events: what is told of one movement of money.
#pragma once

#include <string>
#include <vector>

#include "payments/simulator.h"

namespace payments::stripe {

inline constexpr const char* kBalanceTransaction = "balance_transaction";
inline constexpr const char* kPaymentIntent = "payment_intent";

// 24 characters after the prefix like Stripe's own, the first of them a 3.
std::string object_id(const char* prefix, Random& random);
// Empty when the transaction hasn't got it.
std::string attribute(const SimulatedTransaction& transaction, const char* name);

// Events that move money, in the order in which they happen:
//   payment  charge.succeeded and mostly payment_intent.succeeded, either first; "failed": charge.failed
//   refund   refund.created; "failed": and refund.failed
//   dispute  charge.dispute.funds_withdrawn; "won": and .funds_reinstated
//   payout   payout.paid; "failed": and payout.failed
// Between quotes: the transaction's channel_status.
std::vector<std::string> event_bodies(const SimulatedTransaction& transaction, Random& random);

// Events beside those, which move nothing: the balance transaction that comes later (charge.updated), the cumulative
// state of a charge that was refunded, the life of a refund, a dispute or a payout, and one about a customer.
std::vector<std::string> further_event_bodies(const SimulatedTransaction& transaction, Random& random);

}  // namespace payments::stripe
