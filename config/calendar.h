// Business calendars: which days money is settled on. Holidays and the weekends worked for them are data:
// config/calendars/NAME.toml, built into the program, or a file of the tenant's own in the same form.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace config {

class BusinessCalendar {
public:
    // `toml` is a calendar's text, `origin` what complaints call it ("CN.toml"). Throws core::UsageError with its line.
    static BusinessCalendar parse(std::string_view toml, const std::string& origin);

    const std::string& name() const noexcept { return data_.name; }
    const std::string& zone() const noexcept { return data_.zone; }
    const std::string& source() const noexcept { return data_.source; }  // the authority and its notice
    int first_year() const noexcept { return data_.first_year; }
    int last_year() const noexcept { return data_.last_year; }
    // In a year that it doesn't cover, weekends are all that is known; whoever shows such a day says so.
    bool covers(int year) const noexcept { return year >= data_.first_year && year <= data_.last_year; }

    bool is_business_day(core::BusinessDay day) const;
    bool is_weekend(core::BusinessDay day) const;  // by the day of the week, worked or not
    bool is_worked_weekend(core::BusinessDay day) const;
    std::string holiday(core::BusinessDay day) const;  // its name; "" when the day is none

    // The same with days taken out and put in.
    BusinessCalendar with(const std::string& name, const std::set<core::BusinessDay>& holidays,
                          const std::set<core::BusinessDay>& working) const;

private:
    struct Data {
        std::string name, zone, source;
        int first_year = 0;
        int last_year = 0;
        std::set<unsigned> weekend;  // 0: Sunday
        std::map<core::BusinessDay, std::string> holidays;
        std::set<core::BusinessDay> working;
    };
    class Reader;
    explicit BusinessCalendar(Data data) : data_(std::move(data)) {}

    Data data_;
};

// The first business day after `day`.
core::BusinessDay next_business_day(const BusinessCalendar& calendar, core::BusinessDay day);
// T+N: the Nth business day after `day`, before it for a negative N; T+0 is the day itself or the first business day
// after it.
core::BusinessDay add_business_days(const BusinessCalendar& calendar, core::BusinessDay day, int count);
// How many business days lie in (a, b]; negative when b is earlier. Of a business day:
// business_days_between(day, add_business_days(day, N)) is N.
int business_days_between(const BusinessCalendar& calendar, core::BusinessDay a, core::BusinessDay b);
// Easter Sunday of the Gregorian calendar.
core::BusinessDay easter_sunday(int year);

struct CalendarFile {
    std::string_view name;
    std::string_view text;
};
// Those built in, by name.
const std::vector<CalendarFile>& calendar_files();
// One of them; throws core::UsageError that names those there are.
const BusinessCalendar& built_in_calendar(std::string_view name);
BusinessCalendar read_calendar(const std::filesystem::path& file);

}  // namespace config
