#include "core/crypto/impl/ghash.h"

#include <cstdint>

#include "core/failure.h"
#include "core/secret.h"

namespace core::crypto {

namespace {

constexpr std::size_t kBlockBytes = 16;
// x^128 = x^7 + x^2 + x + 1 in GCM's mirrored order of bits.
constexpr std::uint64_t kReduction = std::uint64_t{0xe1} << 56U;

// An element of GF(2^128); the first bit of the block is the highest of `high`.
struct Element {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
};

// Eight bytes from `at`, first byte highest; zeros past the end, which is how GCM pads.
std::uint64_t word_at(std::string_view bytes, std::size_t at) {
    std::uint64_t word = 0;
    for (std::size_t i = at; i < at + 8; ++i) {
        word = word << 8U | (i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0U);
    }
    return word;
}

// All ones for 1, all zeros for 0.
std::uint64_t mask_of(std::uint64_t bit) { return std::uint64_t{0} - bit; }

Element multiply(Element x, Element y) {
    Element product;
    for (unsigned i = 0; i < 128; ++i) {
        const std::uint64_t word = i < 64 ? x.high : x.low;
        const std::uint64_t taken = mask_of(word >> (63U - i % 64U) & 1U);
        product.high ^= y.high & taken;
        product.low ^= y.low & taken;
        const std::uint64_t reduced = mask_of(y.low & 1U);
        y.low = y.low >> 1U | y.high << 63U;
        y.high = y.high >> 1U ^ (kReduction & reduced);
    }
    return product;
}

Element absorb(Element state, std::string_view bytes, const Element& key) {
    for (std::size_t at = 0; at < bytes.size(); at += kBlockBytes) {
        state = multiply({state.high ^ word_at(bytes, at), state.low ^ word_at(bytes, at + 8)}, key);
    }
    return state;
}

void append_word(std::uint64_t word, std::string& bytes) {
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        bytes += static_cast<char>(static_cast<std::uint8_t>(word >> (shift - 8U) & 0xffU));
    }
}

}  // namespace

std::string ghash(std::string_view hash_key, std::string_view associated_data, std::string_view cipher_text) {
    ensure(hash_key.size() == kBlockBytes, "GHASH has a key of 16 bytes");
    Element key{word_at(hash_key, 0), word_at(hash_key, 8)};
    Element state = absorb({}, associated_data, key);
    state = absorb(state, cipher_text, key);
    state = multiply({state.high ^ associated_data.size() * 8U, state.low ^ cipher_text.size() * 8U}, key);
    wipe(&key, sizeof key);
    std::string hash;
    append_word(state.high, hash);
    append_word(state.low, hash);
    return hash;
}

}  // namespace core::crypto
