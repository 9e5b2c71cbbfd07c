// A second opinion on every head: Boost.Beast's parser.
//
// Our own reader decides, since it refuses more and knows why. But a request that two careful readers understand
// differently is one that a proxy in front may understand differently too, so it is not served.
#pragma once

#include <string_view>

#include "server/http/head.h"

namespace server::http {

// Whether Beast reads the same method, target, version and fields out of the bytes. `received` is a complete head.
bool second_reader_agrees(std::string_view received, const Head& head);

}  // namespace server::http
