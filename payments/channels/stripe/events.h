// From an event to movements of money (specs, Stripe sections 1.5, 1.6 and 6).
//
//   charge.succeeded, .captured, .updated, .pending, .failed   payment, keyed by the charge
//   payment_intent.succeeded                                   payment, keyed by latest_charge, its date a guess
//   refund.created, .updated, .failed, charge.refund.updated   refund; and its reversal when the money came back
//   charge.dispute.funds_withdrawn, .funds_reinstated          dispute and its reversal, from the balance transactions
//   payout.paid, payout.failed                                 payout; and its reversal when it failed
//
// Everything else moves nothing that isn't told by one of these: charge.refunded repeats what refund.* says,
// charge.dispute.created and .closed only tell a state, transfers and application fees stay within Stripe.
//
// What any loss and any order of the events must not change is the final books. So a message that tells of money
// coming back tells of its leaving too, in the same words as the message that came first: whichever arrives first
// books it, the other one adds nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json/reader.h"
#include "core/result.h"
#include "payments/channels/stripe/objects.h"
#include "payments/transaction.h"

namespace payments::stripe {

struct EventReading {
    const std::string& order_key;  // metadata key of the merchant's order number
    const std::string& time_zone;  // of the business day
    const Redact& redact;          // over every identifier
};

// The movements an event tells; none for types that move nothing. `object` is data.object, `created` the event's.
// Refused with a constant word ("object_differs", "amount_impossible", "field_missing").
core::Result<std::vector<Transaction>, std::string> transactions_of(std::string_view type,
                                                                    const core::json::Value& object,
                                                                    core::Instant created, const EventReading& reading);

}  // namespace payments::stripe
