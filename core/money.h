// Money: whole minor units and a currency. No way in from floating point, no operator that can wrap.
#pragma once

#include <array>
#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace core {

// An ISO 4217 currency. A value of three letters; the exponent comes from the ISO table (list one, 2024),
// and a channel that deviates from it says so where its amounts are read (see payments/channels/stripe).
class Currency {
public:
    // Upper or lower case letters; nothing for a code that is not in the table.
    static std::optional<Currency> from_code(std::string_view code);
    // ISO 4217 numeric code ("156"), as UnionPay writes it.
    static std::optional<Currency> from_number(std::string_view digits);

    std::string_view code() const noexcept { return {letters_.data(), letters_.size()}; }
    int exponent() const noexcept { return exponent_; }  // decimals of the minor unit: JPY 0, CNY 2, KWD 3

    friend bool operator==(const Currency& a, const Currency& b) noexcept { return a.letters_ == b.letters_; }
    friend auto operator<=>(const Currency& a, const Currency& b) noexcept { return a.letters_ <=> b.letters_; }

private:
    Currency(std::array<char, 3> letters, int exponent) noexcept : letters_(letters), exponent_(exponent) {}

    std::array<char, 3> letters_;
    int exponent_;
};

// How a fraction of a minor unit becomes a whole one. Names are those of the configuration.
enum class Rounding { half_up, half_even, down, up };

std::optional<Rounding> rounding_from_name(std::string_view name);
std::string_view name_of(Rounding rounding);

enum class MoneyError { currency_differs, out_of_range };

// The largest amount the product takes anywhere, in minor units: sums of a million of these still fit 64 bits.
inline constexpr std::int64_t kMinorMax = 999'999'999'999;

class Money {
public:
    // Integral types only: from double it does not compile.
    template <std::integral I>
    requires(sizeof(I) <= 8 && !std::same_as<I, bool> && (std::signed_integral<I> || sizeof(I) < 8))
        Money(I minor, Currency currency)
    noexcept : minor_(static_cast<std::int64_t>(minor)), currency_(currency) {}
    template <std::floating_point F>
    Money(F, Currency) = delete;

    std::int64_t minor() const noexcept { return minor_; }
    Currency currency() const noexcept { return currency_; }
    bool is_zero() const noexcept { return minor_ == 0; }

    Result<Money, MoneyError> plus(const Money& other) const;
    Result<Money, MoneyError> minus(const Money& other) const;
    Result<Money, MoneyError> negated() const;

    // minor * basis_points / 10000, rounded as named. 128 bits in between. Rounds on the magnitude:
    // half_up takes -0.5 to -1.
    Result<Money, MoneyError> times_basis_points(std::int64_t basis_points, Rounding rounding) const;

    friend bool operator==(const Money&, const Money&) = default;

private:
    std::int64_t minor_;
    Currency currency_;
};

// Sums that refuse to wrap. Nothing when the result does not fit 64 bits.
std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b);
std::optional<std::int64_t> checked_subtract(std::int64_t a, std::int64_t b);

// The arithmetic behind times_basis_points: value * numerator / denominator (denominator > 0).
std::optional<std::int64_t> scaled(std::int64_t value, std::int64_t numerator, std::int64_t denominator,
                                   Rounding rounding);

enum class DecimalError { empty, not_a_number, too_many_decimals, out_of_range };

// Decimal text in major units ("12.30", "-5", "0.15000") to minor units with `exponent` decimals, exactly.
// Digits beyond the exponent are allowed only when they are zeros. An optional sign, digits, at most one point
// with digits on both sides; no blanks, no thousands separators, no exponent notation.
Result<std::int64_t, DecimalError> minor_from_decimal(std::string_view text, int exponent);

// Whole minor units from digits ("12345", "-7"); the rest as above.
Result<std::int64_t, DecimalError> minor_from_integer(std::string_view text);

// 12345, 2 -> "123.45"; -5, 2 -> "-0.05"; 7, 0 -> "7".
std::string decimal_from_minor(std::int64_t minor, int exponent);

std::string_view describe(DecimalError error);

}  // namespace core
