// A channel's calendar, [[tenant.CHANNEL.calendar]]: its business days, when its statements come, and how long items
// may be in transit. Versions by date.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "config/calendar.h"
#include "config/section.h"
#include "core/time.h"

namespace config {

struct ChannelCalendar {
    struct Version {
        std::optional<core::BusinessDay> valid_from;   // nothing: always
        std::shared_ptr<const BusinessCalendar> days;  // null: every day is a business day
        int settlement_days = 1;                       // N of T+N, in business days
        std::chrono::minutes published_at{0};          // of the day after the statement's, in the zone of its day
        int carry_business_days = 0;                   // 0: items near the cut wait for the next day, others not
    };
    std::vector<Version> versions;  // by valid_from; one at least, and its first is valid always

    // The one in force on the day.
    const Version& at(core::BusinessDay day) const;
};

// The section's `holidays` or `file`, with `closed` and `worked`; what is wrong is complained about. Null: it has none.
std::shared_ptr<const BusinessCalendar> read_business_days(Section& section);

// Reads a channel's [[calendar]] tables; what is wrong is complained about there. Without any: `published_at` alone.
ChannelCalendar read_channel_calendar(Section& channel, std::chrono::minutes published_at);

// When the statement of a day is due: from then on it is late.
core::Instant statement_due(const ChannelCalendar& calendar, core::BusinessDay day, const core::DayCut& cut);
// The last day whose data may bring the other side of an item of `day`; `day` itself where no grace is configured.
core::BusinessDay carried_until(const ChannelCalendar& calendar, core::BusinessDay day);
// The day on which the channel pays a day's money out.
core::BusinessDay settlement_day(const ChannelCalendar& calendar, core::BusinessDay day);

}  // namespace config
