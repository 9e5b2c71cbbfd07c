#include "core/keys/master_key.h"

#include <algorithm>

#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"

namespace core::keys {

std::string_view name_of(Environment environment) {
    return environment == Environment::production ? "production" : "test";
}

std::optional<Environment> environment_named(std::string_view name) {
    for (const auto environment : {Environment::production, Environment::test}) {
        if (name == name_of(environment)) {
            return environment;
        }
    }
    return std::nullopt;
}

std::optional<MasterKey> parse_master_key(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    constexpr std::size_t kBytes = 32;
    text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
    text = text.substr(0, text.find_last_not_of(kBlank) + 1);
    MasterKey master;
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        master.environment = environment_named(text.substr(0, colon));
        if (!master.environment) {
            return std::nullopt;
        }
        text.remove_prefix(colon + 1);
    }
    auto bytes = crypto::hex_decode(text);
    if (!bytes || bytes->size() != kBytes) {
        return std::nullopt;
    }
    master.key = KeyBytes(std::move(*bytes));
    return master;
}

namespace {

std::string derivation_purpose(Environment environment) {
    return "duizhang derivation key 1\n" + std::string(name_of(environment));
}

}  // namespace

std::string wrap_derivation_key(const KeyBytes& master, Environment environment, const KeyBytes& key) {
    return crypto::wrap_key(master, derivation_purpose(environment), key);
}

std::optional<KeyBytes> unwrap_derivation_key(const KeyBytes& master, Environment environment,
                                              std::string_view wrapped) {
    return crypto::unwrap_key(master, derivation_purpose(environment), wrapped);
}

}  // namespace core::keys
