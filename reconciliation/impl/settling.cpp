#include "reconciliation/impl/settling.h"

#include <algorithm>

#include "core/failure.h"
#include "core/money.h"
#include "reconciliation/matching/subset_search.h"

namespace reconciliation {

core::BusinessDay due_on(core::BusinessDay day, std::int64_t days, const config::BusinessCalendar* calendar) {
    if (calendar != nullptr) {
        return config::add_business_days(*calendar, day, static_cast<int>(days));
    }
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

namespace {

constexpr std::uint64_t kSumsMax = 1U << 18U;  // of each search, some milliseconds

// Of `others`, those by index that add up to exactly `sum`, two at least; empty where none or several do.
std::vector<std::size_t> adding_up_to(std::int64_t sum, const std::vector<std::int64_t>& others,
                                      const std::vector<std::size_t>& indices) {
    if (indices.size() < 2) {
        return {};
    }
    const auto answer = matching::search_subsets({{&sum, 1}, others, 0, kSumsMax});
    if (answer.kind != matching::SubsetAnswer::Kind::found || answer.members.right.size() < 2) {
        return {};
    }
    std::vector<std::size_t> found;
    for (const std::size_t member : answer.members.right) {
        found.push_back(indices[member]);
    }
    return found;
}

void add_days_of_a_credit(std::size_t credit, std::span<const OpenCredit> credits, std::span<const OpenDay> open,
                          std::vector<SettledTogether>& ways) {
    std::vector<std::int64_t> minors;
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < open.size(); ++i) {
        if (open[i].minor > 0 && open[i].day <= credits[credit].booked) {
            minors.push_back(open[i].minor);
            indices.push_back(i);
        }
    }
    auto days = adding_up_to(credits[credit].minor, minors, indices);
    if (!days.empty()) {
        ways.push_back({{credit}, std::move(days)});
    }
}

void add_credits_of_a_day(std::size_t day, std::span<const OpenCredit> credits, std::span<const OpenDay> open,
                          std::vector<SettledTogether>& ways) {
    std::vector<std::int64_t> minors;
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < credits.size(); ++i) {
        if (credits[i].minor > 0 && open[day].day <= credits[i].booked) {
            minors.push_back(credits[i].minor);
            indices.push_back(i);
        }
    }
    auto paying = adding_up_to(open[day].minor, minors, indices);
    if (!paying.empty()) {
        ways.push_back({std::move(paying), {day}});
    }
}

}  // namespace

std::vector<SettledTogether> settled_together(std::span<const OpenCredit> credits, std::span<const OpenDay> open) {
    std::vector<SettledTogether> ways;
    for (std::size_t i = 0; i < credits.size(); ++i) {
        if (credits[i].minor > 0) {
            add_days_of_a_credit(i, credits, open, ways);
        }
    }
    for (std::size_t i = 0; i < open.size(); ++i) {
        if (open[i].minor > 0) {
            add_credits_of_a_day(i, credits, open, ways);
        }
    }
    std::vector<int> credits_used(credits.size());
    std::vector<int> days_used(open.size());
    for (const auto& way : ways) {
        for (const auto credit : way.credits) {
            ++credits_used[credit];
        }
        for (const auto day : way.days) {
            ++days_used[day];
        }
    }
    std::erase_if(ways, [&](const SettledTogether& way) {
        return std::any_of(way.credits.begin(), way.credits.end(), [&](auto i) { return credits_used[i] > 1; }) ||
               std::any_of(way.days.begin(), way.days.end(), [&](auto i) { return days_used[i] > 1; });
    });
    return ways;
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
