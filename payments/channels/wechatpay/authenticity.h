// Is a callback from WeChat Pay? Judged over the raw bytes, before anything in them is read (spec 1.1 to 1.5).
#pragma once

#include "core/result.h"
#include "payments/channel.h"
#include "payments/channels/wechatpay/options.h"

namespace payments::wechatpay {

// The verifier whose signature holds, or why not, in the order in which it is looked for:
//   header_missing, header_repeated   one of the signature's headers is absent or empty, or there twice
//   timestamp_malformed               anything but digits
//   timestamp_stale                   300 s or more from `received_at`, in the past or in the future
//   key_unknown                       no verifier is called what Wechatpay-Serial says
//   signature_type_unexpected         not the algorithm of that key: the message does not choose it
//   certificate_not_valid             `received_at` is outside the platform certificate's validity
//   signature_probe                   wrong on purpose (WECHATPAY/SIGNTEST/): refused, but no sign of an attack
//   signature_malformed, signature_wrong
// Always `unauthentic`. The pointer is into `verifiers`.
core::Result<const Verifier*, CallbackRefusal> authenticate(const CallbackRequest& request, const Verifiers& verifiers);

}  // namespace payments::wechatpay
