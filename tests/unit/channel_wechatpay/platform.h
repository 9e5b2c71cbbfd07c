// WeChat Pay's side of a test: keys of both kinds, and callbacks signed and sealed with them as the real one's are.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/crypto/aead.h"
#include "core/crypto/certificate.h"
#include "core/crypto/encoding.h"
#include "core/crypto/keys.h"
#include "core/json/writer.h"
#include "payments/channels/wechatpay/wechatpay.h"

namespace payments::wechatpay::test {

inline const std::string kMerchant = "1900000109";
inline const std::string kApp = "wx0123456789abcdef";
inline const std::string kApiKey = "AES256Key-32Characters1234567890";
inline const std::string kPublicKeyId = "PUB_KEY_ID_0119000001092024";

inline core::Instant at(std::string_view rfc3339) { return core::parse_rfc3339(rfc3339).value(); }

// The moment at which every callback of these tests arrives.
inline core::Instant now() { return at("2026-11-18T09:00:00Z"); }

// Keys are costly to make, so a test program makes them once.
struct Platform {
    core::crypto::PrivateKey certificate_key = core::crypto::PrivateKey::generate_rsa();
    core::crypto::PrivateKey public_mode_key = core::crypto::PrivateKey::generate_rsa();
    core::crypto::PrivateKey next_key = core::crypto::PrivateKey::generate_rsa();
    core::crypto::PrivateKey stranger = core::crypto::PrivateKey::generate_rsa();
    core::crypto::Certificate certificate = issue(certificate_key, "2024-01-01T00:00:00Z", "2029-01-01T00:00:00Z");
    core::crypto::Certificate next_certificate = issue(next_key, "2026-11-01T00:00:00Z", "2031-11-01T00:00:00Z");

    static core::crypto::Certificate issue(const core::crypto::PrivateKey& key, std::string_view begins,
                                           std::string_view ends) {
        return core::crypto::issue_certificate({"Tenpay.com sign", "Tenpay.com", at(begins), at(ends), false}, key,
                                               nullptr);
    }

    static const Platform& instance() {
        static const Platform platform;
        return platform;
    }
};

inline ChannelContext plain_context() {
    ChannelContext context;
    context.tenant = "acme";
    context.fingerprint = [](std::string_view) { return std::string("fingerprint"); };
    context.redact = [](std::string_view text) { return std::string(text); };
    return context;
}

inline Options options() {
    const auto& platform = Platform::instance();
    Options made;
    made.merchant.id = kMerchant;
    made.api_v3_key = core::KeyBytes(kApiKey);
    made.verifiers.emplace(platform.certificate.serial_hex(), Verifier::from_certificate(platform.certificate));
    made.verifiers.emplace(kPublicKeyId, Verifier::from_public_key(platform.public_mode_key.public_key()));
    return made;
}

// A callback in the making; each test changes what it is about.
struct Notification {
    std::string id = "b62e271c-3389-58a0-8146-4a704966e8f1";
    std::string create_time = "2026-11-18T17:00:00+08:00";
    std::string event_type = "TRANSACTION.SUCCESS";
    std::string associated_data = "transaction";
    std::string algorithm = "AEAD_AES_256_GCM";
    std::string api_key = kApiKey;
    std::string resource;

    std::string body() const {
        const std::string nonce = "fG1l57vn9BCX";
        core::json::Writer writer;
        writer.begin_object()
            .member("id", id)
            .member("create_time", create_time)
            .member("resource_type", "encrypt-resource")
            .member("event_type", event_type)
            .member("summary", "支付成功")
            .key("resource")
            .begin_object()
            .member("original_type", associated_data)
            .member("algorithm", algorithm)
            .member("ciphertext", core::crypto::base64_encode(
                                      core::crypto::aes_256_gcm_seal(api_key, nonce, associated_data, resource)))
            .member("associated_data", associated_data)
            .member("nonce", nonce)
            .end_object()
            .end_object();
        return writer.text();
    }
};

inline std::string payment(const std::string& amount = R"({"total":100,"payer_total":90,"currency":"CNY"})",
                           const std::string& merchant = kMerchant, const std::string& state = "SUCCESS") {
    return R"({"appid":")" + kApp + R"(","mchid":")" + merchant +
           R"(","out_trade_no":"W2026111800001","transaction_id":"4200000925202611184997714292",)"
           R"("trade_type":"NATIVE","trade_state":")" +
           state +
           R"(","trade_state_desc":"支付成功","bank_type":"OTHERS","attach":"private words",)"
           R"("success_time":"2026-11-19T00:00:01+08:00","payer":{"openid":"oSomebody000000000000000000"},)"
           R"("amount":)" +
           amount + "}";
}

inline std::string refund(const std::string& status = "SUCCESS", const std::string& amount = "60") {
    return R"({"mchid":")" + kMerchant +
           R"(","out_trade_no":"W2026111800001","transaction_id":"4200000925202611184997714292",)"
           R"("out_refund_no":"RW2026111800001","refund_id":"50300807092026111805990201735","refund_status":")" +
           status +
           R"(","success_time":"2026-11-18T16:59:59+08:00","user_received_account":"招商银行信用卡0403",)"
           R"("amount":{"total":100,"refund":)" +
           amount + R"(,"payer_total":100,"payer_refund":60}})";
}

struct Signing {
    std::string serial = Platform::instance().certificate.serial_hex();
    const core::crypto::PrivateKey* key = &Platform::instance().certificate_key;
    std::string timestamp;  // empty: the moment of arrival
};

inline CallbackRequest signed_request(const std::string& body, const Signing& signing = {}) {
    const std::string timestamp =
        !signing.timestamp.empty()
            ? signing.timestamp
            : std::to_string(std::chrono::floor<std::chrono::seconds>(now()).time_since_epoch().count());
    const std::string nonce = "AF1404CC2980FB414C99C0B98883BD42";
    CallbackRequest request;
    request.headers = {
        {"Content-Type", "application/json"},
        {"wechatpay-serial", signing.serial},
        {"Wechatpay-Timestamp", timestamp},
        {"Wechatpay-Nonce", nonce},
        {"Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"},
        {"Wechatpay-Signature",
         core::crypto::base64_encode(signing.key->sign_rsa_sha256(timestamp + "\n" + nonce + "\n" + body + "\n"))}};
    request.body = body;
    request.received_at = now();
    return request;
}

inline CallbackRequest signed_resource(const std::string& resource,
                                       const std::string& event_type = "TRANSACTION.SUCCESS") {
    Notification notification;
    notification.resource = resource;
    notification.event_type = event_type;
    return signed_request(notification.body());
}

inline std::string* header_of(CallbackRequest& request, const std::string& name) {
    for (auto& [header_name, value] : request.headers) {
        if (header_name == name) {
            return &value;
        }
    }
    return nullptr;
}

}  // namespace payments::wechatpay::test
