// Reads a head the way a connection does, for tests.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "server/http/head_reader.h"

namespace reading {

inline constexpr server::http::HeadLimits kLimits{2048, 512, 20, 1000};

// All of it, in pieces of `step` bytes; the first refusal, whichever stage has it.
inline core::Result<server::http::Head, server::http::Refusal> head_of(std::string_view bytes,
                                                                       std::size_t step = std::string_view::npos) {
    server::http::HeadReader reader(kLimits);
    for (std::size_t end = 0; end < bytes.size();) {
        end += std::min(step, bytes.size() - end);
        const auto progress = reader.read(bytes.substr(0, end));
        if (!progress) {
            return core::Refused{progress.error()};
        }
        if (*progress == server::http::HeadReader::Progress::complete) {
            auto head = reader.take();
            const auto refusal = settle_framing(head, kLimits);
            if (refusal) {
                return core::Refused{*refusal};
            }
            return head;
        }
    }
    return core::Refused{server::http::Refusal{0, "incomplete"}};
}

// The status a request is refused with, 200 when it is taken, 0 when more is needed.
inline int status_of(std::string_view bytes, std::size_t step = std::string_view::npos) {
    const auto head = head_of(bytes, step);
    return head ? 200 : head.error().status;
}

inline std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}

}  // namespace reading
