// Instants, business days and the clock that is handed in.
#pragma once

#include <date/date.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace core {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;  // UTC
using BusinessDay = date::year_month_day;                          // a day of a calendar that the context names

class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
public:
    Instant now() const override;
};

// Turned by hand; for tests and for replays of what was recorded.
class FixedClock final : public Clock {
public:
    explicit FixedClock(Instant now) : now_(now) {}
    Instant now() const override { return now_; }
    void set(Instant now) { now_ = now; }

private:
    Instant now_;
};

// From 0001-01-03 up to 9999-12-28: in any zone the day that the instant lies in, and the days beside it, are of the
// years 1 to 9999. The database has no year 0, and a fifth digit would not be read again. Texts of other times are
// refused below; who makes an instant of a number from outside asks here.
bool is_in_calendar(Instant instant);

// RFC 3339 with an offset or Z, seconds and optional fraction (cut to milliseconds); nothing for anything else,
// trailing characters included.
std::optional<Instant> parse_rfc3339(std::string_view text);
// "2026-11-18T07:01:04Z"; with a fraction only when it isn't zero.
std::string format_rfc3339(Instant instant);

// "2026-11-18"; a day that exists, nothing else.
std::optional<BusinessDay> parse_day(std::string_view text);
std::string format_day(BusinessDay day);
BusinessDay day_before(BusinessDay day);
BusinessDay day_after(BusinessDay day);
// Days from a to b; negative when b is earlier.
int days_between(BusinessDay a, BusinessDay b);

// "YYYY-MM-DD hh:mm:ss" as a local time of `zone`; nothing when it isn't one or the zone skips or repeats it.
// Here and below a zone that the system doesn't know is a UsageError: check zone_exists() where names come in.
std::optional<Instant> parse_local(std::string_view text, const std::string& zone);
// "YYYYMMDDhhmmss", likewise.
std::optional<Instant> parse_local_compact(std::string_view text, const std::string& zone);

// A zone name of the system's database, e.g. "Asia/Shanghai".
bool zone_exists(const std::string& zone);

// Where a calendar cuts its days: in which zone and how long before midnight (UnionPay: 1 h, so at 23:00;
// its business day D runs from D-1 23:00 to D 23:00).
struct DayCut {
    std::string zone;
    std::chrono::minutes before_midnight{0};
};

// Days follow each other without gap or overlap, also where the clock is changed at the cut.
BusinessDay day_of(Instant instant, const DayCut& cut);
// Half-open [begin, end) of the day.
Instant day_begin(BusinessDay day, const DayCut& cut);
Instant day_end(BusinessDay day, const DayCut& cut);

// Local wall-clock text "YYYY-MM-DD hh:mm:ss" of an instant in a zone (channel files, pages for people).
std::string format_local(Instant instant, const std::string& zone);

}  // namespace core
