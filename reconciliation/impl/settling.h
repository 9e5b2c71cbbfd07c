// Which of a channel's days a bank's credit pays. Pure: no database, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/bank.h"
#include "core/time.h"
#include "payments/bank/statement.h"

namespace reconciliation {

// What a day still has to be paid; above zero the channel owes.
struct OpenDay {
    core::BusinessDay day{};
    std::int64_t minor = 0;
};

// The day plus `days` business days, of Monday to Friday without a calendar: when its settlement is at the bank at the
// latest.
core::BusinessDay due_on(core::BusinessDay day, std::int64_t days, const config::BusinessCalendar* calendar = nullptr);

// What was cleared by hand, which names no day, taken off the oldest days first; days with nothing left are gone.
// `by_hand_minor` is what came on the account by hand: below zero it cleared.
std::vector<OpenDay> open_after(std::vector<OpenDay> days, std::int64_t by_hand_minor);

// The days, following each other among `open`, that add up to exactly `minor`, none after `booked`: of several the
// oldest, and of those the fewest. Empty when there are none.
std::span<const OpenDay> days_paid_by(std::span<const OpenDay> open, std::int64_t minor, core::BusinessDay booked);

// A credit of the bank's that pays no days on end.
struct OpenCredit {
    core::BusinessDay booked{};
    std::int64_t minor = 0;
};

// One credit for several days that don't follow each other, or several credits for one day; indices.
struct SettledTogether {
    std::vector<std::size_t> credits;
    std::vector<std::size_t> days;
};

// All there are whose sums are exactly equal, where no other choice of days or credits is as good and none of them is
// used twice. What is below zero takes part in none. The order makes no difference.
std::vector<SettledTogether> settled_together(std::span<const OpenCredit> credits, std::span<const OpenDay> open);

// Whose settlement the texts tell, in the order of the configuration; nothing: of no channel.
const config::BankSettlement* settlement_told_by(const std::vector<config::BankSettlement>& settlements,
                                                 const std::string& texts);

}  // namespace reconciliation
