#include "payments/channels/wechatpay/notification.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/json/writer.h"
#include "payments/channels/wechatpay/envelope.h"
#include "payments/channels/wechatpay/resource.h"

namespace payments::wechatpay {
namespace {

using core::json::Value;
using core::json::Writer;

// What of a resource may be kept. A list of what is allowed, not of what isn't: a field that WeChat Pay adds tomorrow
// stays out until somebody has looked at it. Not here on purpose: payer and combine_payer_info (openid), attach and
// descriptions (the merchant's free text), user_received_account (holds a card's last digits).
constexpr std::array<std::string_view, 31> kKept = {"mchid",         "appid",         "sp_mchid",
                                                    "sp_appid",      "sub_mchid",     "sub_appid",
                                                    "combine_mchid", "combine_appid", "combine_out_trade_no",
                                                    "sub_orders",    "out_trade_no",  "transaction_id",
                                                    "trade_type",    "trade_state",   "bank_type",
                                                    "success_time",  "out_refund_no", "refund_id",
                                                    "refund_status", "amount",        "total",
                                                    "payer_total",   "currency",      "payer_currency",
                                                    "refund",        "payer_refund",  "total_amount",
                                                    "payer_amount",  "order_id",      "out_order_no",
                                                    "complaint_id"};

void write_kept(Writer& writer, const Value& value, const ChannelContext& context);

// A number that the redactor would change is a card number somebody wrote without quotes.
void write_number(Writer& writer, const Value& value, const ChannelContext& context) {
    const auto text = value.number_text().value_or("");
    const auto safe = context.redact(text);
    if (const auto integer = value.integer(); integer && safe == text) {
        writer.value(*integer);
    } else {
        writer.value(safe);
    }
}

void write_kept_members(Writer& writer, const Value& object, const ChannelContext& context) {
    writer.begin_object();
    for (const auto& [key, member] : object.members()) {
        if (std::find(kKept.begin(), kKept.end(), key) != kKept.end()) {
            writer.key(key);
            write_kept(writer, member, context);
        }
    }
    writer.end_object();
}

void write_kept(Writer& writer, const Value& value, const ChannelContext& context) {
    switch (value.kind()) {
        case Value::Kind::null:
            writer.null();
            return;
        case Value::Kind::boolean:
            writer.value(value.boolean().value_or(false));
            return;
        case Value::Kind::number:
            write_number(writer, value, context);
            return;
        case Value::Kind::string:
            writer.value(context.redact(value.string().value_or("")));
            return;
        case Value::Kind::array:
            writer.begin_array();
            for (const auto& item : value.items()) {
                write_kept(writer, item, context);
            }
            writer.end_array();
            return;
        case Value::Kind::object:
            write_kept_members(writer, value, context);
            return;
    }
}

std::string redacted(const Envelope& envelope, const ChannelContext& context) {
    Writer writer;
    writer.begin_object();
    writer.member("id", context.redact(envelope.id));
    writer.member("create_time", core::format_rfc3339(envelope.created_at));
    writer.member("event_type", context.redact(envelope.event_type));
    writer.member("original_type", context.redact(envelope.original_type));
    writer.key("resource");
    write_kept_members(writer, envelope.resource, context);
    writer.end_object();
    return writer.text();
}

}  // namespace

core::Result<CallbackMessage, CallbackRefusal> read_notification(std::string_view body, const Verifier& verifier,
                                                                 const Options& options,
                                                                 const ChannelContext& context) {
    const auto envelope = open_envelope(body, verifier, options.api_v3_key);
    if (!envelope) {
        return core::Refused{envelope.error()};
    }
    auto transactions = read_resource(*envelope, options, context);
    if (!transactions) {
        return core::Refused{transactions.error()};
    }
    return CallbackMessage{context.redact(envelope->id), context.redact(envelope->event_type), *std::move(transactions),
                           redacted(*envelope, context)};
}

}  // namespace payments::wechatpay
