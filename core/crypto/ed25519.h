// Ed25519 signatures (libsodium): what the product itself says of its books, for others to check.
#pragma once

#include <string>
#include <string_view>

#include "core/secret.h"

namespace core::crypto {

// A signing key that follows from 32 secret bytes, and always the same from the same ones.
class Ed25519Key {
public:
    explicit Ed25519Key(const KeyBytes& seed);

    std::string sign(std::string_view message) const;                       // 64 bytes
    const std::string& public_key() const noexcept { return public_key_; }  // 32 bytes

private:
    KeyBytes secret_;
    std::string public_key_;
};

// False for a key or a signature of another length, too.
bool verifies_ed25519(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace core::crypto
