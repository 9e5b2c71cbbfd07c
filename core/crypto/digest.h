// Digests and message authentication (OpenSSL; algorithms are fetched once).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/secret.h"

namespace core::crypto {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);  // lower-case hex, as everywhere below
std::string sha1_hex(std::string_view bytes);    // where a channel's format demands it, never for trust
std::string sm3_hex(std::string_view bytes);
std::string sm3(std::string_view bytes);  // 32 raw bytes
// The key may have any length but zero: with an empty one anybody could make the code (core::ensure).
Sha256 hmac_sha256(std::string_view key, std::string_view message);

// Streaming SHA-256 of a file as it is read. After finish_hex() it starts anew. One thread at a time.
class Sha256Stream {
public:
    Sha256Stream();
    ~Sha256Stream();
    Sha256Stream(const Sha256Stream&) = delete;
    Sha256Stream& operator=(const Sha256Stream&) = delete;
    void add(std::string_view bytes);
    std::string finish_hex();

private:
    void* context_;
};

// Takes time that depends on the lengths alone; false when the lengths differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace core::crypto
