#include "payments/release.h"

#include <date/date.h>

namespace payments {
namespace {

const core::DayCut& utc() {
    static const core::DayCut kUtc{"UTC", std::chrono::minutes(0)};
    return kUtc;
}

core::BusinessDay later(core::BusinessDay day, int days) {
    return core::BusinessDay(date::sys_days(day) + date::days(days));
}

}  // namespace

bool is_released(const config::SplitTime& when, const Releases& releases) {
    if (when.days == 0 && when.from != config::SplitTime::From::day) {
        return when.from == config::SplitTime::From::capture || releases.fulfilled_at.has_value();
    }
    return releases.due;
}

std::optional<core::BusinessDay> due_day(const config::SplitTime& when, core::Instant paid_at,
                                         std::optional<core::Instant> fulfilled_at) {
    if (when.from == config::SplitTime::From::day) {
        return when.day;
    }
    const auto from = when.from == config::SplitTime::From::capture ? std::optional(paid_at) : fulfilled_at;
    return when.days > 0 && from ? std::optional(later(core::day_of(*from, utc()), when.days)) : std::nullopt;
}

}  // namespace payments
