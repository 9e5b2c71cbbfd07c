// What an authentic callback says: envelope, decryption, and the resource's shapes (spec 1.6 to 1.8).
#pragma once

#include <string_view>

#include "core/result.h"
#include "payments/channel.h"
#include "payments/channels/wechatpay/options.h"

namespace payments::wechatpay {

// `body` is what `verifier` has signed. Payments (direct, partner, combined) and refunds become transactions; events
// that move no money of ours (profit sharing, complaints, events not known here) are accepted with none, since
// WeChat Pay would send a refused one fifteen times more.
//
// unauthentic: resource_not_decryptable. All other refusals are bad_content:
//   body_empty, body_too_large, body_not_utf8, body_not_json, body_key_repeated, body_too_deep   (resource_... too)
//   envelope_incomplete, resource_shape_unknown, identifier_malformed, merchant_differs, sub_merchant_differs,
//   app_id_differs, amount_malformed, amount_out_of_range, currency_unknown, time_malformed
core::Result<CallbackMessage, CallbackRefusal> read_notification(std::string_view body, const Verifier& verifier,
                                                                 const Options& options, const ChannelContext& context);

}  // namespace payments::wechatpay
