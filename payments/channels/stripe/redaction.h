// What of an event may be kept: a list of fields that are allowed, not of those that aren't, since Stripe adds fields
// without notice. Left out among others: client_secret (a credential), receipt_url, billing_details, customer data,
// descriptions, and every metadata entry but the order number (specs, Stripe section 6.5).
#pragma once

#include <string>

#include "core/json/reader.h"
#include "payments/channels/stripe/objects.h"

namespace payments::stripe {

// JSON of the allowed fields, one line. Texts pass `redact`; integers beyond the largest amount are left out, because
// a card number could hide in one.
std::string redacted_event(const core::json::Value& event, const std::string& order_key, const Redact& redact);

}  // namespace payments::stripe
