#include "server/http/run_handler.h"

#include <algorithm>
#include <exception>
#include <typeinfo>

#include "core/failure.h"
#include "core/log.h"
#include "server/http/characters.h"

namespace server::http {
namespace {

constexpr const char* kRetryAfterSeconds = "5";

bool has_field(const Response& response, std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [&](const auto& field) { return equal_ignoring_case(field.first, name); });
}

// Called while an exception is being handled. Messages of failures name no data (core/failure.h); those of other
// exceptions may, so there only the type is told.
Response answer_to_exception(Handler& handler, std::string_view path) {
    try {
        throw;
    } catch (const core::Failure& failure) {
        core::log_error("request_failed", {{"reason", failure.what()}});
        return failure.retry_may_help() ? refusal_answer(handler, 503, path, "try again later")
                                        : refusal_answer(handler, 500, path, {});
    } catch (const std::exception& exception) {
        core::log_error("request_failed", {{"exception", typeid(exception).name()}});
    } catch (...) {
        core::log_error("request_failed", {{"exception", "of no known type"}});
    }
    return refusal_answer(handler, 500, path, {});
}

}  // namespace

Response answer_to_failure(Handler& handler, std::string_view path, const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (...) {
        return answer_to_exception(handler, path);
    }
}

void run_handler(Handler& handler, const std::shared_ptr<const Request>& request, const Responder& respond) {
    try {
        handler.begin(request, respond);
    } catch (...) {
        try {
            respond(answer_to_exception(handler, request->head.path));
        } catch (const std::exception&) {
            // No memory for an answer either. The last responder to go answers 500 if it can.
        }
    }
}

std::optional<Response> run_before_body(Handler& handler, const RequestHead& head) {
    try {
        return handler.before_body(head);
    } catch (...) {
        return answer_to_exception(handler, head.path);
    }
}

Response refusal_answer(Handler& handler, int status, std::string_view path, std::string_view reason) {
    Response response;
    try {
        response = handler.refused(status, path, reason);
    } catch (...) {
        core::log_error("refusal_failed", {{"status", status}});
        response = Response::problem(status, reason_phrase(status));
    }
    response.status = status;
    if (status == 503 && !has_field(response, "Retry-After")) {
        response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
    }
    return response;
}

bool Handler::is_quick(const Request& /*request*/) { return false; }

void Handler::begin(const std::shared_ptr<const Request>& request, const Responder& respond) {
    respond(handle(*request));
}

Response Handler::refused(int status, std::string_view /*path*/, std::string_view reason) {
    return Response::problem(status, reason_phrase(status), reason);
}

}  // namespace server::http
