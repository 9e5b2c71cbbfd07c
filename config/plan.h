// [[tenant.plan]]: what a tenant's customers pay for what they call. Several of one name are its versions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/money.h"
#include "core/time.h"

namespace config {

// Of the units of a period up to and including `up_to`, beyond those of the tier before: `amount_minor` for each `per`.
struct PlanTier {
    std::optional<std::int64_t> up_to;  // nothing: all further ones; of the last tier alone
    std::int64_t amount_minor = 0;
};

// A fraction: `amount_minor` for so many units, so that a unit may cost less than a minor unit.
struct PlanPrice {
    std::string event;  // what is counted: "call", or a kind of event
    std::int64_t per = 1;
    std::vector<PlanTier> tiers;  // at least one, rising
};

enum class BillingPeriod { day, month };

struct Plan {
    std::string name;
    core::Currency currency;
    std::optional<core::BusinessDay> valid_from{};  // for periods that begin then or later; nothing: always
    BillingPeriod period = BillingPeriod::month;
    std::string time_zone = "UTC";   // of its days
    std::int64_t minimum_minor = 0;  // of a period in which there was a charge
    core::Rounding rounding = core::Rounding::half_up;
    std::vector<PlanPrice> prices{};  // each event once
};

inline constexpr std::int64_t kVolumeMax = 1'000'000'000'000;  // units of an event in a period

}  // namespace config
