// The request target: only origin-form, and only spelled in one way.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "server/http/refusal.h"

namespace server::http {

struct Target {
    std::string path;   // decoded, valid UTF-8, no control characters, no empty, "." or ".." segment
    std::string query;  // as sent, without '?'
};

// Reads "/a/b%20c?q" (RFC 9112, 3.2.1). Refused with 400 is what two readers could take for different paths: other
// forms of target, bad escapes, escaped or doubled slashes, backslashes, NUL, dot segments, '#', bytes beyond ASCII.
core::Result<Target, Refusal> read_target(std::string_view target);

}  // namespace server::http
