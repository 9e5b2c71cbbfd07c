#include "config/calendar.h"

#include <algorithm>

#include "core/failure.h"

namespace config {
namespace {

unsigned weekday_of(core::BusinessDay day) { return date::weekday(date::sys_days(day)).c_encoding(); }

constexpr int kDaysLookedAtMax = 400;  // no calendar rests longer

core::BusinessDay step(const BusinessCalendar& calendar, core::BusinessDay day, int direction) {
    for (int i = 0; i < kDaysLookedAtMax; ++i) {
        day = direction > 0 ? core::day_after(day) : core::day_before(day);
        if (calendar.is_business_day(day)) {
            return day;
        }
    }
    throw core::UsageError("calendar " + calendar.name() + ": no business day near " + core::format_day(day));
}

}  // namespace

bool BusinessCalendar::is_weekend(core::BusinessDay day) const { return data_.weekend.contains(weekday_of(day)); }

bool BusinessCalendar::is_worked_weekend(core::BusinessDay day) const {
    return is_weekend(day) && data_.working.contains(day);
}

std::string BusinessCalendar::holiday(core::BusinessDay day) const {
    const auto found = data_.holidays.find(day);
    return found == data_.holidays.end() ? std::string() : found->second;
}

bool BusinessCalendar::is_business_day(core::BusinessDay day) const {
    return data_.working.contains(day) || (!is_weekend(day) && !data_.holidays.contains(day));
}

BusinessCalendar BusinessCalendar::with(const std::string& name, const std::set<core::BusinessDay>& holidays,
                                        const std::set<core::BusinessDay>& working) const {
    BusinessCalendar other(*this);
    other.data_.name = name;
    for (const auto day : holidays) {
        other.data_.holidays.emplace(day, name);
        other.data_.working.erase(day);
    }
    for (const auto day : working) {
        other.data_.holidays.erase(day);
        other.data_.working.insert(day);
    }
    return other;
}

core::BusinessDay next_business_day(const BusinessCalendar& calendar, core::BusinessDay day) {
    return step(calendar, day, 1);
}

core::BusinessDay add_business_days(const BusinessCalendar& calendar, core::BusinessDay day, int count) {
    if (count == 0) {
        return calendar.is_business_day(day) ? day : step(calendar, day, 1);
    }
    for (int i = 0; i < std::abs(count); ++i) {
        day = step(calendar, day, count);
    }
    return day;
}

int business_days_between(const BusinessCalendar& calendar, core::BusinessDay a, core::BusinessDay b) {
    if (b < a) {
        return -business_days_between(calendar, b, a);
    }
    int count = 0;
    for (auto day = a; day < b;) {
        day = core::day_after(day);
        count += calendar.is_business_day(day) ? 1 : 0;
    }
    return count;
}

// The anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8).
core::BusinessDay easter_sunday(int year) {
    const int a = year % 19;
    const int b = year / 100;
    const int c = year % 100;
    const int f = (b + 8) / 25;
    const int h = (19 * a + b - b / 4 - (b - f + 1) / 3 + 15) % 30;
    const int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    const int m = (a + 11 * h + 22 * l) / 451;
    const int n = h + l - 7 * m + 114;
    return date::year(year) / (n / 31) / (n % 31 + 1);
}

const BusinessCalendar& built_in_calendar(std::string_view name) {
    static const auto all = [] {
        std::map<std::string, BusinessCalendar, std::less<>> calendars;
        for (const auto& file : calendar_files()) {
            calendars.emplace(file.name, BusinessCalendar::parse(file.text, std::string(file.name) + ".toml"));
        }
        return calendars;
    }();
    const auto found = all.find(name);
    if (found == all.end()) {
        std::string names;
        for (const auto& [known, calendar] : all) {
            names += (names.empty() ? "" : ", ") + known;
        }
        throw core::UsageError("there is no calendar \"" + std::string(name) + "\"; there are " + names);
    }
    return found->second;
}

}  // namespace config
