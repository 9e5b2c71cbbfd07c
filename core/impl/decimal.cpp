#include <algorithm>

#include "core/failure.h"
#include "core/money.h"

namespace core {
namespace {

constexpr int kExponentMax = 18;  // 10^18 is the largest power of ten in 64 bits

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "-12.30" taken apart; the digits are checked, their number isn't limited.
struct Decimal {
    bool negative = false;
    std::string_view whole;
    std::string_view fraction;
};

std::optional<Decimal> take_apart(std::string_view text) {
    Decimal parts;
    if (text.front() == '-' || text.front() == '+') {
        parts.negative = text.front() == '-';
        text.remove_prefix(1);
    }
    const auto point = text.find('.');
    parts.whole = text.substr(0, point);
    if (point != std::string_view::npos) {
        parts.fraction = text.substr(point + 1);
        if (parts.fraction.empty()) {
            return std::nullopt;
        }
    }
    if (parts.whole.empty() || !all_digits(parts.whole) || !all_digits(parts.fraction)) {
        return std::nullopt;
    }
    return parts;
}

// Counts downwards from zero when negative, so that the lowest 64-bit number can be read too.
bool append_digit(std::int64_t& number, char digit, bool negative) {
    const std::int64_t step = negative ? '0' - digit : digit - '0';
    return !__builtin_mul_overflow(number, std::int64_t{10}, &number) && !__builtin_add_overflow(number, step, &number);
}

// As nearly all amounts are: digits without a sign, of which so few that nothing can overflow.
std::optional<std::int64_t> usual(std::string_view text, int exponent) {
    constexpr std::size_t kAlwaysFit = 18;
    if (text.size() + static_cast<std::size_t>(exponent) > kAlwaysFit) {
        return std::nullopt;
    }
    std::int64_t minor = 0;
    std::size_t point = text.size();
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto digit = static_cast<unsigned>(text[at] - '0');
        if (digit < 10) {
            minor = minor * 10 + digit;
        } else if (text[at] == '.' && point == text.size() && at > 0 && at + 1 < text.size()) {
            point = at;
        } else {
            return std::nullopt;
        }
    }
    auto missing = exponent - (point == text.size() ? 0 : static_cast<int>(text.size() - point - 1));
    for (; missing > 0; --missing) {
        minor *= 10;
    }
    return missing < 0 ? std::nullopt : std::optional(minor);
}

}  // namespace

Result<std::int64_t, DecimalError> minor_from_decimal(std::string_view text, int exponent) {
    ensure(exponent >= 0 && exponent <= kExponentMax, "a currency has 0 to 18 decimals");
    if (text.empty()) {
        return Refused{DecimalError::empty};
    }
    if (const auto minor = usual(text, exponent)) {
        return *minor;
    }
    const auto parts = take_apart(text);
    if (!parts) {
        return Refused{DecimalError::not_a_number};
    }
    const auto decimals = static_cast<std::size_t>(exponent);
    const std::string_view kept = parts->fraction.substr(0, decimals);
    const std::string_view beyond = parts->fraction.substr(kept.size());
    if (beyond.find_first_not_of('0') != std::string_view::npos) {
        return Refused{DecimalError::too_many_decimals};
    }

    std::int64_t minor = 0;
    const auto add = [&](char digit) { return append_digit(minor, digit, parts->negative); };
    const std::string padding(decimals - kept.size(), '0');
    const bool fits = std::all_of(parts->whole.begin(), parts->whole.end(), add) &&
                      std::all_of(kept.begin(), kept.end(), add) && std::all_of(padding.begin(), padding.end(), add);
    if (!fits) {
        return Refused{DecimalError::out_of_range};
    }
    return minor;
}

Result<std::int64_t, DecimalError> minor_from_integer(std::string_view text) {
    if (text.find('.') != std::string_view::npos) {
        return Refused{DecimalError::not_a_number};
    }
    return minor_from_decimal(text, 0);
}

std::string decimal_from_minor(std::int64_t minor, int exponent) {
    ensure(exponent >= 0 && exponent <= kExponentMax, "a currency has 0 to 18 decimals");
    const auto decimals = static_cast<std::size_t>(exponent);
    std::string text = std::to_string(minor);
    const std::size_t sign = minor < 0 ? 1 : 0;
    const std::size_t digits = text.size() - sign;
    if (digits <= decimals) {
        text.insert(sign, decimals + 1 - digits, '0');
    }
    if (decimals > 0) {
        text.insert(text.size() - decimals, 1, '.');
    }
    return text;
}

std::string_view describe(DecimalError error) {
    switch (error) {
        case DecimalError::empty:
            return "is empty";
        case DecimalError::not_a_number:
            return "is not a number";
        case DecimalError::too_many_decimals:
            return "has more decimals than its currency";
        case DecimalError::out_of_range:
            return "is too large";
    }
    return "is not an amount";
}

}  // namespace core
