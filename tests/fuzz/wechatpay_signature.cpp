// The headers that WeChat Pay signs with. In a value "$" stands for the right signature by a public key, "%" for that
// by a certificate's, "@" for the time, "!" for the certificate's serial number.
#include <algorithm>

#include "core/crypto/certificate.h"
#include "core/crypto/encoding.h"
#include "payments/channels/wechatpay/authenticity.h"
#include "tests/fuzz/fuzz_channel.h"

namespace {

namespace wechatpay = payments::wechatpay;
namespace crypto = core::crypto;

const std::string kId = "PUB_KEY_ID_1";
const std::string kNonce = "593BEC0C930BF1AF";
const std::string kBody = R"({"id":"1"})";

struct Platform {
    crypto::PrivateKey public_mode_key = crypto::PrivateKey::generate_rsa();
    crypto::PrivateKey certificate_key = crypto::PrivateKey::generate_rsa();
    crypto::Certificate certificate =
        crypto::issue_certificate({"Tenpay.com sign", "Tenpay.com", fuzz::kNow - std::chrono::hours(24),
                                   fuzz::kNow + std::chrono::hours(24), false},
                                  certificate_key, nullptr);
    std::string time = std::to_string(fuzz::kNow.time_since_epoch().count() / 1000);
    std::string by_public_key = signature(public_mode_key);
    std::string by_certificate = signature(certificate_key);
    wechatpay::Verifiers verifiers;

    Platform() {
        verifiers.emplace(kId, wechatpay::Verifier::from_public_key(public_mode_key.public_key()));
        verifiers.emplace(certificate.serial_hex(), wechatpay::Verifier::from_certificate(certificate));
    }

    std::string signature(const crypto::PrivateKey& key) const {
        return crypto::base64_encode(key.sign_rsa_sha256(time + "\n" + kNonce + "\n" + kBody + "\n"));
    }

    std::string replaced(std::string_view text) const {
        std::string out;
        for (const char c : text) {
            out += c == '$'   ? by_public_key
                   : c == '%' ? by_certificate
                   : c == '@' ? time
                   : c == '!' ? certificate.serial_hex()
                              : std::string(1, c);
        }
        return out;
    }
};

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : int{c}; };
        return lower(x) == lower(y);
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const Platform platform;
    auto request = fuzz::request_from(fuzz::Input(data, size));
    for (auto& [name, value] : request.headers) {
        value = platform.replaced(value);
    }
    const bool own_body = request.body.empty();
    request.body = own_body ? kBody : request.body;
    const auto verifier = wechatpay::authenticate(request, platform.verifiers);
    if (!verifier) {
        fuzz::promise(verifier.error().kind == payments::CallbackRefusal::Kind::unauthentic, "refused as unauthentic");
        fuzz::check_refusal(verifier.error());
        return 0;
    }
    const auto value_of = [&](std::string_view wanted) {
        std::vector<std::string_view> values;
        for (const auto& [name, value] : request.headers) {
            if (same_name(name, wanted)) {
                values.push_back(core::text::trimmed(value));
            }
        }
        fuzz::promise(values.size() == 1, "each header is there once");
        return values.front();
    };
    const bool by_public_key = value_of("Wechatpay-Serial") == kId;
    fuzz::promise(
        request.body == kBody && value_of("Wechatpay-Timestamp") == platform.time &&
            value_of("Wechatpay-Nonce") == kNonce &&
            value_of("Wechatpay-Signature") == (by_public_key ? platform.by_public_key : platform.by_certificate),
        "only what was signed, by the key that is named, is believed");
    request.received_at += std::chrono::hours(25);
    fuzz::promise(!wechatpay::authenticate(request, platform.verifiers), "a stale one is not believed");
    return 0;
}
