#include "reconciliation/matching/rules/tolerance.h"

#include <algorithm>
#include <cstdlib>

#include "core/money.h"

namespace reconciliation::matching {

namespace {

bool within_window(const config::MatchRule& rule, core::BusinessDay a, core::BusinessDay b,
                   const MatchOptions& options) {
    if (!rule.date_window) {
        return true;
    }
    if (!a.ok() || !b.ok()) {
        return false;
    }
    const auto first = std::min(a, b);
    const auto last = std::max(a, b);
    const int days =
        options.business_days_between ? options.business_days_between(first, last) : core::days_between(first, last);
    return days <= *rule.date_window;
}

bool same_direction(const Record& ledger, const Record& channel) {
    return (ledger.amount > 0 && channel.amount > 0) || (ledger.amount < 0 && channel.amount < 0);
}

}  // namespace

std::optional<std::uint32_t> rule_that_tolerates(const Record& ledger, const Record& channel,
                                                 const MatchOptions& options) {
    if (options.rules.empty() || ledger.currency != channel.currency || ledger.exponent != channel.exponent ||
        !same_direction(ledger, channel)) {
        return std::nullopt;
    }
    const std::int64_t apart = std::abs(channel.amount - ledger.amount);  // of one sign, so it fits
    for (std::uint32_t i = 0; i < options.rules.size(); ++i) {
        const config::MatchRule& rule = options.rules[i];
        if (!rule.adds_up() && rule.currency.code() == channel.currency &&
            apart <= rule.tolerance_for(channel.amount) &&
            within_window(rule, ledger.business_day, channel.business_day, options)) {
            return i;
        }
    }
    return std::nullopt;
}

bool within_window_of_day(const config::MatchRule& rule, const Record& record, const MatchOptions& options) {
    return within_window(rule, record.business_day, options.day, options);
}

}  // namespace reconciliation::matching
