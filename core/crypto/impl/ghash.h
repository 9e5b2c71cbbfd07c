// GHASH, the universal hash of GCM (NIST SP 800-38D, 6.4), for the cipher whose GCM OpenSSL 3.0 does not have.
#pragma once

#include <string>
#include <string_view>

namespace core::crypto {

// The hash under a 16-byte key of the associated data, the ciphertext and both lengths: 16 bytes.
// Takes time that depends on the lengths alone (no tables, no branches on data): who learns the hash key can forge
// tags.
std::string ghash(std::string_view hash_key, std::string_view associated_data, std::string_view cipher_text);

}  // namespace core::crypto
