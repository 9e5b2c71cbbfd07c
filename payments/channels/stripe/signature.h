// The Stripe-Signature header (specs, Stripe section 1.2): HMAC-SHA256 over "t.body", keyed with the endpoint's secret.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/secret.h"
#include "core/time.h"

namespace payments::stripe {

// How far the time of signing may lie from ours, in either direction; exactly this far passes. Stripe's own libraries
// let any time in the future pass; a message from the future can be replayed until then, so it is refused here.
inline constexpr std::chrono::seconds kTolerance{300};

// In the order in which they are looked for. A message is only called stale when its signature is right.
enum class SignatureError { malformed, wrong, stale };

// `header` is t=... and at least one v1=..., with commas between; other schemes are read over (v0 is a fake one that
// test events carry). Refused as malformed: beyond 4 KiB, an element without exactly one '=' or with an empty name, no
// t or two of them, a t that isn't 1 to 19 digits, no v1. One v1 that fits one of the secrets is enough.
core::Result<core::Done, SignatureError> verify_signature(std::string_view header, std::string_view body,
                                                          const std::vector<core::KeyBytes>& secrets,
                                                          core::Instant now);

// As Stripe would sign it; for simulators and tests.
std::string signature_header(std::string_view body, const core::KeyBytes& secret, core::Instant signed_at);

}  // namespace payments::stripe
