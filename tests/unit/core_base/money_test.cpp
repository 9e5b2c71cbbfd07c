#include "core/money.h"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <limits>
#include <random>

#include "core/failure.h"

namespace core {
namespace {

using boost::multiprecision::cpp_int;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

Money cny(std::int64_t minor) { return {minor, *Currency::from_code("CNY")}; }
Money usd(std::int64_t minor) { return {minor, *Currency::from_code("USD")}; }

TEST(MoneyAdds, TwoOfOneCurrency) {
    EXPECT_EQ(*cny(500).plus(cny(-200)), cny(300));
    EXPECT_EQ(*cny(500).minus(cny(700)), cny(-200));
    EXPECT_EQ(*cny(5).negated(), cny(-5));
}

TEST(MoneyAdds, NothingOfAnotherCurrency) {
    EXPECT_EQ(cny(5).plus(usd(5)).error(), MoneyError::currency_differs);
    EXPECT_EQ(cny(5).minus(usd(5)).error(), MoneyError::currency_differs);
    EXPECT_FALSE(cny(5) == usd(5));
}

TEST(MoneyAdds, UpToTheLastUnitAndNoFurther) {
    EXPECT_EQ(*cny(kMax - 1).plus(cny(1)), cny(kMax));
    EXPECT_EQ(cny(kMax).plus(cny(1)).error(), MoneyError::out_of_range);
    EXPECT_EQ(*cny(kMin + 1).minus(cny(1)), cny(kMin));
    EXPECT_EQ(cny(kMin).minus(cny(1)).error(), MoneyError::out_of_range);
    EXPECT_EQ(*cny(kMin + 1).negated(), cny(kMax));
    EXPECT_EQ(cny(kMin).negated().error(), MoneyError::out_of_range);
}

TEST(MoneyAdds, AMillionOfTheLargestAmountStillFit) {
    EXPECT_TRUE(scaled(kMinorMax, 1'000'000, 1, Rounding::down));
    EXPECT_FALSE(scaled(kMinorMax, 10'000'000, 1, Rounding::down));
}

struct RoundingRow {
    const char* name;
    std::int64_t value;
    std::int64_t numerator;
    std::int64_t denominator;
    std::int64_t half_up;
    std::int64_t half_even;
    std::int64_t down;
    std::int64_t up;
};

class ScaledRounds : public testing::TestWithParam<RoundingRow> {};

TEST_P(ScaledRounds, AsNamed) {
    const auto& row = GetParam();
    const auto rounded = [&](Rounding rounding) { return scaled(row.value, row.numerator, row.denominator, rounding); };

    EXPECT_EQ(rounded(Rounding::half_up), row.half_up);
    EXPECT_EQ(rounded(Rounding::half_even), row.half_even);
    EXPECT_EQ(rounded(Rounding::down), row.down);
    EXPECT_EQ(rounded(Rounding::up), row.up);
}

INSTANTIATE_TEST_SUITE_P(
    , ScaledRounds,
    testing::Values(RoundingRow{"Exact", 10, 3, 5, 6, 6, 6, 6}, RoundingRow{"JustBelowHalf", 249, 1, 100, 2, 2, 2, 3},
                    RoundingRow{"HalfOfEven", 250, 1, 100, 3, 2, 2, 3},
                    RoundingRow{"HalfOfOdd", 350, 1, 100, 4, 4, 3, 4},
                    RoundingRow{"JustAboveHalf", 251, 1, 100, 3, 3, 2, 3},
                    RoundingRow{"MinusHalf", -1, 1, 2, -1, 0, 0, -1},
                    RoundingRow{"MinusOneAndAHalf", -3, 1, 2, -2, -2, -1, -2},
                    // The sign may come from either factor.
                    RoundingRow{"NegativeRate", 3, -1, 2, -2, -2, -1, -2}, RoundingRow{"Zero", 0, 7, 3, 0, 0, 0, 0},
                    // An odd denominator has no half: a third and two thirds.
                    RoundingRow{"Third", 1, 1, 3, 0, 0, 0, 1}, RoundingRow{"TwoThirds", 2, 1, 3, 1, 1, 0, 1},
                    RoundingRow{"LowestWhole", kMin, 1, 1, kMin, kMin, kMin, kMin}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Scaled, RefusesWhatDoesNotFit) {
    EXPECT_EQ(scaled(kMax, 1, 1, Rounding::down), kMax);
    EXPECT_EQ(scaled(kMax, kMax, kMax, Rounding::half_up), kMax);
    EXPECT_EQ(scaled(kMin, -1, 1, Rounding::down), std::nullopt);
    EXPECT_EQ(scaled(kMin, kMin, 1, Rounding::down), std::nullopt);
    EXPECT_EQ(scaled(kMin, kMin, kMax, Rounding::down), std::nullopt);
    // 2^63 - 1/2 rounds out of range, or not, by its name alone.
    EXPECT_EQ(scaled(kMax, 2, 2, Rounding::up), kMax);
}

TEST(Scaled, NeedsADenominatorAboveZero) {
    EXPECT_THROW(static_cast<void>(scaled(1, 1, 0, Rounding::down)), BrokenRule);
    EXPECT_THROW(static_cast<void>(scaled(1, 1, -1, Rounding::down)), BrokenRule);
}

// The same by arbitrary-precision numbers and another way of thinking: floor first, then look at what is left.
std::optional<std::int64_t> by_oracle(std::int64_t value, std::int64_t numerator, std::int64_t denominator,
                                      Rounding rounding) {
    const cpp_int product = cpp_int(value) * numerator;
    const cpp_int twice = 2 * abs(product);
    cpp_int magnitude;
    if (rounding == Rounding::down) {
        magnitude = abs(product) / denominator;
    } else if (rounding == Rounding::up) {
        magnitude = (abs(product) + denominator - 1) / denominator;
    } else {
        magnitude = (twice + denominator) / (2 * cpp_int(denominator));
        const bool tie = (twice + denominator) % (2 * cpp_int(denominator)) == 0;
        if (rounding == Rounding::half_even && tie && magnitude % 2 != 0) {
            --magnitude;
        }
    }
    const cpp_int signed_result = product < 0 ? cpp_int(-magnitude) : magnitude;
    if (signed_result < kMin || signed_result > kMax) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(signed_result);
}

TEST(Scaled, AgreesWithArbitraryPrecision) {
    std::mt19937_64 random(20261118);
    // Sizes of all orders: shifting evens them out, which plain 64-bit numbers would not do.
    const auto any = [&] { return static_cast<std::int64_t>(random()) >> (random() % 64); };
    for (int round = 0; round < 100'000; ++round) {
        const std::int64_t value = any();
        const std::int64_t numerator = any();
        const std::int64_t denominator = std::max<std::int64_t>(1, any() & kMax);
        for (const Rounding rounding : {Rounding::half_up, Rounding::half_even, Rounding::down, Rounding::up}) {
            ASSERT_EQ(scaled(value, numerator, denominator, rounding),
                      by_oracle(value, numerator, denominator, rounding))
                << value << " * " << numerator << " / " << denominator << " " << name_of(rounding);
        }
    }
}

TEST(BasisPoints, AreTenThousandths) {
    EXPECT_EQ(*cny(10'000).times_basis_points(38, Rounding::half_up), cny(38));
    EXPECT_EQ(*cny(150).times_basis_points(100, Rounding::half_up), cny(2));
    EXPECT_EQ(*cny(150).times_basis_points(100, Rounding::half_even), cny(2));
    EXPECT_EQ(*cny(50).times_basis_points(100, Rounding::half_even), cny(0));
    EXPECT_EQ(*cny(-50).times_basis_points(100, Rounding::half_up), cny(-1));
    EXPECT_EQ(cny(kMax).times_basis_points(10'001, Rounding::down).error(), MoneyError::out_of_range);
}

TEST(RoundingNames, AreThoseOfTheConfiguration) {
    for (const Rounding rounding : {Rounding::half_up, Rounding::half_even, Rounding::down, Rounding::up}) {
        EXPECT_EQ(rounding_from_name(name_of(rounding)), rounding);
    }
    EXPECT_EQ(name_of(Rounding::half_even), "half_even");
    EXPECT_EQ(rounding_from_name("Half_up"), std::nullopt);
    EXPECT_EQ(rounding_from_name(""), std::nullopt);
}

struct CurrencyRow {
    const char* code;
    const char* number;
    int exponent;
};

class CurrencyIsKnown : public testing::TestWithParam<CurrencyRow> {};

TEST_P(CurrencyIsKnown, ByCodeAndNumber) {
    const auto by_code = Currency::from_code(GetParam().code);
    const auto by_number = Currency::from_number(GetParam().number);

    ASSERT_TRUE(by_code);
    EXPECT_EQ(by_code->code(), GetParam().code);
    EXPECT_EQ(by_code->exponent(), GetParam().exponent);
    ASSERT_TRUE(by_number);
    EXPECT_EQ(*by_number, *by_code);
    EXPECT_EQ(by_number->exponent(), GetParam().exponent);
}

INSTANTIATE_TEST_SUITE_P(
    , CurrencyIsKnown,
    testing::Values(CurrencyRow{"AED", "784", 2}, CurrencyRow{"CNY", "156", 2}, CurrencyRow{"USD", "840", 2},
                    CurrencyRow{"EUR", "978", 2}, CurrencyRow{"HKD", "344", 2}, CurrencyRow{"AUD", "036", 2},
                    CurrencyRow{"ALL", "008", 2}, CurrencyRow{"JPY", "392", 0}, CurrencyRow{"KRW", "410", 0},
                    CurrencyRow{"VND", "704", 0}, CurrencyRow{"ISK", "352", 0}, CurrencyRow{"UGX", "800", 0},
                    CurrencyRow{"CLP", "152", 0}, CurrencyRow{"KWD", "414", 3}, CurrencyRow{"BHD", "048", 3},
                    CurrencyRow{"TND", "788", 3}, CurrencyRow{"CLF", "990", 4}, CurrencyRow{"UYW", "927", 4},
                    CurrencyRow{"ZWG", "924", 2}, CurrencyRow{"MGA", "969", 2}),
    [](const auto& row) { return std::string(row.param.code); });

TEST(CurrencyCode, MayBeWrittenSmall) {
    EXPECT_EQ(Currency::from_code("usd"), Currency::from_code("USD"));
    EXPECT_EQ(Currency::from_code("uSd")->code(), "USD");
}

TEST(CurrencyCode, IsRefusedUnlessInTheTable) {
    for (const char* code : {"", "CN", "CNYX", "XXX", "XAU", "XTS", "HRK", "ZZZ", "AAA", "C Y", "CN\xC3"}) {
        EXPECT_FALSE(Currency::from_code(code)) << code;
    }
    for (const char* number : {"", "8", "36", "0156", "000", "999", "abc", "15 "}) {
        EXPECT_FALSE(Currency::from_number(number)) << number;
    }
}

TEST(CurrencyCode, ThatGaveItsNumberAwayIsKnownByLettersOnly) {
    EXPECT_TRUE(Currency::from_code("ANG"));
    EXPECT_EQ(Currency::from_number("532")->code(), "XCG");
}

}  // namespace
}  // namespace core
