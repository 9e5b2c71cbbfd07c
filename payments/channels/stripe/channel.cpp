#include <utility>

#include "core/json/reader.h"
#include "payments/channels/stripe/events.h"
#include "payments/channels/stripe/itemized.h"
#include "payments/channels/stripe/redaction.h"
#include "payments/channels/stripe/signature.h"
#include "payments/channels/stripe/statement.h"
#include "payments/channels/stripe/stripe.h"

namespace payments::stripe {
namespace {

using core::json::Value;
using Message = core::Result<CallbackMessage, CallbackRefusal>;

core::Refused<CallbackRefusal> unauthentic(const char* reason) {
    return core::Refused{CallbackRefusal{CallbackRefusal::Kind::unauthentic, reason}};
}

core::Refused<CallbackRefusal> bad_content(std::string reason) {
    return core::Refused{CallbackRefusal{CallbackRefusal::Kind::bad_content, std::move(reason)}};
}

const char* word_of(SignatureError error) {
    switch (error) {
        case SignatureError::malformed:
            return "signature_malformed";
        case SignatureError::wrong:
            return "signature_wrong";
        case SignatureError::stale:
            return "timestamp_stale";
    }
    return "signature_wrong";
}

const char* word_of(core::json::Error error) {
    switch (error) {
        case core::json::Error::empty:
            return "body_empty";
        case core::json::Error::invalid_utf8:
            return "body_not_utf8";
        case core::json::Error::invalid_syntax:
            return "body_not_json";
        case core::json::Error::duplicate_key:
            return "body_duplicate_key";
        case core::json::Error::too_deep:
            return "body_too_deep";
        case core::json::Error::too_large:
            return "body_too_large";
    }
    return "body_not_json";
}

class StripeChannel final : public Channel {
public:
    StripeChannel(Options options, const ChannelContext& context)
        : options_(std::move(options)),
          redact_(context.redact ? context.redact : [](std::string_view text) { return std::string(text); }) {}

    std::string_view name() const override { return "stripe"; }
    core::DayCut day_cut() const override { return {options_.time_zone, std::chrono::minutes(0)}; }
    std::string_view callback_content_type() const override { return "application/json"; }
    CallbackAnswer accepted() const override { return {200, "application/json", R"({"received":true})"}; }
    bool returns_fee_on_refund() const override { return false; }

    Message read_callback(const CallbackRequest& request) const override;
    core::Result<Statement, StatementRefusal> read_lines(const std::vector<StatementFile>& files, core::BusinessDay day,
                                                         RowPick pick, const LineTaker& take) const override;

private:
    // Nothing when the envelope is an event for this tenant, else the reason.
    std::optional<std::string> wrong_envelope(const Value& event) const;
    Message read_event(const Value& event) const;

    Options options_;
    Redact redact_;
};

Message StripeChannel::read_callback(const CallbackRequest& request) const {
    const auto header = request.header("Stripe-Signature");
    if (!header) {
        return unauthentic("signature_missing");
    }
    const auto verified = verify_signature(*header, request.body, options_.webhook_secrets, request.received_at);
    if (!verified) {
        return unauthentic(word_of(verified.error()));
    }
    const auto event = core::json::parse(request.body);
    if (!event) {
        return bad_content(word_of(event.error()));
    }
    if (const auto reason = wrong_envelope(*event)) {
        return bad_content(*reason);
    }
    return read_event(*event);
}

std::optional<std::string> StripeChannel::wrong_envelope(const Value& event) const {
    const auto object = event.string_at("object");
    if (object != "event") {
        return object == "v2.core.event" ? "thin_event" : "not_an_event";
    }
    const auto livemode = event.boolean_at("livemode");
    if (!livemode) {
        return "field_missing";
    }
    if (*livemode != options_.livemode) {
        return "livemode_differs";
    }
    // Only a Connect endpoint's events name an account; another tenant's seller must not be booked here.
    const auto* account = event.find("account");
    if (account != nullptr && !account->is_null() && account->string() != options_.account) {
        return "merchant_differs";
    }
    return std::nullopt;
}

Message StripeChannel::read_event(const Value& event) const {
    const auto id = id_at(event, "id");
    const auto type = id_at(event, "type");
    const auto created = instant_at(event, "created");
    const auto* object = event.path("data", "object");
    if (id.empty() || type.empty() || !created || object == nullptr || !object->is_object()) {
        return bad_content("field_missing");
    }
    auto transactions = transactions_of(type, *object, *created, {options_.order_key, options_.time_zone, redact_});
    if (!transactions) {
        return bad_content(transactions.error());
    }
    return CallbackMessage{redact_(id), redact_(type), std::move(*transactions),
                           redacted_event(event, options_.order_key, redact_)};
}

core::Result<Statement, StatementRefusal> StripeChannel::read_lines(const std::vector<StatementFile>& files,
                                                                    core::BusinessDay day, RowPick pick,
                                                                    const LineTaker& take) const {
    return without_cards(
        read_statement_files(files, day, {options_.order_key, options_.time_zone, redact_}, pick, take), redact_);
}

}  // namespace

std::unique_ptr<Channel> make_channel(Options options, const ChannelContext& context) {
    return std::make_unique<StripeChannel>(std::move(options), context);
}

}  // namespace payments::stripe
