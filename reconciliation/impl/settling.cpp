#include "reconciliation/impl/settling.h"

#include <algorithm>

#include "core/failure.h"
#include "core/money.h"

namespace reconciliation {

core::BusinessDay due_on(core::BusinessDay day, std::int64_t days) {
    const auto is_weekend = [](core::BusinessDay one) {
        const date::weekday weekday{date::sys_days(one)};
        return weekday == date::Saturday || weekday == date::Sunday;
    };
    while (days > 0 || is_weekend(day)) {
        day = core::day_after(day);
        days -= is_weekend(day) ? 0 : 1;
    }
    return day;
}

std::vector<OpenDay> open_after(std::vector<OpenDay> days, std::int64_t by_hand_minor) {
    std::int64_t left = by_hand_minor;
    for (auto& day : days) {
        const bool clears = (left < 0 && day.minor > 0) || (left > 0 && day.minor < 0);
        if (!clears) {
            continue;
        }
        const auto part = left < 0 ? std::max(left, -day.minor) : std::min(left, -day.minor);
        day.minor += part;
        left -= part;
    }
    std::erase_if(days, [](const OpenDay& day) { return day.minor == 0; });
    return days;
}

std::span<const OpenDay> days_paid_by(std::span<const OpenDay> open, std::int64_t minor, core::BusinessDay booked) {
    for (std::size_t from = 0; from < open.size(); ++from) {
        std::int64_t sum = 0;
        for (std::size_t to = from; to < open.size() && open[to].day <= booked; ++to) {
            const auto next = core::checked_add(sum, open[to].minor);
            core::ensure(next.has_value(), "what is open fits 64 bits");
            sum = *next;
            if (sum == minor) {
                return open.subspan(from, to - from + 1);
            }
        }
    }
    return {};
}

const config::BankSettlement* settlement_told_by(const std::vector<config::BankSettlement>& settlements,
                                                 const std::string& texts) {
    for (const auto& settlement : settlements) {
        for (const auto& text : settlement.contains) {
            if (texts.find(text) != std::string::npos) {
                return &settlement;
            }
        }
    }
    return nullptr;
}

}  // namespace reconciliation
