#include "payments/channels/unionpay/authenticity.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"

namespace payments::unionpay {

namespace {

using Verdict = core::Result<core::Done, std::string_view>;

Verdict refused(std::string_view reason) { return core::Refused{reason}; }

bool is_utf8_label(std::string_view label) {
    std::string upper(label);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return upper == "UTF-8";
}

// Kits differ on empty fields, and no real message shows which one UnionPay means: the text is tried with them, and
// once more without. Both cover every field that says something, so a forger gains nothing.
template <typename Holds>
Verdict signature_holds(const Fields& fields, Holds holds) {
    if (holds(string_to_sign(fields, EmptyValues::kept)) ||
        (has_empty_value(fields) && holds(string_to_sign(fields, EmptyValues::dropped)))) {
        return core::Done{};
    }
    return refused("signature_wrong");
}

std::string keyed_digest(SignMethod method, const std::string& text, std::string_view key) {
    const auto digest = method == SignMethod::sm3_key ? core::crypto::sm3_hex : core::crypto::sha256_hex;
    return digest(text + "&" + digest(key));
}

}  // namespace

std::string_view code_of(SignMethod method) {
    switch (method) {
        case SignMethod::certificate:
            return "01";
        case SignMethod::sha256_key:
            return "11";
        case SignMethod::sm3_key:
            return "12";
    }
    return "";
}

std::string_view text_of(Version version) { return version == Version::v5_1_0 ? "5.1.0" : "5.0.0"; }

Authenticity::Authenticity(Options options)
    : options_(std::move(options)),
      trust_(options_.roots, options_.intermediates, options_.signer_common_name, options_.retired_certificates) {}

Verdict Authenticity::check(const Fields& fields, core::Instant at) const {
    if (auto pinned = check_pinned(fields); !pinned) {
        return pinned;
    }
    const auto signature = value_of(fields, "signature");
    if (!signature) {
        return refused("signature_missing");
    }
    if (options_.sign_method != SignMethod::certificate) {
        return check_shared_key(fields, *signature);
    }
    return options_.version == Version::v5_1_0 ? check_travelling_certificate(fields, *signature, at)
                                               : check_installed_certificate(fields, *signature, at);
}

// Before anything is computed: what decides how to verify comes from the configuration, and the message has to agree.
Verdict Authenticity::check_pinned(const Fields& fields) const {
    if (value_of(fields, "version") != text_of(options_.version)) {
        return refused("version_differs");
    }
    if (value_of(fields, "signMethod") != code_of(options_.sign_method)) {
        return refused("sign_method_differs");
    }
    const auto encoding = value_of(fields, "encoding");
    if (!encoding || !is_utf8_label(*encoding)) {
        return refused("encoding_differs");
    }
    return core::Done{};
}

Verdict Authenticity::check_travelling_certificate(const Fields& fields, std::string_view signature,
                                                   core::Instant at) const {
    const auto pem = value_of(fields, "signPubKeyCert");
    if (!pem) {
        return refused("certificate_missing");
    }
    const auto key = trust_.key_for(*pem, at);
    if (!key) {
        return refused(key.error());
    }
    const auto raw = core::crypto::base64_decode(signature);
    if (!raw) {
        return refused("signature_malformed");
    }
    // Hashed twice: what RSA signs is the hexadecimal text of the digest (section 2.2).
    return signature_holds(fields, [&](const std::string& text) {
        return key->verifies_rsa_sha256(core::crypto::sha256_hex(text), *raw);
    });
}

Verdict Authenticity::check_installed_certificate(const Fields& fields, std::string_view signature,
                                                  core::Instant at) const {
    const auto serial = value_of(fields, "certId");
    const auto& installed = options_.verify_certificates;
    const auto found = std::find_if(installed.begin(), installed.end(), [&](const core::crypto::Certificate& one) {
        return serial && one.serial_decimal() == *serial;
    });
    if (found == installed.end()) {
        return refused("key_unknown");
    }
    if (at < found->not_before() || at >= found->not_after()) {
        return refused(at < found->not_before() ? "certificate_not_yet_valid" : "certificate_expired");
    }
    const auto raw = core::crypto::base64_decode(signature);
    if (!raw) {
        return refused("signature_malformed");
    }
    const auto key = found->public_key();
    return signature_holds(
        fields, [&](const std::string& text) { return key.verifies_rsa_sha1(core::crypto::sha1_hex(text), *raw); });
}

Verdict Authenticity::check_shared_key(const Fields& fields, std::string_view signature) const {
    return signature_holds(fields, [&](const std::string& text) {
        return core::crypto::equal_in_constant_time(
            keyed_digest(options_.sign_method, text, options_.secure_key.reveal()), signature);
    });
}

}  // namespace payments::unionpay
