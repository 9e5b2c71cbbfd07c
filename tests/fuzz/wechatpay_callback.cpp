// WeChat Pay's notifications: what anybody may send; what the platform's keys have signed; and, behind that, the
// sealed resource with whatever is in it.
#include <array>

#include "core/crypto/aead.h"
#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/json/writer.h"
#include "payments/channels/wechatpay/notification.h"
#include "payments/channels/wechatpay/wechatpay.h"
#include "tests/fuzz/fuzz_channel.h"

namespace {

namespace wechatpay = payments::wechatpay;
namespace crypto = core::crypto;

const std::string kApiKey = "0123456789abcdef0123456789abcdef";
const std::string kNonce = "fG1l57vn9BCX";
const std::string kRsaId = "PUB_KEY_ID_RSA";
const std::string kSm2Id = "PUB_KEY_ID_SM2";
constexpr std::string_view kSm2SignerId = "1234567812345678";

const crypto::PrivateKey& rsa_key() {
    static const auto key = crypto::PrivateKey::generate_rsa();
    return key;
}
const crypto::PrivateKey& sm2_key() {
    static const auto key = crypto::PrivateKey::generate_sm2();
    return key;
}

wechatpay::Options make_options() {
    wechatpay::Options made;
    made.merchant.id = "1900000109";
    made.api_v3_key = core::KeyBytes(kApiKey);
    made.verifiers.emplace(kRsaId, wechatpay::Verifier::from_public_key(rsa_key().public_key()));
    made.verifiers.emplace(kSm2Id, wechatpay::Verifier::from_public_key(sm2_key().public_key()));
    return made;
}

const wechatpay::Options& options() {
    static const auto made = make_options();
    return made;
}

const payments::Channel& channel() {
    static const auto made = wechatpay::make_channel(make_options(), fuzz::context());
    return *made;
}

std::string sealed(std::string_view plain, std::string_view associated_data, bool sm) {
    if (!sm) {
        return crypto::aes_256_gcm_seal(kApiKey, kNonce, associated_data, plain);
    }
    return crypto::sm4_gcm_seal(crypto::sm3(kApiKey).substr(0, 16), kNonce, associated_data, plain);
}

std::string envelope(std::string_view event_type, std::string_view plain, bool sm) {
    const std::string kind = event_type.starts_with("REFUND") ? "refund" : "transaction";
    core::json::Writer body;
    body.begin_object()
        .member("id", "b62e271c-3389-58a0-8146-4a704966e8f1")
        .member("create_time", "2026-11-18T17:00:00+08:00")
        .member("resource_type", "encrypt-resource")
        .member("event_type", event_type)
        .key("resource")
        .begin_object()
        .member("original_type", kind)
        .member("algorithm", sm ? "AEAD_SM4_GCM" : "AEAD_AES_256_GCM")
        .member("ciphertext", crypto::base64_encode(sealed(plain, kind, sm)))
        .member("associated_data", kind)
        .member("nonce", kNonce)
        .end_object()
        .end_object();
    return body.text();
}

payments::CallbackRequest signed_request(const std::string& body, bool sm) {
    const auto time = std::to_string(fuzz::kNow.time_since_epoch().count() / 1000);
    const auto message = time + "\n" + kNonce + "\n" + body + "\n";
    const auto signature = sm ? sm2_key().sign_sm2_sm3(message, kSm2SignerId) : rsa_key().sign_rsa_sha256(message);
    payments::CallbackRequest request;
    request.headers = {{"Wechatpay-Serial", sm ? kSm2Id : kRsaId},
                       {"Wechatpay-Timestamp", time},
                       {"Wechatpay-Nonce", kNonce},
                       {"Wechatpay-Signature-Type", sm ? "WECHATPAY2-SM2-WITH-SM3" : "WECHATPAY2-SHA256-RSA2048"},
                       {"Wechatpay-Signature", crypto::base64_encode(signature)}};
    request.body = body;
    request.received_at = fuzz::kNow;
    return request;
}

fuzz::Reading read_behind_signature(std::string_view body, bool sm) {
    return wechatpay::read_notification(body, options().verifiers.at(sm ? kSm2Id : kRsaId), options(), fuzz::context());
}

// All the way, which costs a signature.
void check_signed(std::string_view text, bool sm) {
    auto request = signed_request(envelope("TRANSACTION.SUCCESS", text, sm), sm);
    const auto reading = channel().read_callback(request);
    fuzz::check_reading(reading);
    fuzz::promise(reading || reading.error().kind == payments::CallbackRefusal::Kind::bad_content,
                  "what is signed and sealed is authentic");
    request.body += ' ';
    fuzz::check_unsigned(channel().read_callback(request));
}

void check_sealed(fuzz::Input input, bool sm) {
    constexpr std::array kEvents = {"TRANSACTION.SUCCESS", "REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED",
                                    "PROFITSHARING"};
    const std::string event = kEvents.at(input.choice(kEvents.size()));
    auto body = envelope(event, input.rest(), sm);
    const auto reading = read_behind_signature(body, sm);
    fuzz::check_reading(reading);
    fuzz::promise(reading || reading.error().kind == payments::CallbackRefusal::Kind::bad_content,
                  "what is sealed opens");
    const auto under_other_key = read_behind_signature(body, !sm);
    fuzz::promise(!under_other_key && under_other_key.error().reason == "resource_not_decryptable",
                  "the cipher is that of the key that signed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    switch (input.choice(6)) {
        case 0:
            fuzz::check_unsigned(channel().read_callback(fuzz::request_from(input)));
            break;
        case 1: {
            const auto reading = read_behind_signature(input.rest(), false);
            fuzz::check_unsigned(reading);
            break;
        }
        case 2:
            check_sealed(input, false);
            break;
        case 3:
            check_sealed(input, true);
            break;
        case 4:
            check_signed(input.rest(), false);
            break;
        default:
            check_signed(input.rest(), true);
    }
    return 0;
}
