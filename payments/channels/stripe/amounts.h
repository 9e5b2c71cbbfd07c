// Stripe's amounts: how many decimals an integer of the API or a decimal of a report has (specs, Stripe section 2).
//
// Stripe's decimals are not ISO 4217's, and core::Money uses ISO's; what differs is converted here, exactly, or
// refused:
//   ISK, UGX        API with two decimals that are always 00, ISO none: 500 -> 5; 505 is refused
//   MGA             API without decimals, ISO two: 5 -> 500
//   IQD, LYD        API with two decimals like every unlisted currency, ISO three: 500 -> 5000
// UGX is on both of Stripe's lists; the two decimals are the reading of its special-case table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/money.h"
#include "core/result.h"

namespace payments::stripe {

// Decimals of the integers in events and API answers: 0, 2 or 3.
int api_decimals(core::Currency currency);
// Decimals that may differ from zero in a report, whose amounts are in major units.
int report_decimals(core::Currency currency);

// Nothing when the amount is no whole number of ISO minor units or beyond core::kMinorMax.
std::optional<core::Money> money_from_api(std::int64_t units, core::Currency currency);
// The other way; nothing when the currency's API unit is coarser than the amount.
std::optional<std::int64_t> api_units(const core::Money& money);

// "100.00", "-5", "3.2": up to report_decimals() decimals, more only when they are zeros.
core::Result<core::Money, core::DecimalError> money_from_report(std::string_view text, core::Currency currency);
// As newer exports write it, without trailing zeros: 24650 USD -> "246.5".
std::string report_text(const core::Money& money);

}  // namespace payments::stripe
