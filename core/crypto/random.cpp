#include "core/crypto/random.h"

#include <sodium.h>

#include <cstdint>
#include <string_view>

#include "core/failure.h"

namespace core::crypto {

namespace {

constexpr std::string_view kTokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// libsodium demands it before anything else, and a generator that failed to start must not be used.
void start_library() {
    static const bool ready = sodium_init() >= 0;
    if (!ready) {
        throw OutsideFailure("the random number generator did not start");
    }
}

}  // namespace

std::string random_bytes(std::size_t count) {
    start_library();
    std::string bytes(count, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

std::string random_token(std::size_t count) {
    start_library();
    std::string token(count, '\0');
    for (char& c : token) {
        c = kTokenAlphabet[randombytes_uniform(static_cast<std::uint32_t>(kTokenAlphabet.size()))];
    }
    return token;
}

}  // namespace core::crypto
