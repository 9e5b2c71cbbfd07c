#include "core/money.h"

#include <limits>

#include "core/failure.h"

namespace core {
namespace {

__extension__ using Int128 = __int128;

constexpr std::int64_t kBasisPointsWhole = 10'000;
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// Does the magnitude grow by one, given what is left over of a whole `denominator`?
bool rounds_away(Int128 quotient, Int128 left_over, Int128 denominator, Rounding rounding) {
    switch (rounding) {
        case Rounding::down:
            return false;
        case Rounding::up:
            return left_over != 0;
        case Rounding::half_up:
            return 2 * left_over >= denominator;
        case Rounding::half_even:
            return 2 * left_over > denominator || (2 * left_over == denominator && quotient % 2 != 0);
    }
    ensure(false, "a rounding is one of the four");
    return false;
}

struct NamedRounding {
    std::string_view name;
    Rounding rounding;
};

constexpr std::array<NamedRounding, 4> kRoundings{{{"half_up", Rounding::half_up},
                                                   {"half_even", Rounding::half_even},
                                                   {"down", Rounding::down},
                                                   {"up", Rounding::up}}};

Result<Money, MoneyError> in_range(const std::optional<std::int64_t>& minor, Currency currency) {
    if (!minor) {
        return Refused{MoneyError::out_of_range};
    }
    return Money(*minor, currency);
}

}  // namespace

std::optional<Rounding> rounding_from_name(std::string_view name) {
    for (const auto& row : kRoundings) {
        if (row.name == name) {
            return row.rounding;
        }
    }
    return std::nullopt;
}

std::string_view name_of(Rounding rounding) {
    for (const auto& row : kRoundings) {
        if (row.rounding == rounding) {
            return row.name;
        }
    }
    ensure(false, "a rounding is one of the four");
    return {};
}

std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? std::nullopt : std::optional(sum);
}

std::optional<std::int64_t> checked_subtract(std::int64_t a, std::int64_t b) {
    std::int64_t difference = 0;
    return __builtin_sub_overflow(a, b, &difference) ? std::nullopt : std::optional(difference);
}

std::optional<std::int64_t> scaled(std::int64_t value, std::int64_t numerator, std::int64_t denominator,
                                   Rounding rounding) {
    ensure(denominator > 0, "a share is taken of something above zero");
    const Int128 product = static_cast<Int128>(value) * numerator;  // below 2^127 for all inputs
    const bool negative = product < 0;
    const Int128 magnitude = negative ? -product : product;

    Int128 quotient = magnitude / denominator;
    if (rounds_away(quotient, magnitude % denominator, denominator, rounding)) {
        ++quotient;
    }
    const Int128 result = negative ? -quotient : quotient;
    if (result < kMin || result > kMax) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(result);
}

Result<Money, MoneyError> Money::plus(const Money& other) const {
    if (currency_ != other.currency_) {
        return Refused{MoneyError::currency_differs};
    }
    return in_range(checked_add(minor_, other.minor_), currency_);
}

Result<Money, MoneyError> Money::minus(const Money& other) const {
    if (currency_ != other.currency_) {
        return Refused{MoneyError::currency_differs};
    }
    return in_range(checked_subtract(minor_, other.minor_), currency_);
}

Result<Money, MoneyError> Money::negated() const { return in_range(checked_subtract(0, minor_), currency_); }

Result<Money, MoneyError> Money::times_basis_points(std::int64_t basis_points, Rounding rounding) const {
    return in_range(scaled(minor_, basis_points, kBasisPointsWhole, rounding), currency_);
}

}  // namespace core
