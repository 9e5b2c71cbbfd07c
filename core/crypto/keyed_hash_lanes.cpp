// SipHash-2-4 (Aumasson and Bernstein, 2012) of eight texts at once: its rounds wait for one another, and eight of them
// side by side take hardly longer than one.
#include <algorithm>
#include <cstring>

#include "core/crypto/keyed_hash.h"

// The widest vectors that the processor turns out to have.
#if defined(__x86_64__)
#define DUIZHANG_FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define DUIZHANG_FOR_EACH_PROCESSOR
#endif

namespace core::crypto {

namespace {

constexpr std::size_t kLanes = KeyedHash::kAtOnce;
constexpr std::size_t kBlock = sizeof(std::uint64_t);

using Lanes = std::uint64_t __attribute__((vector_size(kLanes * kBlock)));

struct State {
    Lanes v0;
    Lanes v1;
    Lanes v2;
    Lanes v3;
};

[[gnu::always_inline]] inline void rotate(Lanes& lanes, unsigned bits) { lanes = lanes << bits | lanes >> (64 - bits); }

[[gnu::always_inline]] inline void mix(State& state, int rounds) {
#pragma GCC unroll 4
    for (int i = 0; i < rounds; ++i) {
        state.v0 += state.v1;
        state.v2 += state.v3;
        rotate(state.v1, 13);
        rotate(state.v3, 16);
        state.v1 ^= state.v0;
        state.v3 ^= state.v2;
        rotate(state.v0, 32);
        state.v2 += state.v1;
        state.v0 += state.v3;
        rotate(state.v1, 17);
        rotate(state.v3, 21);
        state.v1 ^= state.v2;
        state.v3 ^= state.v0;
        rotate(state.v2, 32);
    }
}

std::uint64_t load(const char* from) {
    std::uint64_t number = 0;
    std::memcpy(&number, from, sizeof(number));
    return number;
}

// What is behind the last whole block, with the text's length in the highest byte.
std::uint64_t last_block(std::string_view text) {
    const std::size_t rest = text.size() % kBlock;
    std::uint64_t bytes = 0;
    if (text.size() > kBlock) {
        bytes = rest == 0 ? 0 : load(text.data() + text.size() - kBlock) >> (8 * (kBlock - rest));
    } else {
        std::memcpy(&bytes, text.data() + text.size() - rest, rest);
    }
    return bytes | static_cast<std::uint64_t>(text.size()) << 56U;
}

[[gnu::always_inline]] inline std::uint64_t block_of(std::string_view text, std::size_t number) {
    const std::size_t whole = text.size() / kBlock;
    if (number < whole) {
        return load(text.data() + number * kBlock);
    }
    return number == whole ? last_block(text) : 0;
}

struct Hashes {
    Lanes first;
    Lanes second;
};

// With 128 bits, else with 64, which are the first.
DUIZHANG_FOR_EACH_PROCESSOR void hash(const KeyedHash::Key& key, const KeyedHash::Texts& texts, bool with_128_bits,
                                      Hashes& hashes) {
    const std::uint64_t k0 = load(reinterpret_cast<const char*>(key.data()));
    const std::uint64_t k1 = load(reinterpret_cast<const char*>(key.data()) + kBlock);
    const std::uint64_t width = with_128_bits ? 0xee : 0;
    State state{Lanes{} + (0x736f6d6570736575U ^ k0), Lanes{} + (0x646f72616e646f6dU ^ k1 ^ width),
                Lanes{} + (0x6c7967656e657261U ^ k0), Lanes{} + (0x7465646279746573U ^ k1)};
    Lanes last{};
    std::size_t last_of_all = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        last[lane] = texts[lane].size() / kBlock;
        last_of_all = std::max<std::size_t>(last_of_all, last[lane]);
    }
    for (std::size_t number = 0; number <= last_of_all; ++number) {
        const auto of_lane = [&](std::size_t lane) { return block_of(texts[lane], number); };
        const Lanes block{of_lane(0), of_lane(1), of_lane(2), of_lane(3),
                          of_lane(4), of_lane(5), of_lane(6), of_lane(7)};
        State next = state;
        next.v3 ^= block;
        mix(next, 2);
        next.v0 ^= block;
        const auto is_over = last < Lanes{} + number;
        state.v0 = is_over ? state.v0 : next.v0;
        state.v1 = is_over ? state.v1 : next.v1;
        state.v2 = is_over ? state.v2 : next.v2;
        state.v3 = is_over ? state.v3 : next.v3;
    }
    state.v2 ^= with_128_bits ? 0xeeU : 0xffU;
    mix(state, 4);
    hashes.first = state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
    if (with_128_bits) {
        state.v1 ^= 0xddU;
        mix(state, 4);
        hashes.second = state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
    }
}

}  // namespace

std::array<Hash128, KeyedHash::kAtOnce> KeyedHash::of(const Texts& texts) const {
    Hashes hashes{};
    hash(key_, texts, true, hashes);
    std::array<Hash128, kAtOnce> out{};
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        out[lane] = {hashes.first[lane], hashes.second[lane]};
    }
    return out;
}

std::array<std::uint64_t, KeyedHash::kAtOnce> KeyedHash::short_of(const Texts& texts) const {
    Hashes hashes{};
    hash(key_, texts, false, hashes);
    std::array<std::uint64_t, kAtOnce> out{};
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        out[lane] = hashes.first[lane];
    }
    return out;
}

}  // namespace core::crypto
