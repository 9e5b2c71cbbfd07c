// The words of the Stripe tests: a channel with a known secret, events, and signed requests.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "core/money.h"
#include "payments/channels/stripe/signature.h"
#include "payments/channels/stripe/stripe.h"

namespace payments::stripe::test {

inline const core::Instant kNow{std::chrono::seconds(1788254101)};  // 2026-09-01T09:15:01Z
inline constexpr const char* kSecret = "whsec_unit0tests0only0secret0001";
inline constexpr const char* kOlderSecret = "whsec_unit0tests0only0older00002";

inline core::KeyBytes key(std::string_view text) { return core::KeyBytes(std::string(text)); }

inline core::Money money(std::int64_t minor, const char* code) { return {minor, *core::Currency::from_code(code)}; }
inline core::Money usd(std::int64_t minor) { return money(minor, "USD"); }

inline Options options() {
    Options options;
    options.account = "acct_1Acme";
    options.webhook_secrets.push_back(key(kSecret));
    return options;
}

// Marks what passed through redaction, so that a test can see it did.
inline std::string visible_redaction(std::string_view text) {
    constexpr std::string_view kCard = "4242424242424242";
    std::string out(text);
    for (auto at = out.find(kCard); at != std::string::npos; at = out.find(kCard)) {
        out.replace(at, kCard.size(), "424242******4242");
    }
    return out;
}

inline ChannelContext context() {
    return {"acme", [](std::string_view) { return std::string("fingerprint"); }, visible_redaction};
}

inline std::unique_ptr<Channel> channel(Options made = options()) { return make_channel(std::move(made), context()); }

inline CallbackRequest signed_request(std::string body, core::Instant at = kNow) {
    CallbackRequest request;
    request.headers = {{"stripe-signature", signature_header(body, key(kSecret), at)}};
    request.body = std::move(body);
    request.received_at = at;
    return request;
}

inline std::string event(const std::string& type, const std::string& object, std::int64_t created = 1788254101) {
    return R"({"id":"evt_1","object":"event","created":)" + std::to_string(created) + R"(,"livemode":true,"type":")" +
           type + R"(","data":{"object":)" + object + "}}";
}

// A captured charge of 100.00 USD; `more` are further members, each with a leading comma.
inline std::string charge(const std::string& more = "", const std::string& amount = "10000",
                          const std::string& currency = "usd") {
    return R"({"id":"ch_A","object":"charge","amount":)" + amount + R"(,"amount_captured":)" + amount +
           R"(,"currency":")" + currency +
           R"(","captured":true,"paid":true,"status":"succeeded","created":1788254100,"payment_intent":"pi_A",)"
           R"("balance_transaction":"txn_1","metadata":{"order_id":"ORD-1"})" +
           more + "}";
}

inline std::string refund(const std::string& status, const std::string& left, const std::string& back = "null") {
    return R"({"id":"re_A","object":"refund","amount":2500,"currency":"usd","charge":"ch_A","payment_intent":"pi_A",)"
           R"("created":1788276000,"metadata":{"order_id":"ORD-1"},"status":")" +
           status + R"(","balance_transaction":)" + left + R"(,"failure_balance_transaction":)" + back + "}";
}

}  // namespace payments::stripe::test
