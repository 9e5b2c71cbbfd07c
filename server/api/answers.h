// What was answered to each Idempotency-Key: the same request again gets the same answer, for ever, and acts once.
//
//   I1  The answer is a row of the transaction that acted. Who asks under the same key at the same time waits for it.
//   I2  What was refused is not remembered: nothing was done, and the key is free for the corrected request.
#pragma once

#include <optional>
#include <string>

#include "core/db/database.h"
#include "core/time.h"

namespace server::api {

struct GivenAnswer {
    std::string request_sha256;  // of method, path and body
    int status;
    std::string location;  // empty for none
    std::string body;
};

// Until the transaction's end nobody else acts under this key. What was answered to it, if anything.
std::optional<GivenAnswer> lock_and_find_answer(core::db::TenantTransaction& transaction, const std::string& key);
void remember_answer(core::db::TenantTransaction& transaction, const std::string& key, const GivenAnswer& answer,
                     core::Instant now);

}  // namespace server::api
