#include "server/impl/commands_calendar.h"

#include <array>
#include <memory>

#include "config/calendar.h"
#include "core/failure.h"
#include "core/json/writer.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

using config::BusinessCalendar;

constexpr int kYearMin = 1970;
constexpr int kYearMax = 2199;
constexpr int kDaysMax = 1000;

struct CalendarOptions {
    std::string calendar;
    std::string file;
    int year = 0;
    std::string date;
    int plus = 1;
};

BusinessCalendar calendar_of(const CalendarOptions& options) {
    if (options.calendar.empty() == options.file.empty()) {
        throw core::UsageError("give either --calendar or --file");
    }
    return options.file.empty() ? config::built_in_calendar(options.calendar) : config::read_calendar(options.file);
}

// What is assumed of the first of these years that the calendar doesn't speak of; "" when there is none.
std::string assumption(const BusinessCalendar& calendar, std::initializer_list<int> years) {
    for (const int year : years) {
        if (!calendar.covers(year)) {
            return calendar.name() + " speaks of " + std::to_string(calendar.first_year()) + " to " +
                   std::to_string(calendar.last_year()) + ": of " + std::to_string(year) + " only weekends are assumed";
        }
    }
    return {};
}

std::string cell(const BusinessCalendar& calendar, core::BusinessDay day) {
    const auto number = static_cast<unsigned>(day.day());
    const char* mark = calendar.is_worked_weekend(day)  ? "+"
                       : !calendar.holiday(day).empty() ? "*"
                       : !calendar.is_business_day(day) ? "."
                                                        : " ";
    return (number < 10 ? "  " : " ") + std::to_string(number) + mark;
}

// A month as a calendar on the wall has it, weeks from Monday.
std::string month_picture(const BusinessCalendar& calendar, date::year_month month) {
    std::string text = "\n" + core::format_day(month / 1).substr(0, 7) + "\n  一  二  三  四  五  六  日\n";
    const date::sys_days first = month / 1;
    const date::sys_days last = month / date::last;
    const auto column = (date::weekday(first) - date::Monday).count();
    text += std::string(static_cast<std::size_t>(column) * 4, ' ');
    for (auto day = first; day <= last; day += date::days(1)) {
        text += cell(calendar, day);
        text += date::weekday(day) == date::Sunday && day != last ? "\n" : "";
    }
    return text + "\n";
}

// The year's days that are not what their day of the week says.
std::vector<core::BusinessDay> days_told(const BusinessCalendar& calendar, int year) {
    std::vector<core::BusinessDay> days;
    for (core::BusinessDay day = date::year(year) / 1 / 1; static_cast<int>(day.year()) == year;
         day = core::day_after(day)) {
        if (!calendar.holiday(day).empty() || calendar.is_worked_weekend(day)) {
            days.push_back(day);
        }
    }
    return days;
}

std::string name_of_day(const BusinessCalendar& calendar, core::BusinessDay day) {
    return calendar.is_worked_weekend(day) ? "调休上班 Worked" : calendar.holiday(day);
}

int business_days_of(const BusinessCalendar& calendar, int year) {
    return config::business_days_between(calendar, date::year(year - 1) / 12 / 31, date::year(year) / 12 / 31);
}

