// The first stage with AVX2: 64 bytes in two registers.
#include "audit/impl/scan_masks.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <bit>
#include <cstring>

// What follows is compiled for these instructions, and runs only where fastest_lanes() has seen them.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,lzcnt,popcnt")
#endif

namespace audit::impl {
namespace {

struct Lane {
    __m256i low;
    __m256i high;
};

DUIZHANG_INLINE __m256i repeated(int byte) { return _mm256_set1_epi8(static_cast<char>(byte)); }

DUIZHANG_INLINE std::uint64_t bits(__m256i low, __m256i high) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
           (std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(high))} << 32U);
}
DUIZHANG_INLINE std::uint64_t equal(const Lane& x, int byte) {
    return bits(_mm256_cmpeq_epi8(x.low, repeated(byte)), _mm256_cmpeq_epi8(x.high, repeated(byte)));
}
DUIZHANG_INLINE std::uint64_t any_of(const Lane& classes, std::uint8_t wanted) {
    const __m256i zero = _mm256_setzero_si256();
    return ~bits(_mm256_cmpeq_epi8(_mm256_and_si256(classes.low, repeated(wanted)), zero),
                 _mm256_cmpeq_epi8(_mm256_and_si256(classes.high, repeated(wanted)), zero));
}
DUIZHANG_INLINE __m256i table(const std::array<std::uint8_t, 16>& half) {
    __m128i once;
    std::memcpy(&once, half.data(), sizeof(once));
    return _mm256_broadcastsi128_si256(once);
}
DUIZHANG_INLINE __m256i classes_of(__m256i x, __m256i high_table, __m256i low_table) {
    const __m256i nibble = repeated(0x0F);
    return _mm256_and_si256(_mm256_shuffle_epi8(high_table, _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble)),
                            _mm256_shuffle_epi8(low_table, _mm256_and_si256(x, nibble)));
}
DUIZHANG_INLINE Lane classes_of(const Lane& x, const Halves& halves) {
    const __m256i high_table = table(halves.high);
    const __m256i low_table = table(halves.low);
    return {classes_of(x.low, high_table, low_table), classes_of(x.high, high_table, low_table)};
}
DUIZHANG_INLINE __m256i are_digits(__m256i x) {
    const __m256i value = _mm256_sub_epi8(x, repeated('0'));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(value, repeated(9)), value);
}

DUIZHANG_INLINE Masks masks(const char* bytes) {
    Lane x;
    std::memcpy(&x.low, bytes, sizeof(x.low));
    std::memcpy(&x.high, bytes + sizeof(x.low), sizeof(x.high));
    const Lane folded{_mm256_or_si256(x.low, repeated(0x20)), _mm256_or_si256(x.high, repeated(0x20))};
    const Lane separators = classes_of(x, kSeparators);
    const Lane quads = classes_of(x, kQuads);
    Masks m;
    m.digit = bits(are_digits(x.low), are_digits(x.high));
    m.three = equal(x, '3');
    m.single = any_of(separators, kSingle);
    m.compound = any_of(separators, kCompound);
    m.escape = any_of(separators, kEscape);
    m.newline = equal(x, '\n');
    m.quad[0] = any_of(quads, kQuad0);
    m.quad[1] = any_of(quads, kQuad1);
    m.quad[2] = any_of(quads, kQuad2);
    m.quad[3] = any_of(quads, kQuad3);
    m.wide = equal(x, 0xEF);
    m.gzip = equal(x, 0x1F);
    m.dash = equal(x, '-');
    m.underscore = equal(x, '_');
    m.c = equal(folded, 'c');
    m.e = equal(folded, 'e');
    m.k = equal(folded, 'k');
    m.v = equal(folded, 'v');
    m.y = equal(folded, 'y');
    m.r = equal(folded, 'r');
    m.b = equal(folded, 'b');
    return m;
}

#include "audit/impl/scan_walk.inc"

}  // namespace

std::size_t find_triggers_avx2(std::string_view text, std::size_t from, std::size_t until, std::vector<Trigger>& out) {
    return walk(text, from, until, out);
}

}  // namespace audit::impl

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace audit::impl {

Lanes fastest_lanes() {
    static const bool has_all = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0 &&
                                __builtin_cpu_supports("bmi2") != 0 && __builtin_cpu_supports("popcnt") != 0;
    return has_all ? Lanes::avx2 : Lanes::plain;
}

}  // namespace audit::impl

#else

namespace audit::impl {

std::size_t find_triggers_avx2(std::string_view text, std::size_t from, std::size_t until, std::vector<Trigger>& out) {
    return find_triggers_plain(text, from, until, out);
}
Lanes fastest_lanes() { return Lanes::plain; }

}  // namespace audit::impl

#endif
