// Why a request is refused at the edge.
#pragma once

#include <string_view>

namespace server::http {

struct Refusal {
    int status;
    std::string_view reason;  // constant text, for the log and the answer; never anything that was sent

    bool operator==(const Refusal&) const = default;
};

}  // namespace server::http
