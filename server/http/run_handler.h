// A handler's answer, whatever becomes of the handler.
#pragma once

#include <exception>

#include "server/http/server.h"

namespace server::http {

// What is thrown becomes 503 with Retry-After where trying again may help, else 500, and a line in the log that quotes
// no data.
void run_handler(Handler& handler, const std::shared_ptr<const Request>& request, const Responder& respond);
// The same for a handler that learns of a failure after begin().
Response answer_to_failure(Handler& handler, std::string_view path, const std::exception_ptr& failure);
std::optional<Response> run_before_body(Handler& handler, const RequestHead& head);

// The answer to a request that is refused, in the handler's form; 503 says when to come again.
Response refusal_answer(Handler& handler, int status, std::string_view path, std::string_view reason);

}  // namespace server::http
