// A short keyed hash for tables and partitions (SipHash-2-4 with 128 bits of libsodium): who doesn't know the key can't
// make two texts fall together. Not for signatures; those take hmac_sha256().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace core::crypto {

struct Hash128 {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};

class KeyedHash {
public:
    using Key = std::array<std::uint8_t, 16>;

    explicit KeyedHash(const Key& key) : key_(key) {}

    // The same on every machine.
    Hash128 of(std::string_view bytes) const;
    std::uint64_t short_of(std::string_view bytes) const;

    // Of several texts at once, each the same as alone, in a fraction of the time.
    static constexpr std::size_t kAtOnce = 8;
    using Texts = std::array<std::string_view, kAtOnce>;
    std::array<Hash128, kAtOnce> of(const Texts& texts) const;
    std::array<std::uint64_t, kAtOnce> short_of(const Texts& texts) const;

private:
    Key key_;
};

}  // namespace core::crypto
