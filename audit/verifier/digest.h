// SHA-256, Ed25519, hex, and the bytes that digests are taken of (docs/seals.md).
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace verifier {

std::string sha256(std::string_view bytes);  // 32 bytes

// Of what comes in parts.
class Sha256 {
public:
    Sha256();
    void add(std::string_view bytes);
    std::string finish();

private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

bool is_signed_with(const std::string& public_key, std::string_view message, std::string_view signature);

std::string to_hex(std::string_view bytes);
// Of other text than pairs of digits: "".
std::string from_hex(std::string_view hex);

std::string number_bytes(std::int64_t number);
std::string text_bytes(std::string_view text);

}  // namespace verifier
