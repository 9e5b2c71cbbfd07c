// What a verified notification says (specification, section 3), in the product's words.
#pragma once

#include "core/result.h"
#include "payments/channel.h"
#include "payments/channels/unionpay/message.h"

namespace payments::unionpay {

// `fields` are authentic and of this merchant. Refused as bad_content: a movement whose amount, currency, order
// number, query id or dates are missing or impossible. Transactions that move no money have no transactions.
//
// - The business day is `settleDate` as told; it is derived from the time, with date_rank 0, only where UnionPay says
//   none (a failed or open transaction).
// - A refund or cancel names its payment by `origQryId` alone, so its merchant_order_id stays empty.
// - Only an allow-list of fields is kept: no accNo, no customerInfo, no merchant's own data.
core::Result<CallbackMessage, CallbackRefusal> read_notification(const Fields& fields, const ChannelContext& context);

}  // namespace payments::unionpay
