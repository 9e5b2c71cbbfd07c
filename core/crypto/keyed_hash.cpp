#include "core/crypto/keyed_hash.h"

#include <sodium.h>

#include <bit>
#include <cstring>

namespace core::crypto {

static_assert(crypto_shorthash_siphashx24_KEYBYTES == std::tuple_size_v<KeyedHash::Key>);
static_assert(std::endian::native == std::endian::little, "hashes are read as the machine has them");

Hash128 KeyedHash::of(std::string_view bytes) const {
    std::array<std::uint64_t, 2> out{};
    static_assert(crypto_shorthash_siphashx24_BYTES == sizeof(out));
    crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), key_.data());
    return {out[0], out[1]};
}

std::uint64_t KeyedHash::short_of(std::string_view bytes) const {
    std::uint64_t out = 0;
    static_assert(crypto_shorthash_BYTES == sizeof(out) && crypto_shorthash_KEYBYTES == std::tuple_size_v<Key>);
    crypto_shorthash(reinterpret_cast<unsigned char*>(&out), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), key_.data());
    return out;
}

}  // namespace core::crypto
