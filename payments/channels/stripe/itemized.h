// The itemized reports: balance_change_from_activity and payout_reconciliation (specs, Stripe section 3.3).
//
// Columns are found by name, since their set and order are the caller's choice and the defaults change. What a row is
// goes by reporting_category:
//   charge                              payment     presentment amount where the report has it
//   refund, refund_failure              refund, reversal   likewise
//   dispute, dispute_reversal           dispute, reversal  settlement amount, as the events' balance transactions
//   payout, payout_reversal             payout, reversal
//   fee, network_cost, tax              fee
//   every other known one               adjustment
//   an unknown one                      adjustment whose channel_status is the category: a person has to look
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "payments/channel.h"
#include "payments/channels/stripe/objects.h"

namespace payments::stripe {

struct ItemizedReading {
    const std::string& order_key;  // column payment_metadata[order_key]
    const std::string& time_zone;  // of the column `created`; `created_utc` is preferred where there is one
    const Redact& redact;          // over every identifier
};

// Gets a line with its day in the reading's time zone.
using DatedLineTaker = std::function<void(StatementLine&&, core::BusinessDay)>;

struct ItemizedReport {
    std::string dialect;      // "stripe balance_change_from_activity itemized (15 columns)"
    std::uint64_t lines = 0;  // taken
    std::vector<std::string> warnings;
};

// The unpacked report `text`; `name` is the file's, which tells the two reports apart where the columns can't.
// In a payout reconciliation the payout's own rows are left out: they are the sum of the others.
// Refused (with line and field, without file): no header, a missing or repeated column, a row that is short or cut,
// text that isn't UTF-8, an unknown currency, an amount or date that can't be, a sign against the category,
// gross - fee that isn't net, and a file whose content is there twice.
core::Result<ItemizedReport, StatementRefusal> read_itemized(std::string_view text, std::string_view name,
                                                             const ItemizedReading& reading, RowPick& pick,
                                                             const DatedLineTaker& take);

}  // namespace payments::stripe
