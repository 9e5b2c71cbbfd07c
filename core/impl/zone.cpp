#include <date/tz.h>

#include <map>
#include <mutex>
#include <shared_mutex>

#include "core/failure.h"
#include "core/impl/time_text.h"
#include "core/time.h"

namespace core {
namespace {

using LocalSeconds = date::local_time<std::chrono::seconds>;

// Zones are looked up for every line of a statement, so what was found once is kept. The database hands out
// pointers that stay good for the life of the process.
const date::time_zone* find_zone(const std::string& name) {
    static std::shared_mutex mutex;
    static std::map<std::string, const date::time_zone*> known;
    {
        const std::shared_lock lock(mutex);
        if (const auto found = known.find(name); found != known.end()) {
            return found->second;
        }
    }
    try {
        const date::time_zone* zone = date::locate_zone(name);
        zone->get_info(std::chrono::system_clock::now());  // reads the file; throws when it isn't a zone's
        const std::unique_lock lock(mutex);
        known.emplace(name, zone);
        return zone;
    } catch (const std::runtime_error&) {
        return nullptr;  // not remembered: the names asked for could be without end
    }
}

const date::time_zone& zone_called(const std::string& name) {
    const date::time_zone* zone = find_zone(name);
    if (zone == nullptr) {
        throw UsageError("time zone '" + name + "' is not in the system's database (package tzdata)");
    }
    return *zone;
}

std::optional<Instant> instant_of(LocalSeconds local, const std::string& zone) {
    const auto info = zone_called(zone).get_info(local);
    if (info.result != date::local_info::unique) {
        return std::nullopt;
    }
    const Instant instant(local.time_since_epoch() - info.first.offset);
    return is_in_calendar(instant) ? std::optional(instant) : std::nullopt;
}

LocalSeconds local_of(Instant instant, const date::time_zone& zone) {
    return date::floor<std::chrono::seconds>(zone.to_local(instant));
}

std::optional<Instant> scan_local(impl::TextScanner& scanner, bool separated, const std::string& zone) {
    const auto day = impl::scan_day(scanner, separated);
    if (!day || (separated && !scanner.skip(" "))) {
        return std::nullopt;
    }
    const auto time = impl::scan_time_of_day(scanner, separated);
    if (!time || !scanner.at_end()) {
        return std::nullopt;
    }
    return instant_of(date::local_days(*day) + *time, zone);
}

}  // namespace

bool zone_exists(const std::string& zone) { return find_zone(zone) != nullptr; }

std::optional<Instant> parse_local(std::string_view text, const std::string& zone) {
    impl::TextScanner scanner(text);
    return scan_local(scanner, true, zone);
}

std::optional<Instant> parse_local_compact(std::string_view text, const std::string& zone) {
    impl::TextScanner scanner(text);
    return scan_local(scanner, false, zone);
}

// Where the clock is put back over the cut, the day begins the first time round; where the cut itself is skipped,
// it begins with the first instant after the gap. So days never overlap and leave nothing between them.
Instant day_begin(BusinessDay day, const DayCut& cut) {
    const LocalSeconds local = date::local_days(day) - cut.before_midnight;
    const auto info = zone_called(cut.zone).get_info(local);
    if (info.result == date::local_info::nonexistent) {
        return info.first.end;
    }
    return Instant(local.time_since_epoch() - info.first.offset);
}

Instant day_end(BusinessDay day, const DayCut& cut) { return day_begin(day_after(day), cut); }

// The wall clock gives the day but for the hours around a change of the clock, where day_begin decides.
BusinessDay day_of(Instant instant, const DayCut& cut) {
    const LocalSeconds local = local_of(instant, zone_called(cut.zone)) + cut.before_midnight;
    BusinessDay day(date::floor<date::days>(local));
    while (instant < day_begin(day, cut)) {
        day = day_before(day);
    }
    while (instant >= day_end(day, cut)) {
        day = day_after(day);
    }
    return day;
}

std::string format_local(Instant instant, const std::string& zone) {
    const LocalSeconds local = local_of(instant, zone_called(zone));
    const auto midnight = date::floor<date::days>(local);
    return impl::day_text(BusinessDay(midnight)) + " " + impl::time_of_day_text(local - midnight);
}

}  // namespace core
