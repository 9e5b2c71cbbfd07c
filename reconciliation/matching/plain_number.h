// Amounts as most files write them, eight digits at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace reconciliation::matching {

namespace impl {

// What isn't a number that is read here. Not std::optional, which such small functions return through memory, at more
// than what they cost otherwise.
inline constexpr std::int64_t kNone = -1;

// One to eight digits at once; eight bytes from `begin` can be read.
inline std::int64_t eight_digits(const char* begin, std::size_t count) {
    std::uint64_t digits = 0;
    std::memcpy(&digits, begin, sizeof(digits));
    // The digits to the high bytes, zeros before them: the last digit is the highest byte.
    constexpr std::uint64_t kZeros = 0x3030303030303030U;
    const auto unused = static_cast<unsigned>(8 * (8 - count));
    digits = unused == 0 ? digits : digits << unused | kZeros >> (64 - unused);
    const std::uint64_t values = digits - kZeros;
    if ((((digits + 0x4646464646464646U) | values) & 0x8080808080808080U) != 0) {
        return kNone;
    }
    const std::uint64_t pairs = (values * 10 + (values >> 8U)) & 0x00ff00ff00ff00ffU;
    const std::uint64_t fours = (pairs * 100 + (pairs >> 16U)) & 0x0000ffff0000ffffU;
    return static_cast<std::int64_t>((fours * 10'000 + (fours >> 32U)) & 0xffffffffU);
}

inline std::int64_t up_to_sixteen_digits(const char* begin, std::size_t count) {
    if (count <= 8) {
        return count == 0 ? kNone : eight_digits(begin, count);
    }
    if (count > 16) {
        return kNone;
    }
    const std::int64_t high = eight_digits(begin, count - 8);
    const std::int64_t low = eight_digits(begin + count - 8, 8);
    return high == kNone || low == kNone ? kNone : high * 100'000'000 + low;
}

}  // namespace impl

// What the exact way reads as the same number; false for what it should look at itself. Eight bytes
// behind the text can be read, as in a part.
inline bool plain_number(std::string_view text, int decimals, std::int64_t& number) {
    constexpr std::array<std::int64_t, 5> kPowers{1, 10, 100, 1000, 10'000};
    constexpr std::size_t kWholeMax = 11;  // and so there is no overflow
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    const auto places = static_cast<std::size_t>(decimals);
    if (text.empty() || places >= kPowers.size()) {
        return false;
    }
    std::int64_t digits = impl::kNone;
    if (places > 0 && text.size() > places + 1 && text[text.size() - places - 1] == '.') {
        const std::size_t whole_size = text.size() - places - 1;
        const std::int64_t whole =
            whole_size <= kWholeMax ? impl::up_to_sixteen_digits(text.data(), whole_size) : impl::kNone;
        const std::int64_t fraction = impl::eight_digits(text.data() + whole_size + 1, places);
        digits = whole == impl::kNone || fraction == impl::kNone ? impl::kNone : whole * kPowers[places] + fraction;
    } else if (text.size() <= kWholeMax + (places == 0 ? 4 : 0)) {
        digits = impl::up_to_sixteen_digits(text.data(), text.size());
        digits = digits == impl::kNone ? impl::kNone : digits * kPowers[places];
    }
    number = negative ? -digits : digits;
    return digits != impl::kNone;
}

}  // namespace reconciliation::matching
