#include "payments/channels/wechatpay/options.h"

#include <algorithm>
#include <utility>

namespace payments::wechatpay {
namespace {

constexpr std::string_view kVerifiersKey = "verifiers";
constexpr std::size_t kIdCharactersMax = 128;

bool is_merchant_id(std::string_view text) {
    return !text.empty() && text.size() <= 32 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Editors end a file with a line break; it is no part of the key.
core::KeyBytes without_line_end(const core::KeyBytes& key) {
    std::string_view bytes = key.reveal();
    if (bytes.ends_with('\n')) {
        bytes.remove_suffix(1);
    }
    if (bytes.ends_with('\r')) {
        bytes.remove_suffix(1);
    }
    return core::KeyBytes(std::string(bytes));
}

void add_verifier(config::Section& section, Verifiers& verifiers, const std::string& id, const Verifier& verifier) {
    if (id.empty() || id.size() > kIdCharactersMax) {
        section.complain(kVerifiersKey, "a verifier's id has 1 to 128 characters");
    } else if (!verifiers.try_emplace(id, verifier).second) {
        section.complain(kVerifiersKey, "two verifiers are called " + id);
    }
}

void add_certificate(config::Section& section, Verifiers& verifiers, const std::string& path,
                     const std::optional<std::string>& id) {
    const std::string pem = section.file_contents(kVerifiersKey, path);
    if (pem.empty()) {
        return;  // complained about already
    }
    const auto certificate = core::crypto::Certificate::from_pem(pem);
    if (!certificate) {
        section.complain(kVerifiersKey, path + " holds no PEM certificate");
        return;
    }
    add_verifier(section, verifiers, id.value_or(certificate->serial_hex()), Verifier::from_certificate(*certificate));
}

void add_public_key(config::Section& section, Verifiers& verifiers, const std::string& path, const std::string& id) {
    const std::string pem = section.file_contents(kVerifiersKey, path);
    if (pem.empty()) {
        return;
    }
    auto key = core::crypto::PublicKey::from_pem(pem);
    if (!key) {
        section.complain(kVerifiersKey, path + " holds no PEM public key (RSA of at least 2048 bits, or SM2)");
        return;
    }
    add_verifier(section, verifiers, id, Verifier::from_public_key(std::move(*key)));
}

void add_table(config::Section& section, Verifiers& verifiers, config::Section& table) {
    const auto id = table.text("id");
    const auto public_key = table.text("public_key");
    const auto certificate = table.text("certificate");
    if (public_key && !certificate && id) {
        add_public_key(section, verifiers, *public_key, *id);
    } else if (certificate && !public_key) {
        add_certificate(section, verifiers, *certificate, id);
    } else {
        section.complain(kVerifiersKey,
                         "a verifier is a certificate's path, { id, public_key } or { id, certificate }");
    }
}

Verifiers read_verifiers(config::Section& section) {
    Verifiers verifiers;
    auto items = section.list(kVerifiersKey);
    for (auto& item : items) {
        if (item.text) {
            add_certificate(section, verifiers, *item.text, std::nullopt);
        } else if (item.section) {
            add_table(section, verifiers, *item.section);
        }
    }
    if (items.empty()) {
        section.complain(kVerifiersKey, "must name at least one platform certificate or WeChat Pay public key");
    }
    return verifiers;
}

}  // namespace

Verifier Verifier::from_certificate(const core::crypto::Certificate& certificate) {
    return {certificate.public_key(), Validity{certificate.not_before(), certificate.not_after()}};
}

Verifier Verifier::from_public_key(core::crypto::PublicKey key) { return {std::move(key), std::nullopt}; }

std::optional<Options> read_options(config::Section& section) {
    Options options;
    options.merchant.id = section.required_text("merchant_id");
    if (!options.merchant.id.empty() && !is_merchant_id(options.merchant.id)) {
        section.complain("merchant_id", "must be 1 to 32 digits");
    }
    for (const auto& item : section.list("sub_merchant_ids")) {
        if (!item.text || !is_merchant_id(*item.text)) {
            section.complain("sub_merchant_ids", "must be a list of numbers of 1 to 32 digits: [\"1900009231\"]");
        } else {
            options.merchant.sub_merchants.insert(*item.text);
        }
    }
    const core::KeyBytes key = section.secret("api_v3_key");
    options.api_v3_key = without_line_end(key);
    if (!key.empty() && options.api_v3_key.reveal().size() != kApiV3KeyBytes) {
        section.complain("api_v3_key", "must be exactly 32 bytes");
    }
    options.verifiers = read_verifiers(section);
    options.app_id = section.text("app_id");
    if (options.app_id && options.app_id->empty()) {
        section.complain("app_id", "must not be empty; leave it out where any app may be paid through");
    }
    if (section.complained()) {
        return std::nullopt;
    }
    return options;
}

}  // namespace payments::wechatpay
