#include "payments/channels/stripe/redaction.h"

#include <algorithm>
#include <array>

#include "core/json/writer.h"
#include "core/money.h"

namespace payments::stripe {
namespace {

using core::json::Value;
using core::json::Writer;

constexpr std::array<std::string_view, 6> kEventFields = {"id", "object", "type", "created", "livemode", "account"};
constexpr std::array<std::string_view, 36> kObjectFields = {"id",
                                                            "object",
                                                            "amount",
                                                            "amount_captured",
                                                            "amount_received",
                                                            "amount_refunded",
                                                            "amount_reversed",
                                                            "application_fee_amount",
                                                            "arrival_date",
                                                            "automatic",
                                                            "balance_transaction",
                                                            "captured",
                                                            "charge",
                                                            "created",
                                                            "currency",
                                                            "destination",
                                                            "disputed",
                                                            "failure_balance_transaction",
                                                            "failure_code",
                                                            "failure_reason",
                                                            "fee",
                                                            "is_charge_refundable",
                                                            "latest_charge",
                                                            "livemode",
                                                            "method",
                                                            "net",
                                                            "paid",
                                                            "payment_intent",
                                                            "pending_reason",
                                                            "reason",
                                                            "refunded",
                                                            "reporting_category",
                                                            "source_transaction",
                                                            "status",
                                                            "transfer_group",
                                                            "type"};
constexpr std::array<std::string_view, 5> kCardFields = {"brand", "country", "funding", "last4", "network"};

// Scalars only, so that a field that one day becomes an object doesn't carry its contents in.
void copy_scalar(Writer& out, std::string_view name, const Value& value, const Redact& redact) {
    if (const auto text = value.string()) {
        out.member(name, std::string_view(redact(*text)));
    } else if (const auto boolean = value.boolean()) {
        out.member(name, *boolean);
    } else if (const auto number = value.integer()) {
        if (*number <= core::kMinorMax && *number >= -core::kMinorMax) {
            out.member(name, *number);
        }
    } else if (value.is_null()) {
        out.key(name);
        out.null();
    }
}

template <std::size_t N>
void copy_fields(Writer& out, const Value& from, const std::array<std::string_view, N>& names, const Redact& redact) {
    for (const auto name : names) {
        if (const auto* value = from.find(name)) {
            copy_scalar(out, name, *value, redact);
        }
    }
}

void copy_order_number(Writer& out, const Value& object, const std::string& order_key, const Redact& redact) {
    const auto order = metadata_at(object, order_key);
    if (order.empty()) {
        return;
    }
    out.key("metadata").begin_object();
    out.member(order_key, std::string_view(redact(order)));
    out.end_object();
}

void copy_card(Writer& out, const Value& object, const Redact& redact) {
    const auto* card = object.path("payment_method_details", "card");
    if (card == nullptr || !card->is_object()) {
        return;
    }
    out.key("payment_method_details").begin_object().key("card").begin_object();
    copy_fields(out, *card, kCardFields, redact);
    out.end_object().end_object();
}

void copy_balance_transactions(Writer& out, const Value& object, const Redact& redact) {
    const auto* entries = object.find("balance_transactions");
    if (entries == nullptr || !entries->is_array()) {
        return;
    }
    out.key("balance_transactions").begin_array();
    for (const auto& entry : entries->items()) {
        out.begin_object();
        copy_fields(out, entry, kObjectFields, redact);
        out.end_object();
    }
    out.end_array();
}

}  // namespace

std::string redacted_event(const Value& event, const std::string& order_key, const Redact& redact) {
    Writer out;
    out.begin_object();
    copy_fields(out, event, kEventFields, redact);
    if (const auto* object = event.path("data", "object"); object != nullptr && object->is_object()) {
        out.key("data").begin_object().key("object").begin_object();
        copy_fields(out, *object, kObjectFields, redact);
        copy_order_number(out, *object, order_key, redact);
        copy_card(out, *object, redact);
        copy_balance_transactions(out, *object, redact);
        out.end_object().end_object();
    }
    out.end_object();
    return out.text();
}

}  // namespace payments::stripe
