// What was answered to each Idempotency-Key: the same request again gets the same answer, for ever, and acts once.
//
//   I1  The answer is a row of the transaction that acted. Who asks under the same key at the same time waits for it.
//   I2  What was refused is not remembered: nothing was done, and the key is free for the corrected request.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/db/trip.h"
#include "core/ids.h"
#include "core/time.h"
#include "server/http/message.h"

namespace server::api {

struct GivenAnswer {
    std::string request_sha256;  // of method, path and body
    int status;
    std::string location;  // empty for none
    std::string body;
};

// The answer to the same request again. Throws Refusal when it was another request.
http::Response again(const GivenAnswer& given, const std::string& request_sha256);
GivenAnswer given(const http::Response& response, std::string request_sha256);

struct AnswerKey {
    core::TenantId tenant;
    std::string key;
    auto operator<=>(const AnswerKey&) const = default;
};

// A part of a trip, before its others: until the transaction's end nobody else acts under these keys. What was answered
// to them, if anything.
class AnswersQuestion {
public:
    AnswersQuestion(core::db::Trip& trip, const std::set<AnswerKey>& keys);
    std::map<AnswerKey, GivenAnswer> given(const core::db::Trip& trip) const;

private:
    std::size_t place_;
};

struct NewAnswer {
    AnswerKey key;
    GivenAnswer answer;
    core::Instant answered_at;
};
void remember_answers(core::db::Trip& trip, const std::vector<NewAnswer>& answers);

}  // namespace server::api
