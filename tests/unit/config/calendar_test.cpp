// Business calendars: what the authorities published, what is computed, and counting in business days.
#include "config/calendar.h"

#include <gmock/gmock.h>

#include "core/failure.h"

namespace config {
namespace {

core::BusinessDay day(const char* text) { return *core::parse_day(text); }

int business_days_of(const BusinessCalendar& calendar, int year) {
    return business_days_between(calendar, date::year(year - 1) / 12 / 31, date::year(year) / 12 / 31);
}

// The public holidays of the law (11, since 2025 13 days) are what a year's working days lack of its weekdays, however
// weekends are moved about; so a day mistyped in the file shows here.
TEST(China, WorksEveryWeekdayButThoseOfTheLaw) {
    const auto& china = built_in_calendar("CN");
    EXPECT_EQ(business_days_of(china, 2024), 262 - 11);
    EXPECT_EQ(business_days_of(china, 2025), 261 - 13);
    EXPECT_EQ(business_days_of(china, 2026), 261 - 13);
}

TEST(China, WorksWeekendsForItsLongHolidays) {
    const auto& china = built_in_calendar("CN");
    EXPECT_TRUE(china.is_business_day(day("2026-02-14")));
    EXPECT_TRUE(china.is_worked_weekend(day("2026-02-14")));
    EXPECT_FALSE(china.is_business_day(day("2026-02-23")));
    EXPECT_EQ(china.holiday(day("2026-02-23")), "春节 Spring Festival");
    EXPECT_EQ(next_business_day(china, day("2026-02-14")), day("2026-02-24"));
    EXPECT_FALSE(china.covers(2027)) << "no notice, so nothing but weekends is known";
}

TEST(UnitedStates, MovesSundaysAndNotSaturdays) {
    const auto& fed = built_in_calendar("US");
    EXPECT_FALSE(fed.is_business_day(day("2022-12-26")));  // Christmas on a Sunday
    EXPECT_TRUE(fed.is_business_day(day("2026-07-03")));   // Independence Day on a Saturday
    EXPECT_EQ(fed.holiday(day("2026-11-26")), "Thanksgiving Day");
    EXPECT_EQ(fed.holiday(day("2026-05-25")), "Memorial Day");
    EXPECT_EQ(fed.holiday(day("2026-01-19")), "Birthday of Martin Luther King, Jr.");
    EXPECT_EQ(fed.holiday(day("2026-10-12")), "Columbus Day");
    EXPECT_EQ(business_days_of(fed, 2026), 261 - 10);
}

TEST(Target, ClosesAtEasterAndNeverMovesADay) {
    const auto& euro = built_in_calendar("TARGET");
    EXPECT_EQ(easter_sunday(2000), day("2000-04-23"));
    EXPECT_EQ(easter_sunday(2024), day("2024-03-31"));
    EXPECT_EQ(easter_sunday(2038), day("2038-04-25")) << "the latest there is";
    EXPECT_EQ(easter_sunday(2285), day("2285-03-22")) << "the earliest there is";
    EXPECT_FALSE(euro.is_business_day(day("2026-04-03")));
    EXPECT_FALSE(euro.is_business_day(day("2026-04-06")));
    EXPECT_TRUE(euro.is_business_day(day("2026-12-28"))) << "the 26th was a Saturday";
}

TEST(England, KeepsWeekendHolidaysOnTheWeekdaysAfter) {
    const auto& england = built_in_calendar("GB");
    EXPECT_EQ(england.holiday(day("2022-01-03")), "New Year's Day");
    EXPECT_EQ(england.holiday(day("2021-12-27")), "Christmas Day");
    EXPECT_EQ(england.holiday(day("2021-12-28")), "Boxing Day");
    EXPECT_EQ(england.holiday(day("2022-12-26")), "Boxing Day");
    EXPECT_FALSE(england.is_business_day(day("2022-12-27")));
    EXPECT_TRUE(england.is_business_day(day("2022-05-30"))) << "moved to June for the Jubilee";
    EXPECT_FALSE(england.is_business_day(day("2022-06-02")));
    EXPECT_EQ(business_days_of(england, 2026), 261 - 8);
}

// The Ordinance has seventeen general holidays a year beside Sundays, wherever they fall.
TEST(HongKong, KeepsSeventeenGeneralHolidaysAYear) {
    const auto& hong_kong = built_in_calendar("HK");
    for (const int year : {2024, 2025, 2026, 2027}) {
        int holidays = 0;
        for (core::BusinessDay one = date::year(year) / 1 / 1; one.year() == date::year(year);
             one = core::day_after(one)) {
            holidays += hong_kong.holiday(one).empty() ? 0 : 1;
            EXPECT_TRUE(hong_kong.holiday(one).empty() || date::weekday(date::sys_days(one)) != date::Sunday) << one;
        }
        EXPECT_EQ(holidays, 17) << year;
    }
    EXPECT_EQ(next_business_day(hong_kong, day("2026-04-02")), day("2026-04-08"));
    EXPECT_EQ(business_days_of(hong_kong, 2026), 261 - 14);
    EXPECT_EQ(next_business_day(hong_kong, day("2027-02-05")), day("2027-02-10")) << "the second day is a Sunday";
    EXPECT_EQ(business_days_of(hong_kong, 2027), 261 - 13);
    EXPECT_FALSE(hong_kong.covers(2028)) << "no list, so nothing but weekends is known";
}

// A holiday on a Sunday is made up for on the first day after it that is none; a day between two holidays is one.
TEST(Japan, MakesUpForHolidaysOnSundays) {
    const auto& japan = built_in_calendar("JP");
    for (core::BusinessDay one = day("2024-01-01"); one < day("2028-01-01"); one = core::day_after(one)) {
        const auto name = japan.holiday(one);
        if (name.empty() || date::weekday(date::sys_days(one)) != date::Sunday || name.find("年末") == 0) {
            continue;
        }
        auto next = core::day_after(one);
        while (!japan.holiday(next).empty() && japan.holiday(next).find("振替休日") != 0) {
            next = core::day_after(next);
        }
        EXPECT_EQ(japan.holiday(next).find("振替休日"), 0U) << core::format_day(one) << " isn't made up for";
    }
    EXPECT_EQ(japan.holiday(day("2026-09-22")), "国民の休日 Between two holidays");
    EXPECT_EQ(next_business_day(japan, day("2025-12-30")), day("2026-01-05"));
    EXPECT_EQ(business_days_of(japan, 2024), 262 - 14 - 3);
    EXPECT_EQ(business_days_of(japan, 2025), 261 - 15 - 3);
    EXPECT_EQ(business_days_of(japan, 2026), 261 - 17 - 2);
    EXPECT_EQ(next_business_day(japan, day("2027-03-19")), day("2027-03-23"));
    EXPECT_EQ(business_days_of(japan, 2027), 261 - 16 - 1);
}

TEST(BuiltInCalendars, SayTheirSourceAndAZone) {
    EXPECT_EQ(calendar_files().size(), 6U);
    for (const auto& file : calendar_files()) {
        const auto& calendar = built_in_calendar(file.name);
        EXPECT_EQ(calendar.name(), file.name);
        EXPECT_FALSE(calendar.source().empty());
        EXPECT_TRUE(core::zone_exists(calendar.zone()));
    }
    EXPECT_THROW(built_in_calendar("XX"), core::UsageError);
}

TEST(BusinessDays, AreCountedOverYearEndsAndLeapDays) {
    const auto& euro = built_in_calendar("TARGET");
    EXPECT_EQ(add_business_days(euro, day("2025-12-31"), 1), day("2026-01-02"));
    EXPECT_EQ(add_business_days(euro, day("2026-01-02"), -1), day("2025-12-31"));
    EXPECT_EQ(add_business_days(euro, day("2024-02-28"), 1), day("2024-02-29"));
    EXPECT_EQ(add_business_days(euro, day("2024-02-29"), 1), day("2024-03-01"));
    EXPECT_EQ(add_business_days(euro, day("2026-02-27"), 1), day("2026-03-02"));
    EXPECT_EQ(business_days_between(euro, day("2024-02-28"), day("2024-03-01")), 2);
    EXPECT_EQ(business_days_between(euro, day("2024-03-01"), day("2024-02-28")), -2);
    EXPECT_EQ(business_days_between(euro, day("2024-03-01"), day("2024-03-01")), 0);
    EXPECT_EQ(add_business_days(euro, day("2026-01-01"), 0), day("2026-01-02"));
    EXPECT_EQ(add_business_days(euro, day("2026-01-02"), 0), day("2026-01-02"));
}

TEST(BusinessDays, AreAsManyAsWereAdded) {
    for (const auto& file : calendar_files()) {
        const auto& calendar = built_in_calendar(file.name);
        auto from = day("2023-12-20");
        for (int i = 0; i < 800; ++i, from = core::day_after(from)) {
            if (!calendar.is_business_day(from)) {
                continue;
            }
            for (const int count : {-7, -1, 0, 1, 2, 10}) {
                const auto to = add_business_days(calendar, from, count);
                ASSERT_TRUE(calendar.is_business_day(to));
                ASSERT_EQ(business_days_between(calendar, from, to), count) << core::format_day(from);
            }
        }
    }
}

TEST(BusinessCalendar, TakesDaysInAndOut) {
    const auto own = built_in_calendar("CN").with("own", {day("2026-03-02")}, {day("2026-10-01"), day("2026-03-07")});
    EXPECT_FALSE(own.is_business_day(day("2026-03-02")));
    EXPECT_TRUE(own.is_business_day(day("2026-10-01")));
    EXPECT_TRUE(own.is_business_day(day("2026-03-07")));
    EXPECT_EQ(own.name(), "own");
}

struct Wrong {
    const char* name;
    const char* line;
    const char* complaint;
};

class CalendarFileRefuses : public testing::TestWithParam<Wrong> {};

TEST_P(CalendarFileRefuses, WithItsLineAndKey) {
    const std::string text =
        "name = \"X\"\nzone = \"UTC\"\nsource = \"nobody\"\nfirst_year = 2026\nlast_year = 2027\n" +
        std::string(GetParam().line) + "\n";
    try {
        BusinessCalendar::parse(text, "own.toml");
        ADD_FAILURE() << "was taken";
    } catch (const core::UsageError& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr(GetParam().complaint));
    }
}

INSTANTIATE_TEST_SUITE_P(
    , CalendarFileRefuses,
    testing::Values(
        Wrong{"UnknownKey", "holidays = []", "own.toml:6: holidays: is no key"},
        Wrong{"NoToml", "weekend = [", "own.toml:"},
        Wrong{"WeekendOfNoDay", "weekend = [\"caturday\"]", "own.toml:6: weekend: must be a day of the week"},
        Wrong{"NothingButWeekend",
              "weekend = [\"monday\",\"tuesday\",\"wednesday\",\"thursday\",\"friday\",\"saturday\",\"sunday\"]",
              "leaves no day to work on"},
        Wrong{"HolidayThatEndsBeforeItBegins",
              "holiday = [{ name = \"h\", from = \"2026-05-02\", to = \"2026-05-01\" }]", "own.toml:6: to: must be"},
        Wrong{"HolidayOutsideItsYears", "holiday = [{ name = \"h\", from = \"2028-05-01\", to = \"2028-05-01\" }]",
              "own.toml:6: from: lies outside"},
        Wrong{"DayThatDoesNotExist", "working = [\"2026-02-29\"]", "own.toml:6: working: \"2026-02-29\" is no day"},
        Wrong{"RuleOfNoDate", "rule = [{ name = \"r\", date = \"13-01\" }]", "own.toml:6: date: must be a month"},
        Wrong{"RuleMovedNowhere", "rule = [{ name = \"r\", date = \"12-01\", moved = \"away\" }]",
              "own.toml:6: moved: must be"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace config
