// Of 64 bytes, one bit each: which are of a class. Each of the two ways to find out (scan_plain.cpp, scan_avx2.cpp) has
// the walk over a text (scan_walk.inc) for itself, compiled for its instructions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "audit/impl/scan_triggers.h"

// A call for every 64 bytes would cost as much as what it does.
#define DUIZHANG_INLINE __attribute__((always_inline)) inline

namespace audit::impl {

struct Masks {
    std::uint64_t digit;
    std::uint64_t three;     // '3'
    std::uint64_t single;    // separators of one byte: blank + - . _ NUL and Latin-1's no-break space
    std::uint64_t compound;  // what longer separators begin with: % & tab CR LF = backslash, C2 E2 E3; and a few more
    std::uint64_t newline;
    std::uint64_t quad[4];  // what the four characters of three digits in base64 can be, one by one; and a few more
    std::uint64_t escape;   // % & backslash
    std::uint64_t wide;     // EF
    std::uint64_t gzip;     // 1F
    std::uint64_t dash;
    std::uint64_t underscore;
    // Letters, small or not.
    std::uint64_t c;
    std::uint64_t e;
    std::uint64_t k;
    std::uint64_t v;
    std::uint64_t y;
    std::uint64_t r;
    std::uint64_t b;
};

// A byte's classes are what its two halves have in common: one table for each half, a bit for each class.
struct Halves {
    std::array<std::uint8_t, 16> high{};
    std::array<std::uint8_t, 16> low{};

    constexpr Halves& add(std::uint8_t bit, std::initializer_list<unsigned> highs,
                          std::initializer_list<unsigned> lows) {
        for (const auto half : highs) {
            high.at(half) = static_cast<std::uint8_t>(high.at(half) | bit);
        }
        for (const auto half : lows) {
            low.at(half) = static_cast<std::uint8_t>(low.at(half) | bit);
        }
        return *this;
    }
    constexpr std::uint8_t of(std::uint8_t byte) const {
        return static_cast<std::uint8_t>(high.at(byte >> 4U) & low.at(byte & 0x0FU));
    }
};

constexpr std::uint8_t kSingle = 0x07;
constexpr std::uint8_t kCompound = 0x78;
constexpr std::uint8_t kEscape = 0x88;
inline constexpr Halves kSeparators = Halves{}
                                          .add(0x01, {2}, {0x0, 0xB, 0xD, 0xE})  // blank + - .
                                          .add(0x02, {0x0, 0xA}, {0x0})          // NUL, A0
                                          .add(0x04, {5}, {0xF})                 // _
                                          .add(0x08, {2}, {0x5, 0x6})            // % &
                                          .add(0x10, {0}, {0x9, 0xA, 0xD})       // tab LF CR
                                          .add(0x20, {3, 5}, {0xC, 0xD})         // = backslash, and < ]
                                          .add(0x40, {0xC, 0xE}, {0x2, 0x3})     // C2 E2 E3, and C3
                                          .add(0x80, {5}, {0xC});                // backslash

// 'D' 'T' 'j' 'z' and so on: which characters three digits become. See RFC 4648, section 4.
constexpr std::uint8_t kQuad0 = 0x40;
constexpr std::uint8_t kQuad1 = 0x03;
constexpr std::uint8_t kQuad2 = 0x0C;
constexpr std::uint8_t kQuad3 = 0x30;
inline constexpr Halves kQuads = Halves{}
                                     .add(0x40, {4}, {0xD, 0xE, 0xF})                  // M N O
                                     .add(0x01, {4, 5}, {0x4})                         // D T
                                     .add(0x02, {6, 7}, {0xA})                         // j z
                                     .add(0x04, {4, 5}, {0x1, 0x5, 0x9, 0xD})          // A E I M Q U Y, and ]
                                     .add(0x08, {6}, {0x3, 0x7, 0xB})                  // c g k
                                     .add(0x10, {7}, {0x7, 0x8, 0x9, 0xA})             // w x y z
                                     .add(0x20, {3}, {0x0, 0x1, 0x2, 0x3, 0x4, 0x5});  // 0 to 5

std::size_t find_triggers_plain(std::string_view text, std::size_t from, std::size_t until, std::vector<Trigger>& out);
// Only where the machine has the instructions.
std::size_t find_triggers_avx2(std::string_view text, std::size_t from, std::size_t until, std::vector<Trigger>& out);

}  // namespace audit::impl
