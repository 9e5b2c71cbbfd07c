#include "ledger/pricing.h"

#include <algorithm>

#include "core/failure.h"

namespace ledger {
namespace {

__extension__ using Int128 = __int128;

Int128 rounded(Int128 amount, std::int64_t per, core::Rounding rounding) {
    const Int128 whole = amount / per;
    const Int128 twice = amount % per * 2;
    switch (rounding) {
        case core::Rounding::down:
            return whole;
        case core::Rounding::up:
            return whole + (twice > 0 ? 1 : 0);
        case core::Rounding::half_up:
            return whole + (twice >= per ? 1 : 0);
        case core::Rounding::half_even:
            return whole + (twice > per || (twice == per && whole % 2 == 1) ? 1 : 0);
    }
    return whole;
}

core::DayCut days_of(const config::Plan& plan) { return {plan.time_zone, std::chrono::minutes(0)}; }

}  // namespace

// M1. Below 2^81: a volume of a trillion at a trillion each.
std::optional<std::int64_t> price_of(const config::PlanPrice& price, core::Rounding rounding, std::int64_t volume) {
    if (volume < 0 || volume > config::kVolumeMax) {
        return std::nullopt;
    }
    Int128 amount = 0;
    std::int64_t below = 0;
    for (const auto& tier : price.tiers) {
        const auto until = std::min(volume, tier.up_to.value_or(volume));
        amount += static_cast<Int128>(std::max<std::int64_t>(until - below, 0)) * tier.amount_minor;
        below = std::max(below, until);
    }
    const auto whole = rounded(amount, price.per, rounding);
    return whole > core::kMinorMax ? std::nullopt : std::optional(static_cast<std::int64_t>(whole));
}

std::optional<std::int64_t> price_of_next(const config::PlanPrice& price, core::Rounding rounding, std::int64_t before,
                                          std::int64_t quantity) {
    const auto volume = core::checked_add(before, quantity);
    const auto without = price_of(price, rounding, before);
    const auto with = volume ? price_of(price, rounding, *volume) : std::nullopt;
    return with && without ? std::optional(*with - *without) : std::nullopt;
}

std::int64_t lacking_to_minimum(const config::Plan& plan, std::int64_t charged) {
    return std::max<std::int64_t>(plan.minimum_minor - charged, 0);
}

core::BusinessDay period_of(const config::Plan& plan, core::Instant at) {
    const auto day = core::day_of(at, days_of(plan));
    return plan.period == config::BillingPeriod::day ? day : day.year() / day.month() / 1;
}

core::Instant period_end(const config::Plan& plan, core::BusinessDay first_day) {
    const auto next = plan.period == config::BillingPeriod::day
                          ? core::day_after(first_day)
                          : core::BusinessDay(first_day.year() / first_day.month() / 1 + date::months(1));
    return core::day_begin(next, days_of(plan));
}

const config::Plan* plan_in_force(const std::vector<config::Plan>& plans, std::string_view name, core::Instant at) {
    const config::Plan* newest = nullptr;
    for (const auto& plan : plans) {
        const bool is_valid = plan.name == name && (!plan.valid_from || *plan.valid_from <= period_of(plan, at));
        if (is_valid && (newest == nullptr || newest->valid_from < plan.valid_from)) {
            newest = &plan;
        }
    }
    return newest;
}

core::Result<const config::Plan*, PeriodError> plan_of_period(const std::vector<config::Plan>& plans,
                                                              std::string_view name, core::BusinessDay first_day) {
    const config::Plan* found = nullptr;
    for (const auto& plan : plans) {
        if (plan.name == name) {
            found = plan_in_force(plans, name, core::day_begin(first_day, days_of(plan)));
        }
    }
    if (found == nullptr) {
        return core::Refused{PeriodError::unknown_plan};
    }
    if (period_of(*found, core::day_begin(first_day, days_of(*found))) != first_day) {
        return core::Refused{PeriodError::no_first_day};
    }
    return found;
}

const config::PlanPrice* find_price(const config::Plan& plan, std::string_view event) {
    const auto found = std::find_if(plan.prices.begin(), plan.prices.end(),
                                    [&](const config::PlanPrice& price) { return price.event == event; });
    return found == plan.prices.end() ? nullptr : &*found;
}

}  // namespace ledger
