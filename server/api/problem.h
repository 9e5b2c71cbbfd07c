// What the API refuses: RFC 9457, with the field that is to blame where it is one.
#pragma once

#include <string>

#include "core/failure.h"
#include "server/http/message.h"

namespace server::api {

// Thrown by whoever finds out; answered in one place. Quotes no data that wasn't redacted.
class Refusal : public core::InputError {
public:
    // `kind` is constant: the end of the problem's type, "urn:duizhang:problem:order-differs"; empty: about:blank.
    Refusal(int status, std::string kind, const std::string& detail, std::string field = {})
        : InputError(detail), status_(status), kind_(std::move(kind)), field_(std::move(field)) {}

    int status() const noexcept { return status_; }
    http::Response answer() const;

private:
    int status_;
    std::string kind_;
    std::string field_;
};

Refusal not_found();
Refusal bad_field(const std::string& field, const std::string& what);

}  // namespace server::api
