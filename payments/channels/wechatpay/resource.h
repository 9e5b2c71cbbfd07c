// The decrypted resource as movements of money (spec 1.8). Its shape decides what it is, since sources disagree on
// the event types that profit sharing comes with.
#pragma once

#include <string_view>
#include <vector>

#include "core/money.h"
#include "core/result.h"
#include "payments/channel.h"
#include "payments/channels/wechatpay/envelope.h"
#include "payments/channels/wechatpay/options.h"

namespace payments::wechatpay {

// WeChat Pay's own states in the product's words. A state unknown here is abnormal: a person looks at it.
TransactionStatus status_of_trade_state(std::string_view state);
TransactionStatus status_of_refund_status(std::string_view status);

// The transactions of a payment or refund event; none for every other event and for profit sharing.
// A payment's amount is amount.total (total_amount in a combined order), what the order asked for before coupons; a
// refund's is amount.refund, negative. All reasons are bad_content.
core::Result<std::vector<Transaction>, CallbackRefusal> read_resource(const Envelope& envelope, const Options& options,
                                                                      const ChannelContext& context);

}  // namespace payments::wechatpay
