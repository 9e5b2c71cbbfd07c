// A calendar's file, built in or a tenant's own.
#include "config/calendar.h"
#include "core/failure.h"
#include "tests/fuzz/fuzz.h"

namespace {

void check_counting(const config::BusinessCalendar& calendar, core::BusinessDay from) {
    for (const int count : {-3, 0, 1, 5}) {
        const auto to = config::add_business_days(calendar, from, count);
        fuzz::promise(calendar.is_business_day(to), "money moves on business days alone");
        fuzz::promise(!calendar.is_business_day(from) || config::business_days_between(calendar, from, to) == count,
                      "what is added is counted again");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    try {
        const auto calendar = config::BusinessCalendar::parse(fuzz::Input(data, size).rest(), "calendar.toml");
        fuzz::promise(calendar.first_year() <= calendar.last_year() && core::zone_exists(calendar.zone()),
                      "a calendar speaks of years in a zone");
        for (const int year : {calendar.first_year(), calendar.last_year(), 2026}) {
            auto day = core::BusinessDay(date::year(year) / 12 / 20);
            for (int i = 0; i < 20; ++i, day = core::day_after(day)) {
                fuzz::promise(
                    calendar.is_business_day(day) || calendar.is_weekend(day) || !calendar.holiday(day).empty(),
                    "there is a reason why a day isn't worked");
                check_counting(calendar, day);
            }
        }
    } catch (const core::UsageError& error) {
        fuzz::promise(std::string_view(error.what()).starts_with("calendar.toml"), "a complaint names the file");
    }
    return 0;
}
