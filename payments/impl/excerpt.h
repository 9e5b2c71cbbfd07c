// What may be kept of a message that nobody vouches for.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace payments {

// One line, "name=value name=value": of the body's fields (a form's, or a JSON text's at any depth) those that
// tell whose message it claims to be and of what. A list of what is allowed: card numbers, security codes, personal
// data and whatever a forger puts beside them have other names, and of these only their number is kept. Values pass
// `redact`; a long one is its length. Printable ASCII, `bytes_max` at most. A body of another kind, or of more than 64
// KiB, leaves only what it isn't.
std::string excerpt_of(std::string_view body, const std::function<std::string(std::string_view)>& redact,
                       std::size_t bytes_max);

}  // namespace payments
