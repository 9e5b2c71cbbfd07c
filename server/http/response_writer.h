// A response as bytes.
#pragma once

#include <optional>
#include <string>

#include "core/time.h"
#include "server/http/message.h"

namespace server::http {

struct Framing {
    bool head_only = false;   // the answer to HEAD
    bool keep_alive = false;  // else "Connection: close"
};

// The head with its empty line. The server's own fields (Content-Length, Date, Connection) stand here whatever the
// response says; X-Content-Type-Options is nosniff unless the response says otherwise. A field that could not be told
// from the lines around it, or a status that ends no request, is a broken rule.
std::string write_head(const Response& response, const Framing& framing, core::Instant now);

// Whether the body follows the head: not for HEAD, 204 and 304.
bool has_body(const Response& response, const Framing& framing);

// "Sun, 22 Nov 2026 08:49:37 GMT"
std::string http_date(core::Instant instant);

}  // namespace server::http
