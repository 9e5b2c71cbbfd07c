#include "config/channel_calendar.h"

#include <algorithm>
#include <set>

#include "core/failure.h"
#include "core/money.h"

namespace config {
namespace {

constexpr int kSettlementDaysMax = 30;
constexpr int kCarryDaysMax = 30;

// "10:00"
std::optional<std::chrono::minutes> time_of_day(const std::string& text) {
    const auto instant = core::parse_rfc3339("1970-01-01T" + text + ":00Z");
    if (text.size() != 5 || !instant) {
        return std::nullopt;
    }
    return std::chrono::floor<std::chrono::minutes>(instant->time_since_epoch());
}

std::set<core::BusinessDay> days_of(Section& section, std::string_view key) {
    std::set<core::BusinessDay> days;
    for (const auto& item : section.list(key)) {
        const auto day = item.text ? core::parse_day(*item.text) : std::nullopt;
        if (!day) {
            section.complain(key, "must be a list of days, YYYY-MM-DD");
            return {};
        }
        days.insert(*day);
    }
    return days;
}

void read_times(Section& section, ChannelCalendar::Version& version) {
    if (const auto text = section.text("settlement")) {
        const auto number = core::minor_from_integer(text->starts_with("T+") ? text->substr(2) : std::string());
        if (!number || *number < 0 || *number > kSettlementDaysMax) {
            section.complain("settlement", "must be \"T+0\" to \"T+30\"");
        } else {
            version.settlement_days = static_cast<int>(*number);
        }
    }
    if (const auto text = section.text("published_at")) {
        const auto time = time_of_day(*text);
        if (!time) {
            section.complain("published_at", "must be a time of the day such as \"10:00\"");
        }
        version.published_at = time.value_or(version.published_at);
    }
    version.carry_business_days =
        static_cast<int>(section.integer("carry_business_days", 0, kCarryDaysMax).value_or(0));
}

ChannelCalendar::Version read_version(Section& section, std::chrono::minutes published_at) {
    ChannelCalendar::Version version;
    version.published_at = published_at;
    if (const auto from = section.text("valid_from")) {
        version.valid_from = core::parse_day(*from);
        if (!version.valid_from) {
            section.complain("valid_from", "must be a day, YYYY-MM-DD");
        }
    }
    version.days = read_business_days(section);
    read_times(section, version);
    return version;
}

core::BusinessDay moved(const ChannelCalendar::Version& version, core::BusinessDay day, int count) {
    return version.days != nullptr ? add_business_days(*version.days, day, count)
                                   : core::BusinessDay(date::sys_days(day) + date::days(count));
}

}  // namespace

std::shared_ptr<const BusinessCalendar> read_business_days(Section& section) {
    const auto name = section.text("holidays");
    const auto file = section.text("file");
    const auto closed = days_of(section, "closed");
    const auto worked = days_of(section, "worked");
    if (name && file) {
        section.complain("file", "give either holidays or file, not both");
        return nullptr;
    }
    if (!name && !file) {
        if (!closed.empty() || !worked.empty()) {
            section.complain("holidays", "is missing; closed and worked change a calendar");
        }
        return nullptr;
    }
    try {
        const auto calendar = name ? built_in_calendar(*name) : read_calendar(section.resolve_path(*file));
        return std::make_shared<const BusinessCalendar>(
            closed.empty() && worked.empty() ? calendar : calendar.with(calendar.name(), closed, worked));
    } catch (const core::Failure& failure) {
        section.complain(name ? "holidays" : "file", failure.what());
        return nullptr;
    }
}

const ChannelCalendar::Version& ChannelCalendar::at(core::BusinessDay day) const {
    const auto after =
        std::upper_bound(versions.begin() + 1, versions.end(), day,
                         [](core::BusinessDay d, const Version& version) { return d < *version.valid_from; });
    return *(after - 1);
}

ChannelCalendar read_channel_calendar(Section& channel, std::chrono::minutes published_at) {
    ChannelCalendar calendar;
    calendar.versions.push_back({std::nullopt, nullptr, 1, published_at, 0});
    bool always = false;
    for (auto& section : channel.tables("calendar")) {
        auto version = read_version(section, published_at);
        if (version.valid_from) {
            calendar.versions.push_back(std::move(version));
        } else if (always) {
            section.complain("valid_from", "is missing; one calendar of a channel can be without");
        } else {
            always = true;
            calendar.versions.front() = std::move(version);
        }
    }
    std::stable_sort(calendar.versions.begin() + 1, calendar.versions.end(),
                     [](const auto& a, const auto& b) { return *a.valid_from < *b.valid_from; });
    return calendar;
}

core::Instant statement_due(const ChannelCalendar& calendar, core::BusinessDay day, const core::DayCut& cut) {
    // By the wall clock, also on a day that is an hour longer or shorter.
    const std::chrono::minutes before_midnight = std::chrono::hours(24) - calendar.at(day).published_at;
    return core::day_end(core::day_after(day), {cut.zone, before_midnight});
}

core::BusinessDay carried_until(const ChannelCalendar& calendar, core::BusinessDay day) {
    const auto& version = calendar.at(day);
    return version.carry_business_days == 0 ? day : moved(version, day, version.carry_business_days);
}

core::BusinessDay settlement_day(const ChannelCalendar& calendar, core::BusinessDay day) {
    const auto& version = calendar.at(day);
    return moved(version, day, version.settlement_days);
}

}  // namespace config
