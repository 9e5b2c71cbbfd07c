#include "payments/channels/wechatpay/envelope.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/crypto/aead.h"
#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"

namespace payments::wechatpay {
namespace {

constexpr std::size_t kIdentifierBytesMax = 128;
constexpr std::size_t kSm4KeyBytes = 16;
constexpr std::string_view kAes = "AEAD_AES_256_GCM";
constexpr std::string_view kSm4 = "AEAD_SM4_GCM";

core::Refused<CallbackRefusal> bad_content(std::string reason) {
    return {CallbackRefusal{CallbackRefusal::Kind::bad_content, std::move(reason)}};
}

core::Refused<CallbackRefusal> not_decryptable() {
    return {CallbackRefusal{CallbackRefusal::Kind::unauthentic, "resource_not_decryptable"}};
}

std::string reason_of(core::json::Error error, const std::string& what) {
    switch (error) {
        case core::json::Error::empty:
            return what + "_empty";
        case core::json::Error::invalid_utf8:
            return what + "_not_utf8";
        case core::json::Error::invalid_syntax:
            return what + "_not_json";
        case core::json::Error::duplicate_key:
            return what + "_key_repeated";
        case core::json::Error::too_deep:
            return what + "_too_deep";
        case core::json::Error::too_large:
            return what + "_too_large";
    }
    return what + "_not_json";
}

std::optional<std::string> open_sealed(const Verifier& verifier, const core::KeyBytes& api_v3_key,
                                       std::string_view nonce, std::string_view associated_data,
                                       std::string_view sealed) {
    if (!verifier.key.is_sm2()) {
        return core::crypto::aes_256_gcm_open(api_v3_key.reveal(), nonce, associated_data, sealed);
    }
    const core::KeyBytes digest(core::crypto::sm3(api_v3_key.reveal()));
    return core::crypto::sm4_gcm_open(digest.reveal().substr(0, kSm4KeyBytes), nonce, associated_data, sealed);
}

std::optional<std::string> decrypted(const core::json::Value& resource, const Verifier& verifier,
                                     const core::KeyBytes& api_v3_key) {
    const auto algorithm = resource.string_at("algorithm");
    const auto nonce = resource.string_at("nonce");
    const auto ciphertext = resource.string_at("ciphertext");
    const auto* associated = resource.find("associated_data");
    if (!nonce || !ciphertext || algorithm != (verifier.key.is_sm2() ? kSm4 : kAes)) {
        return std::nullopt;
    }
    // Absent (or null) means empty; anything but a text is not what WeChat Pay sends.
    std::string_view associated_data;
    if (associated != nullptr && !associated->is_null()) {
        const auto text = associated->string();
        if (!text) {
            return std::nullopt;
        }
        associated_data = *text;
    }
    const auto sealed = core::crypto::base64_decode(*ciphertext);
    if (!sealed) {
        return std::nullopt;
    }
    return open_sealed(verifier, api_v3_key, *nonce, associated_data, *sealed);
}

}  // namespace

bool is_identifier(std::string_view text) {
    return !text.empty() && text.size() <= kIdentifierBytesMax && std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20U || byte == 0x7FU;
    });
}

core::Result<Envelope, CallbackRefusal> open_envelope(std::string_view body, const Verifier& verifier,
                                                      const core::KeyBytes& api_v3_key) {
    const auto outer = core::json::parse(body);
    if (!outer) {
        return bad_content(reason_of(outer.error(), "body"));
    }
    const auto id = outer->string_at("id");
    const auto event_type = outer->string_at("event_type");
    const auto create_time = outer->string_at("create_time");
    const auto* resource = outer->find("resource");
    if (!id || !event_type || !create_time || resource == nullptr || !resource->is_object()) {
        return bad_content("envelope_incomplete");
    }
    if (!is_identifier(*id) || !is_identifier(*event_type)) {
        return bad_content("identifier_malformed");
    }
    const auto created_at = core::parse_rfc3339(*create_time);
    if (!created_at) {
        return bad_content("time_malformed");
    }
    const auto plain = decrypted(*resource, verifier, api_v3_key);
    if (!plain) {
        return not_decryptable();
    }
    auto inner = core::json::parse(*plain);
    if (!inner) {
        return bad_content(reason_of(inner.error(), "resource"));
    }
    if (!inner->is_object()) {
        return bad_content("resource_shape_unknown");
    }
    return Envelope{std::string(*id), std::string(*event_type),
                    std::string(resource->string_at("original_type").value_or("")), *created_at, *std::move(inner)};
}

}  // namespace payments::wechatpay
