#include "core/time.h"

#include <array>
#include <cstdio>

#include "core/impl/time_text.h"

namespace core {
namespace impl {

std::optional<int> TextScanner::digits(std::size_t count) {
    if (rest_.size() < count) {
        return std::nullopt;
    }
    int number = 0;
    for (const char c : rest_.substr(0, count)) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        number = number * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return number;
}

bool TextScanner::skip(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) {
        return false;
    }
    rest_.remove_prefix(1);
    return true;
}

std::optional<BusinessDay> scan_day(TextScanner& scanner, bool with_dashes) {
    const auto dash = [&] { return !with_dashes || scanner.skip("-"); };
    const auto year = scanner.digits(4);
    const auto month = year && dash() ? scanner.digits(2) : std::nullopt;
    const auto day = month && dash() ? scanner.digits(2) : std::nullopt;
    if (!day) {
        return std::nullopt;
    }
    const BusinessDay found{date::year(*year), date::month(static_cast<unsigned>(*month)),
                            date::day(static_cast<unsigned>(*day))};
    return found.ok() && *year > 0 ? std::optional(found) : std::nullopt;
}

std::optional<std::chrono::seconds> scan_time_of_day(TextScanner& scanner, bool with_colons) {
    const auto colon = [&] { return !with_colons || scanner.skip(":"); };
    const auto hours = scanner.digits(2);
    const auto minutes = hours && colon() ? scanner.digits(2) : std::nullopt;
    const auto seconds = minutes && colon() ? scanner.digits(2) : std::nullopt;
    // Second 60 is refused: an instant can't hold a leap second, and taking it for the next one would move a
    // movement of money across a day's end.
    if (!seconds || *hours > 23 || *minutes > 59 || *seconds > 59) {
        return std::nullopt;
    }
    return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds);
}

std::string day_text(BusinessDay day) {
    std::array<char, 24> text{};
    const int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string time_of_day_text(std::chrono::seconds since_midnight) {
    const auto seconds = static_cast<int>(since_midnight.count());
    std::array<char, 40> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace impl

namespace {

using impl::TextScanner;

constexpr int kDigitsOfMilliseconds = 3;

// What follows the point: at least one digit, cut after the third.
std::optional<std::chrono::milliseconds> scan_fraction(TextScanner& scanner) {
    int kept = 0;
    int seen = 0;
    for (auto digit = scanner.digits(1); digit; digit = scanner.digits(1), ++seen) {
        if (seen < kDigitsOfMilliseconds) {
            kept = kept * 10 + *digit;
        }
    }
    if (seen == 0) {
        return std::nullopt;
    }
    for (; seen < kDigitsOfMilliseconds; ++seen) {
        kept *= 10;
    }
    return std::chrono::milliseconds(kept);
}

std::optional<std::chrono::minutes> scan_offset(TextScanner& scanner) {
    if (scanner.skip("Zz")) {
        return std::chrono::minutes(0);
    }
    const bool west = scanner.skip("-");
    if (!west && !scanner.skip("+")) {
        return std::nullopt;
    }
    const auto hours = scanner.digits(2);
    const auto minutes = hours && scanner.skip(":") ? scanner.digits(2) : std::nullopt;
    if (!minutes || *hours > 23 || *minutes > 59) {
        return std::nullopt;
    }
    const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return west ? -offset : offset;
}

}  // namespace

Instant SystemClock::now() const {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

bool is_in_calendar(Instant instant) {
    constexpr date::sys_days kBegin = date::year{1} / 1 / 3;
    constexpr date::sys_days kEnd = date::year{9999} / 12 / 29;
    return instant >= kBegin && instant < kEnd;
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
    TextScanner scanner(text);
    const auto day = impl::scan_day(scanner, true);
    if (!day || !scanner.skip("Tt")) {
        return std::nullopt;
    }
    const auto time = impl::scan_time_of_day(scanner, true);
    if (!time) {
        return std::nullopt;
    }
    std::optional<std::chrono::milliseconds> fraction(0);
    if (scanner.skip(".")) {
        fraction = scan_fraction(scanner);
    }
    const auto offset = fraction ? scan_offset(scanner) : std::nullopt;
    if (!offset || !scanner.at_end()) {
        return std::nullopt;
    }
    const Instant instant = date::sys_days(*day) + *time + *fraction - *offset;
    return is_in_calendar(instant) ? std::optional(instant) : std::nullopt;
}

std::string format_rfc3339(Instant instant) {
    const auto midnight = date::floor<date::days>(instant);
    const auto second = std::chrono::floor<std::chrono::seconds>(instant);
    std::string text = impl::day_text(BusinessDay(midnight)) + "T" + impl::time_of_day_text(second - midnight);
    const auto fraction = static_cast<int>((instant - second).count());
    if (fraction != 0) {
        std::array<char, 16> digits{};
        const int length = std::snprintf(digits.data(), digits.size(), ".%03d", fraction);
        text.append(digits.data(), static_cast<std::size_t>(length));
    }
    return text + "Z";
}

std::optional<BusinessDay> parse_day(std::string_view text) {
    TextScanner scanner(text);
    const auto day = impl::scan_day(scanner, true);
    return day && scanner.at_end() ? day : std::nullopt;
}

std::string format_day(BusinessDay day) { return impl::day_text(day); }

BusinessDay day_before(BusinessDay day) { return date::sys_days(day) - date::days(1); }

BusinessDay day_after(BusinessDay day) { return date::sys_days(day) + date::days(1); }

int days_between(BusinessDay a, BusinessDay b) { return (date::sys_days(b) - date::sys_days(a)).count(); }

}  // namespace core
