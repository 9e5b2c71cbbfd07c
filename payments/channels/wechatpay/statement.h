// A day's statement: one ALL bill, or the SUCCESS and the REFUND bill together (spec 3.1 to 3.4).
#pragma once

#include <vector>

#include "core/result.h"
#include "payments/channel.h"
#include "payments/channels/wechatpay/merchant.h"

namespace payments::wechatpay {

// Files come plain, as .gz or in a .zip. Refuses, beside what read_trade_bill() refuses: a damaged archive, a
// fund-flow bill (that is read_fund_flow()'s), and bills that cover the same transactions twice.
core::Result<Statement, StatementRefusal> read_wechatpay_statement(const std::vector<StatementFile>& files,
                                                                   core::BusinessDay day, const Merchant& merchant,
                                                                   const ChannelContext& context, RowPick pick,
                                                                   const LineTaker& take);

}  // namespace payments::wechatpay
