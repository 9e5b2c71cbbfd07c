// The head of a request as the edge understands it: what the handlers see, and what decides where the request ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "server/http/message.h"
#include "server/http/refusal.h"

namespace server::http {

struct HeadLimits {
    std::size_t head_bytes_max;    // the whole head with its empty line; beyond: 431
    std::size_t target_bytes_max;  // beyond: 414
    std::size_t fields_max;        // beyond: 431
    std::size_t body_bytes_max;    // what Content-Length may announce; beyond: 413
};

struct Head {
    RequestHead request;
    bool http_1_1 = true;    // else 1.0; nothing else gets this far
    bool head_only = false;  // HEAD: shown to the handler as GET, answered without a body
    std::uint64_t body_bytes = 0;
    bool keep_alive = false;
    bool expects_continue = false;
};

// Sets the last three fields of a head from its header fields, or says why they can't be trusted. In this order:
//   400  Host missing or doubled; Content-Length doubled or not plain digits; Transfer-Encoding on HTTP/1.0, doubled,
//        beside Content-Length or other than "chunked"; a body on a method that has none
//   411  chunked, or no Content-Length on a method that brings a body
//   413  more announced than the limit
//   417  an expectation other than 100-continue
// A length that two readers could take differently is how a request is smuggled past a proxy (RFC 9112, 11.2).
std::optional<Refusal> settle_framing(Head& head, const HeadLimits& limits);

}  // namespace server::http
