#include "payments/channels/wechatpay/authenticity.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "core/crypto/encoding.h"
#include "core/money.h"
#include "core/text/encoding.h"

namespace payments::wechatpay {
namespace {

constexpr std::string_view kSignatureType = "Wechatpay-Signature-Type";
constexpr std::string_view kTypeRsa = "WECHATPAY2-SHA256-RSA2048";
constexpr std::string_view kTypeSm2 = "WECHATPAY2-SM2-WITH-SM3";
constexpr std::string_view kProbePrefix = "WECHATPAY/SIGNTEST/";
constexpr std::string_view kSm2SignerId = "1234567812345678";
constexpr std::chrono::seconds kWindow{300};
// Twelve digits of seconds are 30,000 years; more would not survive the multiplication to milliseconds.
constexpr std::size_t kTimestampDigitsMax = 12;

core::Refused<CallbackRefusal> refused(const char* reason) {
    return {CallbackRefusal{CallbackRefusal::Kind::unauthentic, reason}};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

// How often the header is there, and its value without blanks around it. The count matters: a repeated header must
// not pass for an absent one, and an absent Wechatpay-Signature-Type has a meaning.
struct Header {
    int times = 0;
    std::string_view value;
};

Header find_header(const CallbackRequest& request, std::string_view name) {
    Header found;
    for (const auto& [header_name, value] : request.headers) {
        if (same_name(header_name, name)) {
            ++found.times;
            found.value = core::text::trimmed(value);
        }
    }
    return found;
}

bool is_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool within_window(std::string_view timestamp, core::Instant received_at) {
    if (timestamp.size() > kTimestampDigitsMax) {
        return false;
    }
    const auto seconds = core::minor_from_integer(timestamp);
    if (!seconds) {
        return false;
    }
    const core::Instant signed_at{std::chrono::seconds{*seconds}};
    return signed_at - received_at < kWindow && received_at - signed_at < kWindow;
}

bool is_valid_at(const Verifier& verifier, core::Instant when) {
    return !verifier.validity || (when >= verifier.validity->not_before && when <= verifier.validity->not_after);
}

bool signature_holds(const Verifier& verifier, std::string_view message, std::string_view signature) {
    if (verifier.key.is_sm2()) {
        return verifier.key.verifies_sm2_sm3(message, signature, kSm2SignerId);
    }
    return verifier.key.verifies_rsa_sha256(message, signature);
}

// Spec 1.2: timestamp, nonce and body, each with a line feed after it. The body is never touched.
std::string signed_message(std::string_view timestamp, std::string_view nonce, std::string_view body) {
    std::string message;
    message.reserve(timestamp.size() + nonce.size() + body.size() + 3);
    message.append(timestamp).append(1, '\n').append(nonce).append(1, '\n').append(body).append(1, '\n');
    return message;
}

struct SignatureHeaders {
    std::string_view serial;
    std::string_view signature;
    std::string_view timestamp;
    std::string_view nonce;
    std::string_view type;
};

core::Result<SignatureHeaders, CallbackRefusal> find_headers(const CallbackRequest& request) {
    SignatureHeaders headers;
    const std::array<std::pair<std::string_view, std::string_view*>, 4> needed = {{
        {"Wechatpay-Serial", &headers.serial},
        {"Wechatpay-Signature", &headers.signature},
        {"Wechatpay-Timestamp", &headers.timestamp},
        {"Wechatpay-Nonce", &headers.nonce},
    }};
    for (const auto& [name, value] : needed) {
        const Header found = find_header(request, name);
        if (found.times > 1) {
            return refused("header_repeated");
        }
        if (found.value.empty()) {
            return refused("header_missing");
        }
        *value = found.value;
    }
    const Header type = find_header(request, kSignatureType);
    if (type.times > 1) {
        return refused("header_repeated");
    }
    headers.type = type.times == 0 ? kTypeRsa : type.value;
    return headers;
}

}  // namespace

core::Result<const Verifier*, CallbackRefusal> authenticate(const CallbackRequest& request,
                                                            const Verifiers& verifiers) {
    const auto headers = find_headers(request);
    if (!headers) {
        return core::Refused{headers.error()};
    }
    if (!is_digits(headers->timestamp)) {
        return refused("timestamp_malformed");
    }
    if (!within_window(headers->timestamp, request.received_at)) {
        return refused("timestamp_stale");
    }
    const auto known = verifiers.find(headers->serial);
    if (known == verifiers.end()) {
        return refused("key_unknown");
    }
    const Verifier& verifier = known->second;
    if (headers->type != (verifier.key.is_sm2() ? kTypeSm2 : kTypeRsa)) {
        return refused("signature_type_unexpected");
    }
    if (!is_valid_at(verifier, request.received_at)) {
        return refused("certificate_not_valid");
    }
    if (headers->signature.starts_with(kProbePrefix)) {
        return refused("signature_probe");
    }
    const auto signature = core::crypto::base64_decode(headers->signature);
    if (!signature) {
        return refused("signature_malformed");
    }
    if (!signature_holds(verifier, signed_message(headers->timestamp, headers->nonce, request.body), *signature)) {
        return refused("signature_wrong");
    }
    return &verifier;
}

}  // namespace payments::wechatpay
