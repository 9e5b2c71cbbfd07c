// One trade bill as statement lines and totals (spec 3.4).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "payments/channel.h"
#include "payments/channels/wechatpay/bill_text.h"
#include "payments/channels/wechatpay/columns.h"
#include "payments/channels/wechatpay/merchant.h"

namespace payments::wechatpay {

struct TradeBill {
    Layout layout;
    std::uint64_t lines = 0;         // taken
    std::vector<TotalCheck> totals;  // one for each total that the summary states, in its order
    std::vector<std::string> warnings;
};

// Payments have 订单金额 (总金额 in the legacy layout), refunds 申请退款金额 (退款金额), negative; fees are rounded
// half up to the currency's minor unit, with a warning, where the bill is finer than that. A REVOKED row is a payment
// whose status is revoked; states unknown here are abnormal. Every row must be the merchant's and of `day` in
// Asia/Shanghai. Rows of sub-merchants that aren't the tenant's are left out with a warning, and part of the totals.
// Identifiers pass through context.redact; the user's openid and the merchant's texts are not kept. The lines that
// `take` gets have no file_index and no member yet.
core::Result<TradeBill, BillFault> read_trade_bill(std::string_view text, core::BusinessDay day,
                                                   const Merchant& merchant, const ChannelContext& context,
                                                   RowPick& pick, const LineTaker& take);

}  // namespace payments::wechatpay
