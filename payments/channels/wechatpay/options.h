// What a tenant's WeChat Pay account is: merchant number, decryption key, and the keys that sign its callbacks.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "config/section.h"
#include "core/crypto/certificate.h"
#include "core/crypto/keys.h"
#include "core/secret.h"
#include "core/time.h"
#include "payments/channels/wechatpay/merchant.h"

namespace payments::wechatpay {

inline constexpr std::string_view kZone = "Asia/Shanghai";
inline constexpr std::size_t kApiV3KeyBytes = 32;

// A key that signs callbacks, of either kind (WeChat Pay spec 1.4).
struct Verifier {
    // When a platform certificate is valid, both ends included.
    struct Validity {
        core::Instant not_before;
        core::Instant not_after;
    };

    core::crypto::PublicKey key;
    std::optional<Validity> validity;  // nothing for a public key: it does not expire

    static Verifier from_certificate(const core::crypto::Certificate& certificate);
    static Verifier from_public_key(core::crypto::PublicKey key);
};

// By what the header Wechatpay-Serial names: the certificate's serial in upper-case hex, or a public key's id.
// Both kinds live side by side, since a merchant's callbacks move from one to the other over days.
using Verifiers = std::map<std::string, Verifier, std::less<>>;

struct Options {
    Merchant merchant;
    // Exactly 32 bytes, used as they are for AES-256-GCM; SM4-GCM takes the first 16 bytes of their SM3.
    core::KeyBytes api_v3_key;
    // At least one.
    Verifiers verifiers;
    // When set, a payment made for another app is refused.
    std::optional<std::string> app_id;
};

// Reads merchant_id, sub_merchant_ids, api_v3_key, verifiers and app_id; complains through the section about whatever
// is wrong, and gives nothing then. An item of `verifiers` is a certificate's path, { id, public_key } or { id,
// certificate } (the id replaces the certificate's own serial; it may be left out).
std::optional<Options> read_options(config::Section& section);

}  // namespace payments::wechatpay
