// A share of the master key as a person types it, and what two of them make.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/secret.h"

namespace core::keys {

struct Share {
    char number;  // '1' or '2'
    KeyBytes part;
    std::string check_value;  // of the whole key, as typed
};

// Nothing for what isn't "NUMBER-64 HEX DIGITS-CHECK VALUE".
std::optional<Share> parse_share(std::string_view text);
// Of different numbers and the same check value.
bool are_of_one_key(const Share& one, const Share& other);
// Nothing where they make a key of another check value.
std::optional<KeyBytes> key_of(const Share& one, const Share& other);

}  // namespace core::keys
