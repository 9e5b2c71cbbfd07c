// From the two sides' own shapes to Records.
#pragma once

#include <vector>

#include "config/settings.h"
#include "payments/channel.h"
#include "reconciliation/record.h"

namespace reconciliation {

// What the contract rate gives for a line: the rate of the line's currency that is valid on the day. Nothing when
// there is none, for other types than payments and refunds, and where the fee is in another currency.
std::optional<std::int64_t> expected_fee(const payments::StatementLine& line, const std::vector<config::FeeRate>& fees,
                                         const payments::Channel& channel, core::BusinessDay day);

// Does it change what the channel holds for the merchant already, rather than bring it or take it back?
bool is_on_funds(const payments::StatementLine& line);
// The rate of the currency that is valid on the day, or nullptr.
const config::FeeRate* rate_for(const std::vector<config::FeeRate>& fees, const core::Currency& currency,
                                core::BusinessDay day);

Record record_of_line(const payments::StatementLine& line, const payments::Statement& statement);

// "FILE:LINE" or "ARCHIVE!MEMBER:LINE".
std::string evidence_of(const payments::StatementLine& line, const payments::Statement& statement);

// Within the window of the end of its business day.
bool is_near_cut(const Record& record, const core::DayCut& cut, std::chrono::minutes window);

}  // namespace reconciliation
