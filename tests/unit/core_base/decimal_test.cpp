#include <gtest/gtest.h>

#include <limits>

#include "core/failure.h"
#include "core/money.h"

namespace core {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

struct Read {
    const char* text;
    int exponent;
    std::int64_t minor;
};

TEST(MinorFromDecimal, ReadsExactly) {
    for (const auto& row : {
             Read{"12.30", 2, 1230},
             Read{"12.3", 2, 1230},
             Read{"12", 2, 1200},
             Read{"-5", 2, -500},
             Read{"+5.01", 2, 501},
             Read{"0.01", 2, 1},
             Read{"-0.01", 2, -1},
             Read{"0", 2, 0},
             Read{"-0.00", 2, 0},
             Read{"007.50", 2, 750},
             Read{"0.15000", 2, 15},
             Read{"100", 0, 100},
             Read{"100.000", 0, 100},
             Read{"1.234", 3, 1234},
             Read{"0.1234", 4, 1234},
             // No binary fraction has these; a reading through one would be off by a unit.
             Read{"0.29", 2, 29},
             Read{"1.15", 2, 115},
             Read{"4.35", 2, 435},
             Read{"90071992547409.93", 2, 9007199254740993},
             Read{"92233720368547758.07", 2, kMax},
             Read{"-92233720368547758.08", 2, kMin},
             Read{"00000000000000000000000000000001", 2, 100},
         }) {
        const auto minor = minor_from_decimal(row.text, row.exponent);
        ASSERT_TRUE(minor) << row.text;
        EXPECT_EQ(*minor, row.minor) << row.text;
    }
}

struct Refusal {
    const char* text;
    int exponent;
    DecimalError reason;
};

TEST(MinorFromDecimal, RefusesWithTheFirstReasonThatApplies) {
    for (const auto& row : {
             Refusal{"", 2, DecimalError::empty},
             Refusal{"-", 2, DecimalError::not_a_number},
             Refusal{".", 2, DecimalError::not_a_number},
             Refusal{".5", 2, DecimalError::not_a_number},
             Refusal{"5.", 2, DecimalError::not_a_number},
             Refusal{"--5", 2, DecimalError::not_a_number},
             Refusal{"5-", 2, DecimalError::not_a_number},
             Refusal{"1.2.3", 2, DecimalError::not_a_number},
             Refusal{"1,234.00", 2, DecimalError::not_a_number},
             Refusal{"1e2", 2, DecimalError::not_a_number},
             Refusal{"0x10", 2, DecimalError::not_a_number},
             Refusal{" 1", 2, DecimalError::not_a_number},
             Refusal{"1 ", 2, DecimalError::not_a_number},
             Refusal{"1\n", 2, DecimalError::not_a_number},
             Refusal{"NaN", 2, DecimalError::not_a_number},
             Refusal{"\xEF\xBC\x91", 2, DecimalError::not_a_number},  // full-width one
             Refusal{"0.001", 2, DecimalError::too_many_decimals},
             Refusal{"1.5", 0, DecimalError::too_many_decimals},
             Refusal{"0.1000001", 2, DecimalError::too_many_decimals},
             Refusal{"99999999999999999999.001", 2, DecimalError::too_many_decimals},
             Refusal{"92233720368547758.08", 2, DecimalError::out_of_range},
             Refusal{"-92233720368547758.09", 2, DecimalError::out_of_range},
             Refusal{"9223372036854775808", 0, DecimalError::out_of_range},
             Refusal{"9223372036854775807", 1, DecimalError::out_of_range},
         }) {
        const auto minor = minor_from_decimal(row.text, row.exponent);
        ASSERT_FALSE(minor) << row.text;
        EXPECT_EQ(minor.error(), row.reason) << row.text;
    }
}

TEST(MinorFromDecimal, TakesNoHiddenNul) {
    EXPECT_FALSE(minor_from_decimal(std::string_view("12\0", 3), 2));
    EXPECT_FALSE(minor_from_decimal(std::string_view("1.\0", 3), 2));
}

TEST(MinorFromInteger, ReadsDigitsAndASign) {
    EXPECT_EQ(*minor_from_integer("12345"), 12345);
    EXPECT_EQ(*minor_from_integer("-7"), -7);
    EXPECT_EQ(*minor_from_integer("9223372036854775807"), kMax);
    EXPECT_EQ(*minor_from_integer("-9223372036854775808"), kMin);
    EXPECT_EQ(minor_from_integer("9223372036854775808").error(), DecimalError::out_of_range);
    EXPECT_EQ(minor_from_integer("1.0").error(), DecimalError::not_a_number);
    EXPECT_EQ(minor_from_integer("").error(), DecimalError::empty);
}

struct Written {
    std::int64_t minor;
    int exponent;
    const char* text;
};

TEST(DecimalFromMinor, WritesEveryDecimalAndReadsBack) {
    for (const auto& row : {
             Written{12345, 2, "123.45"},
             Written{-5, 2, "-0.05"},
             Written{7, 0, "7"},
             Written{-7, 0, "-7"},
             Written{0, 2, "0.00"},
             Written{100, 2, "1.00"},
             Written{99, 2, "0.99"},
             Written{1, 4, "0.0001"},
             Written{kMax, 2, "92233720368547758.07"},
             Written{kMin, 2, "-92233720368547758.08"},
             Written{kMin, 18, "-9.223372036854775808"},
         }) {
        const std::string text = decimal_from_minor(row.minor, row.exponent);
        EXPECT_EQ(text, row.text);
        EXPECT_EQ(*minor_from_decimal(text, row.exponent), row.minor);
    }
}

TEST(Decimals, AreBetweenNoneAndEighteen) {
    EXPECT_THROW(static_cast<void>(minor_from_decimal("1", -1)), BrokenRule);
    EXPECT_THROW(static_cast<void>(minor_from_decimal("1", 19)), BrokenRule);
    EXPECT_THROW(decimal_from_minor(1, 19), BrokenRule);
}

TEST(DecimalError, IsDescribedInWords) {
    EXPECT_EQ(describe(DecimalError::too_many_decimals), "has more decimals than its currency");
    EXPECT_NE(describe(DecimalError::empty), describe(DecimalError::not_a_number));
}

}  // namespace
}  // namespace core
