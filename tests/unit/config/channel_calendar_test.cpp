// What a channel's calendar says of a day: its statement, its settlement, its items in transit.
#include "config/channel_calendar.h"

#include <gmock/gmock.h>

#include "config/settings.h"
#include "tests/unit/config/configuration.h"

namespace config {
namespace {

using testing::HasSubstr;

core::BusinessDay day(const char* text) { return *core::parse_day(text); }
core::Instant at(const char* text) { return *core::parse_rfc3339(text); }

class ChannelCalendars : public Configuration {
protected:
    ChannelCalendar read(const std::string& tables) {
        settings_ =
            load(std::string(kBase) + "[[tenant]]\nid = \"acme\"\ncurrency = \"CNY\"\n[tenant.wechatpay]\n" + tables);
        return read_channel_calendar(settings_->tenants.front().channels.front().section, std::chrono::hours(10));
    }
    std::string complaint(const std::string& keys) {
        read("[[tenant.wechatpay.calendar]]\n" + keys + "\n");
        try {
            finish(*settings_);
        } catch (const core::UsageError& error) {
            return error.what();
        }
        return {};
    }

    std::optional<Settings> settings_;
};

TEST_F(ChannelCalendars, WithoutAnyEveryDayIsABusinessDayAndNothingWaitsLonger) {
    const auto calendar = read("");
    EXPECT_EQ(settlement_day(calendar, day("2026-09-30")), day("2026-10-01"));
    EXPECT_EQ(carried_until(calendar, day("2026-09-30")), day("2026-09-30"));
    const core::DayCut china{"Asia/Shanghai", std::chrono::minutes(0)};
    EXPECT_EQ(statement_due(calendar, day("2026-12-31"), china), at("2027-01-01T02:00:00Z"));
}

TEST_F(ChannelCalendars, CountInTheirBusinessDays) {
    const auto calendar = read(
        "[[tenant.wechatpay.calendar]]\nholidays = \"CN\"\nsettlement = \"T+2\"\ncarry_business_days = 1\n"
        "closed = [\"2026-10-08\"]\n");
    EXPECT_EQ(settlement_day(calendar, day("2026-09-30")), day("2026-10-10")) << "a Saturday that is worked";
    EXPECT_EQ(carried_until(calendar, day("2026-09-30")), day("2026-10-09"));
    EXPECT_EQ(carried_until(calendar, day("2026-09-29")), day("2026-09-30"));
}

TEST_F(ChannelCalendars, ChangeWithTheirVersions) {
    const auto calendar = read(
        "[[tenant.wechatpay.calendar]]\nvalid_from = \"2026-07-01\"\npublished_at = \"09:30\"\n"
        "[[tenant.wechatpay.calendar]]\nsettlement = \"T+3\"\n"
        "[[tenant.wechatpay.calendar]]\nvalid_from = \"2026-02-01\"\nsettlement = \"T+0\"\n");
    EXPECT_EQ(calendar.at(day("2026-01-31")).settlement_days, 3);
    EXPECT_EQ(calendar.at(day("2026-02-01")).settlement_days, 0);
    EXPECT_EQ(calendar.at(day("2026-06-30")).published_at, std::chrono::hours(10));
    EXPECT_EQ(calendar.at(day("2026-07-01")).published_at, std::chrono::minutes(570));
}

TEST_F(ChannelCalendars, KeepTheWallClockWhereItIsChanged) {
    const auto calendar = read("");
    // 10:00 of the days on which Berlin's and New York's clocks are put on and back.
    const core::DayCut berlin{"Europe/Berlin", std::chrono::minutes(0)};
    EXPECT_EQ(statement_due(calendar, day("2026-03-28"), berlin), at("2026-03-29T08:00:00Z"));
    EXPECT_EQ(statement_due(calendar, day("2026-10-24"), berlin), at("2026-10-25T09:00:00Z"));
    const core::DayCut new_york{"America/New_York", std::chrono::minutes(0)};
    EXPECT_EQ(statement_due(calendar, day("2026-03-07"), new_york), at("2026-03-08T14:00:00Z"));
    EXPECT_EQ(statement_due(calendar, day("2026-10-31"), new_york), at("2026-11-01T15:00:00Z"));
}

TEST_F(ChannelCalendars, NameWhatIsWrong) {
    EXPECT_THAT(complaint("holidays = \"XX\""), HasSubstr("holidays: there is no calendar \"XX\""));
    EXPECT_THAT(complaint("settlement = \"2\""), HasSubstr("settlement: must be \"T+0\" to \"T+30\""));
    EXPECT_THAT(complaint("published_at = \"25:00\""), HasSubstr("published_at: must be a time"));
    EXPECT_THAT(complaint("closed = [\"2026-02-29\"]"), HasSubstr("closed: must be a list of days"));
    EXPECT_THAT(complaint("closed = [\"2026-02-27\"]"), HasSubstr("holidays: is missing"));
    EXPECT_THAT(complaint("valid_from = \"soon\""), HasSubstr("valid_from: must be a day"));
    EXPECT_THAT(complaint("carry_business_days = 31"), HasSubstr("carry_business_days: must be a whole number"));
    EXPECT_THAT(complaint("holiday = \"CN\""), HasSubstr("holiday"));
    EXPECT_EQ(complaint("holidays = \"CN\""), "");
}

}  // namespace
}  // namespace config
