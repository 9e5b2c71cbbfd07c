// A settlement file's row as a statement line (specification, sections 6.3, 6.4 and 6.6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "payments/channel.h"
#include "payments/channels/unionpay/settlement_layout.h"

namespace payments::unionpay {

// Whose file it is, and of which settlement day: what every name and row is held against.
struct SettlementDay {
    std::string merchant_id;
    core::BusinessDay day;
};

// A row of the transactions' file.
struct SettlementRow {
    StatementLine line;        // file_index, member and line are the caller's to fill
    std::int64_t settled = 0;  // fen net of the fee, as the row states it; above zero to the merchant
    bool moves_money = true;   // false for a pre-authorisation, which only reserves
};

// The type comes from txnType, the sign from it too. The direction of the settled amount must fit: where it doesn't,
// and where txnType is one we don't know (then the direction gives the sign, and the type is adjustment), the line's
// status is abnormal, which puts it into review. Refused: another merchant's row, an amount that is zero or no
// number, a day that doesn't exist, a row without a query id.
core::Result<SettlementRow, RowProblem> read_zm_row(std::string_view row, const SettlementDay& settlement,
                                                    const ChannelContext& context);

// A row of the disputes' file: an adjustment without order number or query id. Its original is to be found by
// "orig_trace_no", "orig_trace_time" and "orig_settle_date". No sample of such a file is public, so a row that doesn't
// read is a warning of the caller's and no refusal of the whole day.
core::Result<StatementLine, RowProblem> read_zme_row(std::string_view row, const SettlementDay& settlement,
                                                     const ChannelContext& context);

}  // namespace payments::unionpay
