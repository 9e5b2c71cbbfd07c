// Keys of requests that go out: whoever carries one out sends its key along, so that it is done once.
#pragma once

#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/time.h"

namespace ledger {

// 64 hex digits: SHA-256 over the tenant, what is asked for (a payout's number), the time in milliseconds and a nonce
// that is drawn for this request alone, each with its length before it, so that no two ways of cutting them are the
// same. Without the nonce nobody can tell the key beforehand.
std::string make_request_key(const core::TenantId& tenant, std::string_view order, core::Instant at,
                             std::string_view nonce);

}  // namespace ledger
