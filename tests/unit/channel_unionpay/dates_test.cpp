#include "payments/channels/unionpay/dates.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace payments::unionpay {
namespace {

struct Nearest {
    const char* name;
    const char* mmdd;
    const char* anchor;
    const char* day;  // empty: none
};

class YearIsChosen : public testing::TestWithParam<Nearest> {};

TEST_P(YearIsChosen, SoThatTheDayIsNearest) {
    const auto day = day_near(GetParam().mmdd, *core::parse_day(GetParam().anchor));
    EXPECT_EQ(day ? core::format_day(*day) : "", GetParam().day);
}

INSTANTIATE_TEST_SUITE_P(
    , YearIsChosen,
    testing::Values(Nearest{"SameDay", "1118", "2026-11-18", "2026-11-18"},
                    Nearest{"NewYearsEveToldInJanuary", "1231", "2027-01-01", "2026-12-31"},
                    Nearest{"NewYearToldInDecember", "0101", "2026-12-31", "2027-01-01"},
                    Nearest{"HalfAYearBack", "0520", "2026-11-18", "2026-05-20"},
                    Nearest{"HalfAYearAhead", "0518", "2026-11-18", "2027-05-18"},
                    Nearest{"LeapDay", "0229", "2028-03-01", "2028-02-29"},
                    Nearest{"LeapDayOfNoYearNear", "0229", "2026-03-01", ""},
                    Nearest{"LeapDayTooFarAhead", "0229", "2027-03-01", ""},
                    Nearest{"NoSuchMonth", "1301", "2026-11-18", ""}, Nearest{"NoSuchDay", "0631", "2026-11-18", ""},
                    Nearest{"Zero", "0000", "2026-11-18", ""}, Nearest{"TooShort", "111", "2026-11-18", ""},
                    Nearest{"NoDigits", "1a18", "2026-11-18", ""}, Nearest{"Signed", "-101", "2026-11-18", ""}),
    [](const auto& row) { return std::string(row.param.name); });

std::string shown(std::optional<core::Instant> instant) { return instant ? core::format_rfc3339(*instant) : ""; }

TEST(ATimeWithoutAYear, IsBeijingTimeOfTheNearestYear) {
    const auto new_year = *core::parse_day("2027-01-01");
    EXPECT_EQ(shown(instant_near("1231230159", new_year)), "2026-12-31T15:01:59Z");
    EXPECT_EQ(shown(instant_near("0101000000", new_year)), "2026-12-31T16:00:00Z");
    EXPECT_EQ(shown(instant_near("0101240000", new_year)), "");
    EXPECT_EQ(shown(instant_near("010100000", new_year)), "");
}

TEST(AFullTime, IsBeijingTime) {
    EXPECT_EQ(shown(instant_from_text("20261118112144")), "2026-11-18T03:21:44Z");
    EXPECT_EQ(shown(instant_from_text("20260230112144")), "");
    EXPECT_EQ(shown(instant_from_text("2026111811214")), "");
    EXPECT_EQ(shown(instant_from_text("20261118112144 ")), "");
}

TEST(ADay, HasSixOrEightDigits) {
    EXPECT_EQ(day_from_text("261117"), core::parse_day("2026-11-17"));
    EXPECT_EQ(day_from_text("20261117"), core::parse_day("2026-11-17"));
    EXPECT_EQ(day_from_text("20261131"), std::nullopt);
    EXPECT_EQ(day_from_text("2611170"), std::nullopt);
}

TEST(TheBusinessDay, EndsAtElevenInTheEvening) {
    const auto cut = day_cut();
    EXPECT_EQ(core::day_of(*instant_from_text("20261118225959"), cut), core::parse_day("2026-11-18"));
    EXPECT_EQ(core::day_of(*instant_from_text("20261118230000"), cut), core::parse_day("2026-11-19"));
}

}  // namespace
}  // namespace payments::unionpay
