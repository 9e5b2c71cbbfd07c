#include "core/time.h"

#include <gtest/gtest.h>

#include "core/failure.h"

namespace core {
namespace {

using date::literals::operator""_y;

Instant utc(const char* text) { return *parse_rfc3339(text); }

struct Instants {
    const char* text;
    std::int64_t milliseconds;
    const char* written;
};

TEST(Rfc3339, IsReadToTheMillisecond) {
    for (const auto& row : {
             Instants{"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
             Instants{"1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"},
             Instants{"2026-11-18T15:01:04+08:00", 1794985264000, "2026-11-18T07:01:04Z"},
             Instants{"2026-11-18t07:01:04z", 1794985264000, "2026-11-18T07:01:04Z"},
             Instants{"2026-11-18T07:01:04.1Z", 1794985264100, "2026-11-18T07:01:04.100Z"},
             Instants{"2026-11-18T07:01:04.012Z", 1794985264012, "2026-11-18T07:01:04.012Z"},
             // Cut, not rounded: rounding could carry it into the next day.
             Instants{"2026-11-18T07:01:04.9999999Z", 1794985264999, "2026-11-18T07:01:04.999Z"},
             Instants{"2026-11-18T07:01:04.000Z", 1794985264000, "2026-11-18T07:01:04Z"},
             Instants{"2026-11-17T23:31:04-07:30", 1794985264000, "2026-11-18T07:01:04Z"},
             Instants{"2024-02-29T12:00:00-00:00", 1709208000000, "2024-02-29T12:00:00Z"},
         }) {
        const auto instant = parse_rfc3339(row.text);
        ASSERT_TRUE(instant) << row.text;
        EXPECT_EQ(instant->time_since_epoch().count(), row.milliseconds) << row.text;
        EXPECT_EQ(format_rfc3339(*instant), row.written);
    }
}

TEST(Rfc3339, IsRefusedWhenAnythingElse) {
    for (const char* text : {"",
                             "2026-11-18",
                             "2026-11-18T07:01:04",
                             "2026-11-18 07:01:04Z",
                             "2026-11-18T07:01Z",
                             "2026-02-30T00:00:00Z",
                             "2025-02-29T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-00-10T00:00:00Z",
                             "2026-11-18T24:00:00Z",
                             "2026-11-18T07:60:04Z",
                             "2026-11-18T23:59:60Z",
                             "2026-11-18T07:01:04.Z",
                             "2026-11-18T07:01:04+0800",
                             "2026-11-18T07:01:04+24:00",
                             "2026-11-18T07:01:04+08:60",
                             "2026-11-18T07:01:04+08:00junk",
                             "2026-11-18T07:01:04Z ",
                             " 2026-11-18T07:01:04Z",
                             "26-11-18T07:01:04Z",
                             "2026-11-18T7:01:04Z",
                             "2026-11-18T07:01:-4Z",
                             "+026-11-18T07:01:04Z"}) {
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    }
    EXPECT_FALSE(parse_rfc3339(std::string_view("2026-11-18T07:01:04Z\0", 21)));
}

TEST(Day, IsReadWhenItExists) {
    EXPECT_EQ(parse_day("2024-02-29"), 2024_y / 2 / 29);
    EXPECT_EQ(format_day(2026_y / 1 / 5), "2026-01-05");
    for (const char* text :
         {"2025-02-29", "2026-11-31", "2026-1-5", "20261118", "2026-11-18 ", "2026-11-18T", "", "2026/11/18"}) {
        EXPECT_FALSE(parse_day(text)) << text;
    }
}

// At the ends of the calendar the same moment elsewhere, or the day beside it, would be of year 0 or 10000.
TEST(Calendar, HasTimesWithinItsYears) {
    for (const char* text : {"0000-12-31T12:00:00Z", "0001-01-02T23:59:59Z", "0001-01-03T00:00:00+00:01",
                             "9999-12-28T23:59:59-00:01", "9999-12-29T00:00:00Z", "9999-12-31T23:59:59-23:59"}) {
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    }
    for (const char* text : {"0001-01-03T00:00:00Z", "9999-12-28T23:59:59.999Z"}) {
        const auto instant = parse_rfc3339(text);
        ASSERT_TRUE(instant) << text;
        EXPECT_EQ(format_rfc3339(*instant), text);
        EXPECT_EQ(format_day(day_before(day_of(*instant, {"America/New_York"}))).size(), 10U);
        EXPECT_EQ(format_day(day_after(day_of(*instant, {"Asia/Shanghai", std::chrono::minutes(60)}))).size(), 10U);
    }
    EXPECT_FALSE(parse_local("9999-12-29 12:00:00", "Asia/Shanghai"));
    EXPECT_FALSE(parse_local_compact("00010102120000", "UTC"));
    EXPECT_FALSE(parse_day("0000-12-31"));
    EXPECT_EQ(parse_day("0001-01-01"), 1_y / 1 / 1);
    EXPECT_EQ(parse_day("9999-12-31"), 9999_y / 12 / 31);
}

TEST(Day, HasNeighbours) {
    EXPECT_EQ(day_before(2026_y / 1 / 1), 2025_y / 12 / 31);
    EXPECT_EQ(day_after(2024_y / 2 / 28), 2024_y / 2 / 29);
    EXPECT_EQ(day_after(2025_y / 2 / 28), 2025_y / 3 / 1);
    EXPECT_EQ(days_between(2026_y / 12 / 31, 2027_y / 1 / 1), 1);
    EXPECT_EQ(days_between(2027_y / 1 / 1, 2026_y / 12 / 31), -1);
    EXPECT_EQ(days_between(2024_y / 1 / 1, 2025_y / 1 / 1), 366);
}

TEST(Zone, IsThatOfTheSystem) {
    for (const char* name : {"Asia/Shanghai", "UTC", "America/New_York", "Asia/Kathmandu"}) {
        EXPECT_TRUE(zone_exists(name)) << name;
    }
    for (const char* name : {"", "Asia/Beijing", "Asia", "asia/shanghai", "../../../etc/passwd", "/etc/passwd"}) {
        EXPECT_FALSE(zone_exists(name)) << name;
    }
    EXPECT_THROW(static_cast<void>(parse_local("2026-11-18 15:01:04", "Asia/Beijing")), UsageError);
    EXPECT_THROW(static_cast<void>(day_of(Instant{}, {"Asia/Beijing"})), UsageError);
}

TEST(LocalTime, IsReadAndWrittenInItsZone) {
    EXPECT_EQ(parse_local("2026-11-18 15:01:04", "Asia/Shanghai"), utc("2026-11-18T07:01:04Z"));
    EXPECT_EQ(parse_local_compact("20261118150104", "Asia/Shanghai"), utc("2026-11-18T07:01:04Z"));
    EXPECT_EQ(format_local(utc("2026-11-18T07:01:04.999Z"), "Asia/Shanghai"), "2026-11-18 15:01:04");
    EXPECT_EQ(format_local(utc("2026-11-18T18:20:00Z"), "Asia/Kathmandu"), "2026-11-19 00:05:00");
    // Shanghai had summer time in 1986.
    EXPECT_EQ(parse_local("1986-07-01 12:00:00", "Asia/Shanghai"), utc("1986-07-01T03:00:00Z"));
}

TEST(LocalTime, IsRefusedWhenMalformed) {
    for (const char* text : {"", "2026-11-18", "2026-11-18T15:01:04", "2026-11-18 15:01", "2026-11-18  15:01:04",
                             "2026-11-18 24:00:00", "2026-02-29 15:01:04", "2026-11-18 15:01:04 ", "20261118150104"}) {
        EXPECT_FALSE(parse_local(text, "Asia/Shanghai")) << text;
    }
    for (const char* text : {"", "2026111815010", "202611181501044", "20261318150104", "2026-11-18 15:01:04"}) {
        EXPECT_FALSE(parse_local_compact(text, "Asia/Shanghai")) << text;
    }
}

TEST(LocalTime, IsRefusedWhenSkippedOrRepeated) {
    EXPECT_TRUE(parse_local("2026-03-08 01:59:59", "America/New_York"));
    EXPECT_FALSE(parse_local("2026-03-08 02:00:00", "America/New_York"));
    EXPECT_FALSE(parse_local("2026-03-08 02:59:59", "America/New_York"));
    EXPECT_TRUE(parse_local("2026-03-08 03:00:00", "America/New_York"));
    EXPECT_TRUE(parse_local("2026-11-01 00:59:59", "America/New_York"));
    EXPECT_FALSE(parse_local("2026-11-01 01:00:00", "America/New_York"));
    EXPECT_FALSE(parse_local("2026-11-01 01:59:59", "America/New_York"));
    EXPECT_TRUE(parse_local("2026-11-01 02:00:00", "America/New_York"));
}

struct Cut {
    const char* name;
    DayCut cut;
    BusinessDay day;
    const char* begin;
    const char* end;
};

class DayIsCut : public testing::TestWithParam<Cut> {};

TEST_P(DayIsCut, HalfOpenAtBothEnds) {
    const auto& row = GetParam();
    EXPECT_EQ(format_rfc3339(day_begin(row.day, row.cut)), row.begin);
    EXPECT_EQ(format_rfc3339(day_end(row.day, row.cut)), row.end);

    const auto millisecond = std::chrono::milliseconds(1);
    EXPECT_EQ(day_of(utc(row.begin) - millisecond, row.cut), day_before(row.day));
    EXPECT_EQ(day_of(utc(row.begin), row.cut), row.day);
    EXPECT_EQ(day_of(utc(row.end) - millisecond, row.cut), row.day);
    EXPECT_EQ(day_of(utc(row.end), row.cut), day_after(row.day));
}

const DayCut kShanghai{"Asia/Shanghai"};
const DayCut kUnionPay{"Asia/Shanghai", std::chrono::hours(1)};
const DayCut kNewYork{"America/New_York"};

INSTANTIATE_TEST_SUITE_P(
    , DayIsCut,
    testing::Values(
        Cut{"Shanghai", kShanghai, 2026_y / 11 / 21, "2026-11-20T16:00:00Z", "2026-11-21T16:00:00Z"},
        Cut{"UnionPayAtEleven", kUnionPay, 2026_y / 11 / 21, "2026-11-20T15:00:00Z", "2026-11-21T15:00:00Z"},
        Cut{"UnionPayAtNewYear", kUnionPay, 2027_y / 1 / 1, "2026-12-31T15:00:00Z", "2027-01-01T15:00:00Z"},
        Cut{"UnionPayOnLeapDay", kUnionPay, 2024_y / 2 / 29, "2024-02-28T15:00:00Z", "2024-02-29T15:00:00Z"},
        Cut{"Utc", {"UTC"}, 2026_y / 11 / 21, "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"},
        Cut{"TwentyThreeHours", kNewYork, 2026_y / 3 / 8, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
        Cut{"TwentyFiveHours", kNewYork, 2026_y / 11 / 1, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
        Cut{"ShanghaiSummer1986", kShanghai, 1986_y / 7 / 1, "1986-06-30T15:00:00Z", "1986-07-01T15:00:00Z"},
        // Midnight itself was skipped: the day began at one o'clock.
        Cut{"NoMidnight", {"America/Sao_Paulo"}, 2018_y / 11 / 4, "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
        // At one minute past midnight the clock went back to the day before; the day had begun and stays begun.
        Cut{"BackOverMidnight", {"America/St_Johns"}, 2010_y / 11 / 7, "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(DayCut, LeavesNoInstantOutAndTakesNoneTwice) {
    for (const auto& cut : {kShanghai, kUnionPay, kNewYork, DayCut{"America/St_Johns"}, DayCut{"Pacific/Apia"},
                            DayCut{"America/Sao_Paulo", std::chrono::minutes(90)}}) {
        BusinessDay before = day_of(utc("2010-06-01T00:00:00Z"), cut);
        for (Instant at = utc("2010-06-01T00:00:00Z"); at < utc("2012-06-01T00:00:00Z");
             at += std::chrono::minutes(23)) {
            const BusinessDay day = day_of(at, cut);
            ASSERT_GE(day, before) << cut.zone << " " << format_rfc3339(at);
            ASSERT_LE(day_begin(day, cut), at);
            ASSERT_GT(day_end(day, cut), at);
            before = day;
        }
    }
}

TEST(Clock, IsTurnedByHand) {
    FixedClock clock(utc("2026-11-18T07:01:04Z"));
    EXPECT_EQ(clock.now(), utc("2026-11-18T07:01:04Z"));
    clock.set(utc("2027-01-01T00:00:00Z"));
    EXPECT_EQ(clock.now(), utc("2027-01-01T00:00:00Z"));
}

TEST(Clock, OfTheSystemGoesForward) {
    const SystemClock clock;
    const Instant first = clock.now();
    EXPECT_GT(first, utc("2024-01-01T00:00:00Z"));
    EXPECT_LE(first, clock.now());
}

}  // namespace
}  // namespace core
