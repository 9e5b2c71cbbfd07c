// UnionPay's dates: Beijing time, several of them without a year (specification, section 7).
#pragma once

#include <optional>
#include <string_view>

#include "core/time.h"

namespace payments::unionpay {

// The business day ends at 23:00 (specification, section 4, "Settlement day").
core::DayCut day_cut();

bool all_digits(std::string_view text);

// "20261117", "261117" (of this century); a day that exists, nothing else.
std::optional<core::BusinessDay> day_from_text(std::string_view yyyymmdd_or_yymmdd);

// "1117" in the year that puts it nearest to `anchor`; nothing for a day that doesn't exist within half a year of it.
std::optional<core::BusinessDay> day_near(std::string_view mmdd, core::BusinessDay anchor);

// "20261117091828", Beijing time.
std::optional<core::Instant> instant_from_text(std::string_view yyyymmddhhmmss);

// "1117091828", Beijing time, the year as in day_near().
std::optional<core::Instant> instant_near(std::string_view mmddhhmmss, core::BusinessDay anchor);

// The calendar day in Beijing, which is what the year rule goes by.
core::BusinessDay local_day(core::Instant instant);

}  // namespace payments::unionpay
