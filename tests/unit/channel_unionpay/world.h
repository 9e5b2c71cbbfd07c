// A UnionPay to test against: authorities of its own, signers good and bad, and messages signed by them.
#pragma once

#include <date/date.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "audit/redact.h"
#include "core/crypto/certificate.h"
#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/text/encoding.h"
#include "payments/channels/unionpay/message.h"
#include "payments/channels/unionpay/unionpay.h"

namespace payments::unionpay::test {

inline const std::string kMerchant = "777290058110097";
inline const std::string kGoodName = "041@8310000000083040@中国银联股份有限公司@00016495";
inline constexpr std::string_view kTestCard = "6221558812340000";  // of the public sandbox

inline core::Instant at(const char* text) { return *core::parse_rfc3339(text); }
inline const core::Instant kNow = at("2026-11-18T12:00:00+08:00");

inline ChannelContext context() {
    static const audit::Redactor redactor(core::KeyBytes("a key for tests of 32 bytes long"));
    return {"acme", [](std::string_view card) { return redactor.fingerprint(card); },
            [](std::string_view text) { return redactor.redact(text); }};
}

// A certificate with its key.
struct Holder {
    core::crypto::PrivateKey key;
    core::crypto::Certificate certificate;
};

inline Holder hold(const std::string& name, const Holder* issuer, bool authority = false,
                   const char* from = "2026-01-01T00:00:00Z", const char* until = "2027-01-01T00:00:00Z") {
    auto key = core::crypto::PrivateKey::generate_rsa();
    const core::crypto::CertificateRequest request{name, "Test", at(from), at(until), authority};
    if (issuer == nullptr) {
        auto certificate = core::crypto::issue_certificate(request, key, nullptr);
        return {std::move(key), std::move(certificate)};
    }
    const core::crypto::Issuer by{issuer->certificate, issuer->key};
    auto certificate = core::crypto::issue_certificate(request, key, &by);
    return {std::move(key), std::move(certificate)};
}

struct World {
    Holder root = hold("Test CS CA", nullptr, true);
    Holder middle = hold("Test OCA1", &root, true);
    Holder signer = hold(kGoodName, &middle);

    static const World& the() {
        static const World world;
        return world;
    }
};

inline Options options() {
    Options made;
    made.merchant_id = kMerchant;
    made.roots.push_back(World::the().root.certificate);
    made.intermediates.push_back(World::the().middle.certificate);
    return made;
}

inline std::string travelling_pem(const core::crypto::Certificate& certificate) {
    std::string out;
    for (const char c : certificate.to_pem()) {
        out += c == '\n' ? std::string("\r\n") : std::string(1, c);
    }
    return out.substr(0, out.size() - 2);
}

inline Fields payment_fields() {
    return {{"accNo", "622155******0000"},
            {"accessType", "0"},
            {"bizType", "000201"},
            {"currencyCode", "156"},
            {"encoding", "UTF-8"},
            {"merId", kMerchant},
            {"orderId", "U26111800000GEz9J"},
            {"queryId", "432611181121443244922"},
            {"respCode", "00"},
            {"respMsg", "成功[0000000]"},
            {"settleAmt", "12345"},
            {"settleCurrencyCode", "156"},
            {"settleDate", "1118"},
            {"signMethod", "01"},
            {"traceNo", "449221"},
            {"traceTime", "1118112144"},
            {"txnAmt", "12345"},
            {"txnSubType", "01"},
            {"txnTime", "20261118112144"},
            {"txnType", "01"},
            {"version", "5.1.0"}};
}

inline Fields refund_fields() {
    auto fields = payment_fields();
    fields["txnType"] = "04";
    fields["txnSubType"] = "00";
    fields["orderId"] = "RU26111800000GEz9J";
    fields["origQryId"] = "432611181100003244921";
    return fields;
}

inline std::string form(const Fields& fields) {
    std::string body;
    for (const auto& [name, value] : fields) {
        body.append(body.empty() ? "" : "&").append(name).append("=").append(core::text::form_encode(value));
    }
    return body;
}

inline std::string signature_by(const Holder& signer, const std::string& text) {
    return core::crypto::base64_encode(signer.key.sign_rsa_sha256(core::crypto::sha256_hex(text)));
}

// With the signer's certificate and signature over all fields.
inline Fields signed_by(const Holder& signer, Fields fields, EmptyValues empties = EmptyValues::kept) {
    fields["signPubKeyCert"] = travelling_pem(signer.certificate);
    fields["signature"] = signature_by(signer, string_to_sign(fields, empties));
    return fields;
}

inline Fields well_signed(Fields fields) { return signed_by(World::the().signer, std::move(fields)); }

inline core::Result<CallbackMessage, CallbackRefusal> told(const Channel& channel, std::string body,
                                                           core::Instant received_at = kNow) {
    return channel.read_callback(
        {{{"Content-Type", "application/x-www-form-urlencoded"}}, std::move(body), received_at});
}

// "accepted", or "401 reason" and "400 reason".
inline std::string verdict(const core::Result<CallbackMessage, CallbackRefusal>& result) {
    if (result) {
        return "accepted";
    }
    return (result.error().kind == CallbackRefusal::Kind::unauthentic ? "401 " : "400 ") + result.error().reason;
}

}  // namespace payments::unionpay::test
