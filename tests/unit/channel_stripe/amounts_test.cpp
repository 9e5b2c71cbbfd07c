#include "payments/channels/stripe/amounts.h"

#include <gtest/gtest.h>

#include "support.h"

namespace payments::stripe {
namespace {

core::Currency currency(const char* code) { return *core::Currency::from_code(code); }

struct Api {
    const char* name;
    const char* code;
    std::int64_t units;
    std::optional<std::int64_t> minor;  // ISO minor units; nothing: refused
};

class ApiAmount : public testing::TestWithParam<Api> {};

TEST_P(ApiAmount, BecomesIsoMinorUnits) {
    const auto money = money_from_api(GetParam().units, currency(GetParam().code));

    ASSERT_EQ(money.has_value(), GetParam().minor.has_value());
    if (money) {
        EXPECT_EQ(money->minor(), *GetParam().minor);
        EXPECT_EQ(api_units(*money), GetParam().units);
    }
}

INSTANTIATE_TEST_SUITE_P(, ApiAmount,
                         testing::Values(Api{"TwoDecimals", "USD", 10000, 10000}, Api{"Negative", "USD", -4995, -4995},
                                         Api{"ZeroDecimal", "JPY", 5000, 5000}, Api{"ThreeDecimals", "KWD", 1230, 1230},
                                         Api{"IskIsPadded", "ISK", 500, 5}, Api{"IskBetweenUnits", "ISK", 505, {}},
                                         Api{"IskBelowUnit", "ISK", 50, {}}, Api{"UgxIsPadded", "UGX", 500, 5},
                                         Api{"UgxBetweenUnits", "UGX", 501, {}}, Api{"HufHasTwo", "HUF", 12345, 12345},
                                         Api{"TwdHasTwo", "TWD", 12345, 12345}, Api{"MgaHasNone", "MGA", 5, 500},
                                         Api{"IqdIsCoarser", "IQD", 500, 5000},
                                         Api{"LargestTaken", "USD", core::kMinorMax, core::kMinorMax},
                                         Api{"BeyondLargest", "USD", core::kMinorMax + 1, {}},
                                         Api{"BeyondAfterScaling", "MGA", core::kMinorMax / 10, {}},
                                         Api{"EndOfInt64", "MGA", std::numeric_limits<std::int64_t>::max(), {}},
                                         Api{"OtherEndOfInt64", "USD", std::numeric_limits<std::int64_t>::min(), {}}),
                         [](const auto& row) { return std::string(row.param.name); });

// The fifteen that Stripe lists and ISO agrees about, MGA apart.
TEST(ApiDecimals, AreStripesAndNotIsos) {
    for (const auto* code :
         {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}) {
        EXPECT_EQ(api_decimals(currency(code)), 0) << code;
    }
    for (const auto* code : {"BHD", "JOD", "KWD", "OMR", "TND"}) {
        EXPECT_EQ(api_decimals(currency(code)), 3) << code;
    }
    for (const auto* code : {"ISK", "UGX", "HUF", "TWD", "CNY", "EUR", "IQD"}) {
        EXPECT_EQ(api_decimals(currency(code)), 2) << code;
    }
}

TEST(ApiUnits, RefuseWhatStripeCantWrite) {
    EXPECT_FALSE(api_units(test::money(505, "MGA")));   // half an ariary
    EXPECT_FALSE(api_units(test::money(5005, "IQD")));  // a fils
    // The largest amount goes back to its units, which are a hundred times as many.
    EXPECT_EQ(api_units(test::money(core::kMinorMax, "UGX")), core::kMinorMax * 100);
}

struct Report {
    const char* name;
    const char* code;
    const char* text;
    std::optional<std::int64_t> minor;
};

class ReportAmount : public testing::TestWithParam<Report> {};

TEST_P(ReportAmount, BecomesIsoMinorUnits) {
    const auto money = money_from_report(GetParam().text, currency(GetParam().code));

    ASSERT_EQ(static_cast<bool>(money), GetParam().minor.has_value());
    if (money) {
        EXPECT_EQ(money->minor(), *GetParam().minor);
    }
}

INSTANTIATE_TEST_SUITE_P(
    , ReportAmount,
    testing::Values(Report{"TwoDecimals", "USD", "100.00", 10000}, Report{"Trimmed", "USD", "3.2", 320},
                    Report{"Whole", "USD", "-70", -7000}, Report{"TooFine", "USD", "3.205", {}},
                    Report{"FineButZero", "USD", "3.200", 320}, Report{"Yen", "JPY", "5000", 5000},
                    Report{"YenWithZeros", "JPY", "-500.00", -500}, Report{"YenWithSen", "JPY", "5.5", {}},
                    Report{"IskInMajorUnits", "ISK", "5.00", 5}, Report{"IskBare", "ISK", "5", 5},
                    Report{"IskTooFine", "ISK", "5.05", {}}, Report{"AriaryBare", "MGA", "5", 500},
                    Report{"AriaryTooFine", "MGA", "5.2", {}}, Report{"Dinar", "KWD", "1.23", 1230},
                    Report{"Comma", "USD", "1,00", {}}, Report{"Thousands", "USD", "1,000.00", {}},
                    Report{"Exponent", "USD", "1e3", {}}, Report{"Empty", "USD", "", {}},
                    Report{"Largest", "USD", "9999999999.99", core::kMinorMax},
                    Report{"BeyondLargest", "USD", "10000000000.00", {}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ReportText, HasNoTrailingZeros) {
    EXPECT_EQ(report_text(test::usd(24650)), "246.5");
    EXPECT_EQ(report_text(test::usd(28800)), "288");
    EXPECT_EQ(report_text(test::usd(0)), "0");
    EXPECT_EQ(report_text(test::usd(-9)), "-0.09");
    EXPECT_EQ(report_text(test::money(1200, "JPY")), "1200");
}

}  // namespace
}  // namespace payments::stripe
