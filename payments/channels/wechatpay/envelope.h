// The outer JSON of a callback and the decrypted resource inside it (spec 1.6).
#pragma once

#include <string>
#include <string_view>

#include "core/json/reader.h"
#include "core/result.h"
#include "core/time.h"
#include "payments/channel.h"
#include "payments/channels/wechatpay/options.h"

namespace payments::wechatpay {

struct Envelope {
    std::string id;
    std::string event_type;
    std::string original_type;  // may be empty
    core::Instant created_at;
    core::json::Value resource;  // an object
};

// Reads and decrypts; reasons as in notification.h. The cipher follows the kind of key that signed: AES-256-GCM with
// RSA, SM4-GCM with SM2. A message that names another one is not decryptable.
core::Result<Envelope, CallbackRefusal> open_envelope(std::string_view body, const Verifier& verifier,
                                                      const core::KeyBytes& api_v3_key);

// A text that may become an identifier: 1 to 128 bytes, no control characters.
bool is_identifier(std::string_view text);

}  // namespace payments::wechatpay
