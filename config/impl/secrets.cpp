#include "config/impl/secrets.h"

#include <map>

#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"
#include "core/failure.h"
#include "core/keys/shares.h"
#include "core/keys/token.h"

namespace config {
namespace {

using Source = core::KeyBytes (*)(const std::string& what);

const std::map<std::string, Source>& sources() {
    static const std::map<std::string, Source> all = {{"command:", core::keys::key_from_command},
                                                      {"pkcs11:", core::keys::key_from_token},
                                                      {"shares:", core::keys::key_from_shares}};
    return all;
}

// What the reference under that key leads to; nothing after a complaint.
core::KeyBytes read_reference(Section& section, std::string_view key, const std::string& reference) {
    const auto prefix = reference.substr(0, reference.find(':') + 1);
    const auto source = sources().find(prefix);
    if (source == sources().end()) {
        return section.resolve_custodians_secret(key, reference);
    }
    try {
        return source->second(reference.substr(prefix.size()));
    } catch (const core::UsageError& refused) {
        section.complain(key, refused.what());
        return {};
    }
}

// 32 bytes; none after a complaint.
core::KeyBytes read_master_key(Section& section, std::string_view key, const std::string& reference,
                               core::keys::Environment serving) {
    const auto text = reference.empty() ? core::KeyBytes() : read_reference(section, key, reference);
    if (text.empty()) {
        return {};
    }
    auto master = core::keys::parse_master_key(text.reveal());
    if (!master) {
        section.complain(key, "must hold 64 hex digits");
        return {};
    }
    if (master->environment && *master->environment != serving) {
        section.complain(key, "is a key of environment \"" + std::string(name_of(*master->environment)) +
                                  "\", and service.environment is \"" + std::string(name_of(serving)) +
                                  "\": name a key that was made for it");
    }
    return std::move(master->key);
}

// What others are derived from is the first master key there was. Once it was replaced it stands in a file, wrapped.
void read_derivation_key(Section& section, Settings& settings) {
    const auto& first = settings.previous_key.empty() ? settings.wrapping_key : settings.previous_key;
    const auto named = section.text("derivation_key");
    if (!named) {
        settings.master_key = first.duplicate();
        return;
    }
    const auto text = section.file_contents("derivation_key", *named);
    const auto wrapped = core::crypto::hex_decode(std::string_view(text).substr(0, text.find('\n')));
    for (const auto* key : {&settings.wrapping_key, &settings.previous_key}) {
        if (wrapped && !key->empty()) {
            auto opened = core::keys::unwrap_derivation_key(*key, settings.service.environment, *wrapped);
            if (opened) {
                settings.master_key = std::move(*opened);
                return;
            }
        }
    }
    section.complain(
        "derivation_key",
        "holds no key that secrets.master_key has wrapped in this service.environment: put back the file that "
        "`duizhang keys rotate-master` wrote with that key");
}

}  // namespace

void read_secrets(Section section, Settings& settings) {
    const auto serving = settings.service.environment;
    settings.wrapping_key = read_master_key(section, "master_key", section.required_text("master_key"), serving);
    if (const auto previous = section.text("previous_master_key")) {
        settings.previous_key = read_master_key(section, "previous_master_key", *previous, serving);
    }
    if (settings.wrapping_key.empty()) {
        (void)section.text("derivation_key");
        return;
    }
    read_derivation_key(section, settings);
}

}  // namespace config