std::string year_as_json(const BusinessCalendar& calendar, int year) {
    core::json::Writer json(1);
    json.begin_object()
        .member("calendar", calendar.name())
        .member("year", year)
        .member("zone", calendar.zone())
        .member("source", calendar.source())
        .member("covered", calendar.covers(year))
        .member("business_days", business_days_of(calendar, year));
    json.key("days").begin_array();
    for (const auto day : days_told(calendar, year)) {
        json.begin_object()
            .member("date", core::format_day(day))
            .member("business_day", calendar.is_business_day(day))
            .member("name", name_of_day(calendar, day))
            .end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

int show(const GlobalOptions& global, const CalendarOptions& options) {
    const auto calendar = calendar_of(options);
    const int year = options.year;
    if (global.json) {
        print(year_as_json(calendar, year));
        return 0;
    }
    std::string text = calendar.name() + " " + std::to_string(year) + ", " + calendar.zone() + ", " +
                       std::to_string(business_days_of(calendar, year)) +
                       " 个工作日 business days\n* 节假日 holiday   . 周末 weekend   + 调休上班 worked weekend\n";
    const auto assumed = assumption(calendar, {year});
    text += assumed.empty() ? "" : assumed + "\n";
    for (unsigned month = 1; month <= 12; ++month) {
        text += month_picture(calendar, date::year(year) / date::month(month));
    }
    Table table({"日期 Date", "说明 What"});
    for (const auto day : days_told(calendar, year)) {
        table.add({core::format_day(day), name_of_day(calendar, day)});
    }
    print(text + "\n" + table.text() + "\n来源 Source: " + calendar.source() + "\n");
    return 0;
}

int check(const GlobalOptions& global, const CalendarOptions& options) {
    const auto day = require_day(options.date, "--date");
    const int year = static_cast<int>(day.year());
    if (year < kYearMin || year > kYearMax) {
        throw core::UsageError("--date: its year must be 1970 to 2199");
    }
    const auto calendar = calendar_of(options);
    const auto next = config::next_business_day(calendar, day);
    const auto moved = config::add_business_days(calendar, day, options.plus);
    const auto assumed = assumption(calendar, {year, static_cast<int>(next.year()), static_cast<int>(moved.year())});
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object()
            .member("calendar", calendar.name())
            .member("date", core::format_day(day))
            .member("business_day", calendar.is_business_day(day))
            .member("name", name_of_day(calendar, day))
            .member("next_business_day", core::format_day(next))
            .member("plus", options.plus)
            .member("plus_day", core::format_day(moved))
            .member("covered", assumed.empty())
            .end_object();
        print(json.text() + "\n");
        return 0;
    }
    const auto name = name_of_day(calendar, day);
    print(core::format_day(day) + ": " +
          (calendar.is_business_day(day) ? "工作日 business day" : "非工作日 no business day") +
          (name.empty() ? "" : ", " + name) + "\n下一工作日 Next: " + core::format_day(next) + "\nT" +
          (options.plus < 0 ? "" : "+") + std::to_string(options.plus) + ": " + core::format_day(moved) + "\n" +
          (assumed.empty() ? "" : assumed + "\n"));
    return 0;
}

struct ChannelOptions {
    std::string tenant;
    std::string channel;
    std::string date;
};

int channel_days(const GlobalOptions& global, const ChannelOptions& options) {
    const auto day = require_day(options.date, "--date");
    const Tenants tenants(config::find_configuration(global.config));
    const auto& tenant = tenants.require(options.tenant);
    const auto* channel = tenant.find_channel(options.channel);
    if (channel == nullptr) {
        throw core::UsageError("--channel: " + options.tenant + " has no channel \"" + options.channel + "\"");
    }
    const auto& calendar = tenant.calendars.at(options.channel);
    const auto& version = calendar.at(day);
    const auto due = config::statement_due(calendar, day, channel->day_cut());
    const auto carried = config::carried_until(calendar, day);
    const auto settled = config::settlement_day(calendar, day);
    const std::string name = version.days == nullptr ? std::string() : version.days->name();
    if (global.json) {
        core::json::Writer json(1);
        json.begin_object()
            .member("tenant", options.tenant)
            .member("channel", options.channel)
            .member("date", core::format_day(day))
            .member("calendar", name)
            .member("statement_due", core::format_rfc3339(due))
            .member("settlement", core::format_day(settled))
            .member("carried_until", core::format_day(carried))
            .end_object();
        print(json.text() + "\n");
        return 0;
    }
    print("日历 Calendar: " + (name.empty() ? "每天都是工作日 every day is a business day" : name) +
          "\n账单应到 Statement due: " + core::format_local(due, channel->day_cut().zone) + " " +
          channel->day_cut().zone + "\n结算日 Settlement: " + core::format_day(settled) +
          "\n在途最晚等到 Carried until: " +
          (carried == day ? "日切附近等到下一天 the next day, near the cut only" : core::format_day(carried)) + "\n");
    return 0;
}

void add_choice(CLI::App& sub, CalendarOptions& options) {
    sub.add_option("--calendar", options.calendar, "One of those built in: CN, GB, TARGET, US");
    sub.add_option("--file", options.file, "A calendar of your own, in the form of config/calendars/*.toml");
}

}  // namespace

void add_calendar(CLI::App& app, const GlobalOptions& global, std::function<int()>& run) {
    const auto options = std::make_shared<CalendarOptions>();
    auto* calendar = app.add_subcommand("calendar", "Which days business is done on: weekends, holidays, T+N");
    calendar->require_subcommand(1);
    auto* year = calendar->add_subcommand("show", "A year, month by month, its holidays marked");
    add_choice(*year, *options);
    year->add_option("--year", options->year, "The year")->required()->check(CLI::Range(kYearMin, kYearMax));
    year->callback([&, options] { run = [&global, options] { return show(global, *options); }; });
    auto* day = calendar->add_subcommand("check", "Is a day a business day, which is the next, and which is T+N?");
    add_choice(*day, *options);
    day->add_option("--date", options->date, "The day (YYYY-MM-DD)")->required();
    day->add_option("--plus", options->plus, "N of T+N, 1 when left out")->check(CLI::Range(-kDaysMax, kDaysMax));
    day->callback([&, options] { run = [&global, options] { return check(global, *options); }; });
    const auto of = std::make_shared<ChannelOptions>();
    auto* channel =
        calendar->add_subcommand("channel", "When a day's statement, settlement and items in transit are due");
    channel->add_option("--tenant", of->tenant, "The tenant")->required();
    channel->add_option("--channel", of->channel, "The channel")->required();
    channel->add_option("--date", of->date, "The business day (YYYY-MM-DD)")->required();
    channel->callback([&, of] { run = [&global, of] { return channel_days(global, *of); }; });
}

}  // namespace server
