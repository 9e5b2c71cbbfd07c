// PEM armour taken off strictly, so that no reader skips text before it, asks a terminal for a passphrase or stops
// at the first of two blocks.
#pragma once

#include <optional>
#include <string_view>

#include "core/secret.h"

namespace core::crypto {

// The bytes (DER) of the one block called `label` that `pem` consists of, white space around it allowed; nothing for
// anything else. In a Secret, since the block may be a private key.
std::optional<KeyBytes> unwrap_pem(std::string_view pem, std::string_view label);

}  // namespace core::crypto
