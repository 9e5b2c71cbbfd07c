// Two shares that make a key, the same each time.
#pragma once

#include <string>
#include <utility>

#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"

namespace fuzz {

inline std::pair<std::string, std::string> genuine_shares() {
    const core::KeyBytes one(std::string(32, 'a'));
    const core::KeyBytes other(std::string(16, 'b') + std::string(16, 'c'));
    const auto check_value = core::crypto::key_check_value(core::crypto::combined(one, other));
    return {"1-" + core::crypto::hex_encode(one.reveal()) + "-" + check_value,
            "2-" + core::crypto::hex_encode(other.reveal()) + "-" + check_value};
}

}  // namespace fuzz
