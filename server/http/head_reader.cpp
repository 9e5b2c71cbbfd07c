#include "server/http/head_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/http/characters.h"
#include "server/http/target.h"

namespace server::http {
namespace {

constexpr std::array<std::string_view, 7> kMethods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
// The longest method and version with their blanks; with the target's limit that bounds the request line.
constexpr std::size_t kRequestLineExtra = 32;

constexpr Refusal kBadLine{400, "the request line is malformed"};

std::optional<Refusal> check_version(std::string_view version, bool& http_1_1) {
    const bool formed = version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
                        version[6] == '.' && is_digit(version[7]);
    if (!formed) {
        return kBadLine;
    }
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        return Refusal{505, "the version of HTTP is neither 1.1 nor 1.0"};
    }
    http_1_1 = version.back() == '1';
    return std::nullopt;
}

std::string_view without_blanks_around(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

}  // namespace

core::Result<HeadReader::Progress, Refusal> HeadReader::read(std::string_view received) {
    const std::size_t end = std::min(received.size(), limits_.head_bytes_max);
    for (; seen_ < end; ++seen_) {
        const char c = received[seen_];
        if (!take_character(c)) {
            return core::Refused{Refusal{400, "a line end or control character is out of place"}};
        }
        if (c != '\n') {
            continue;
        }
        const auto line = received.substr(line_begin_, seen_ - 1 - line_begin_);
        const bool last = line.empty() && line_begin_ > 0;
        if (const auto refusal = last ? std::nullopt : take_line(line)) {
            return core::Refused{*refusal};
        }
        line_begin_ = seen_ + 1;
        if (last) {
            return Progress::complete;
        }
    }
    return over_limit();
}

core::Result<HeadReader::Progress, Refusal> HeadReader::over_limit() const {
    if (line_begin_ == 0 && seen_ > limits_.target_bytes_max + kRequestLineExtra) {
        return core::Refused{Refusal{414, "the target is too long"}};
    }
    if (seen_ >= limits_.head_bytes_max) {
        return core::Refused{Refusal{431, "the head is too large"}};
    }
    return Progress::more;
}

// H1. What is beyond ASCII may stand in the values of fields, never in the request line.
bool HeadReader::take_character(char c) {
    if (after_cr_ != (c == '\n')) {
        return false;
    }
    after_cr_ = c == '\r';
    return c == '\n' || c == '\r' || (!is_control(c) && (line_begin_ > 0 || (c >= ' ' && c < '\x7f')));
}

std::optional<Refusal> HeadReader::take_line(std::string_view line) {
    return line_begin_ == 0 ? take_request_line(line) : take_field(line);
}

// H2. The version is looked at before the method, so that the preface of HTTP/2 is told what is wrong with it.
std::optional<Refusal> HeadReader::take_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) {
        return kBadLine;
    }
    if (const auto refusal = check_version(line.substr(second + 1), head_.http_1_1)) {
        return refusal;
    }
    if (const auto refusal = take_method(line.substr(0, first))) {
        return refusal;
    }
    return take_target(line.substr(first + 1, second - first - 1));
}

std::optional<Refusal> HeadReader::take_method(std::string_view method) {
    if (method.empty() || !std::all_of(method.begin(), method.end(), is_token)) {
        return kBadLine;
    }
    if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
        return Refusal{501, "the method is not one that is served"};
    }
    head_.head_only = method == "HEAD";
    head_.request.method = head_.head_only ? "GET" : method;
    return std::nullopt;
}

std::optional<Refusal> HeadReader::take_target(std::string_view target) {
    if (target.size() > limits_.target_bytes_max) {
        return Refusal{414, "the target is too long"};
    }
    auto read = read_target(target);
    if (!read) {
        return read.error();
    }
    head_.request.target = target;
    head_.request.path = std::move(read->path);
    head_.request.query = std::move(read->query);
    return std::nullopt;
}

// H3 and H4. A folded line begins with a blank, and a blank is no part of a name.
std::optional<Refusal> HeadReader::take_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    const auto name = line.substr(0, colon);
    if (colon == std::string_view::npos || name.empty() || !std::all_of(name.begin(), name.end(), is_token)) {
        return Refusal{400, "a header field is malformed"};
    }
    const auto value = without_blanks_around(line.substr(colon + 1));
    if (value.find("=?") != std::string_view::npos) {
        return Refusal{400, "a header value is an encoded word"};
    }
    if (head_.request.headers.size() == limits_.fields_max) {
        return Refusal{431, "there are too many header fields"};
    }
    head_.request.headers.emplace_back(name, value);
    return std::nullopt;
}

}  // namespace server::http
