// Pricing: what a volume of calls costs under a plan.
//
// What always holds:
//   M1  The price is of the whole volume of a period, added up exactly over its tiers and rounded once.
//   M2  What the next calls cost is the price with them less the price without: charges, one by one or many at once,
//       add up to the price of the whole volume, to the unit.
//   M3  A price never falls when the volume grows.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "config/plan.h"
#include "core/result.h"

namespace ledger {

// Minor units; nothing for more than core::kMinorMax, or a volume beyond config::kVolumeMax or below zero.
std::optional<std::int64_t> price_of(const config::PlanPrice& price, core::Rounding rounding, std::int64_t volume);

// M2: of `quantity` units after `before`. Nothing as above.
std::optional<std::int64_t> price_of_next(const config::PlanPrice& price, core::Rounding rounding, std::int64_t before,
                                          std::int64_t quantity);

// What the last charge of a period is, after `charged`, so that the minimum is reached.
std::int64_t lacking_to_minimum(const config::Plan& plan, std::int64_t charged);

// The period that an instant lies in, by its first day; and when it has ended.
core::BusinessDay period_of(const config::Plan& plan, core::Instant at);
core::Instant period_end(const config::Plan& plan, core::BusinessDay first_day);

// The newest version of that name that is valid from the period's first day or before; nullptr when there is none.
const config::Plan* plan_in_force(const std::vector<config::Plan>& plans, std::string_view name, core::Instant at);
// The version in force for a period named by its first day, in the plan's own days.
enum class PeriodError { unknown_plan, no_first_day };
core::Result<const config::Plan*, PeriodError> plan_of_period(const std::vector<config::Plan>& plans,
                                                              std::string_view name, core::BusinessDay first_day);
const config::PlanPrice* find_price(const config::Plan& plan, std::string_view event);

}  // namespace ledger
