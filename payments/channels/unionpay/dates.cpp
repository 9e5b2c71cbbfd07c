#include "payments/channels/unionpay/dates.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>

namespace payments::unionpay {

namespace {

const std::string kZone = "Asia/Shanghai";

std::string compact(core::BusinessDay day) {
    auto text = core::format_day(day);
    std::erase(text, '-');
    return text;
}

}  // namespace

core::DayCut day_cut() { return {kZone, std::chrono::hours(1)}; }

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<core::BusinessDay> day_from_text(std::string_view text) {
    if (!all_digits(text) || (text.size() != 8 && text.size() != 6)) {
        return std::nullopt;
    }
    const std::string full = text.size() == 6 ? "20" + std::string(text) : std::string(text);
    return core::parse_day(full.substr(0, 4) + "-" + full.substr(4, 2) + "-" + full.substr(6));
}

std::optional<core::BusinessDay> day_near(std::string_view mmdd, core::BusinessDay anchor) {
    if (!all_digits(mmdd) || mmdd.size() != 4) {
        return std::nullopt;
    }
    // A day is never further than half a year from the nearest of its yearly repetitions, except for 29 February;
    // that one counts only where its year is the one that is meant.
    constexpr int kDistanceMax = 183;
    std::optional<core::BusinessDay> nearest;
    for (const int shift : {-1, 0, 1}) {
        const auto year = std::to_string(static_cast<int>(anchor.year()) + shift);
        const auto day = day_from_text(std::string(year).append(mmdd));
        const auto distance = day ? std::abs(core::days_between(anchor, *day)) : kDistanceMax + 1;
        if (distance <= kDistanceMax && (!nearest || distance < std::abs(core::days_between(anchor, *nearest)))) {
            nearest = day;
        }
    }
    return nearest;
}

std::optional<core::Instant> instant_from_text(std::string_view yyyymmddhhmmss) {
    if (!all_digits(yyyymmddhhmmss) || yyyymmddhhmmss.size() != 14) {
        return std::nullopt;
    }
    return core::parse_local_compact(yyyymmddhhmmss, kZone);
}

std::optional<core::Instant> instant_near(std::string_view mmddhhmmss, core::BusinessDay anchor) {
    if (!all_digits(mmddhhmmss) || mmddhhmmss.size() != 10) {
        return std::nullopt;
    }
    const auto day = day_near(mmddhhmmss.substr(0, 4), anchor);
    if (!day) {
        return std::nullopt;
    }
    return instant_from_text(compact(*day).append(mmddhhmmss.substr(4)));
}

core::BusinessDay local_day(core::Instant instant) { return core::day_of(instant, {kZone, std::chrono::minutes(0)}); }

}  // namespace payments::unionpay
