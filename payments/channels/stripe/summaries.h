// Reports that are no statement of movements: payouts.itemized and balance.summary (specs, Stripe section 3.3).
// read_statement() refuses them by name; these readers are for who wants to compare a period's sums.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/money.h"
#include "core/result.h"
#include "payments/channel.h"
#include "payments/channels/stripe/report_table.h"

namespace payments::stripe {

// "a balance summary" and the like, for a report that is known but not itemized; nothing for the others.
std::optional<std::string> summary_kind(const ReportTable& table);

struct PayoutRow {
    std::string payout_id;
    std::string balance_transaction;
    std::string status;    // "paid", "failed" ...; "" without the column
    std::string category;  // "payout", "payout_reversal"
    core::Money gross;     // below zero when money leaves the balance
    core::Money fee;
    core::Money net;  // gross less fee, checked
    std::uint64_t line = 0;
};
core::Result<std::vector<PayoutRow>, StatementRefusal> read_payouts(std::string_view text);

struct BalanceSummaryRow {
    std::string category;  // "starting_balance", "activity", "payouts", "ending_balance" ...
    core::Money net;
};
// Refused also when, in any currency, starting balance, activity and payouts don't give the ending balance.
core::Result<std::vector<BalanceSummaryRow>, StatementRefusal> read_balance_summary(std::string_view text);

}  // namespace payments::stripe
