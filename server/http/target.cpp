#include "server/http/target.h"

#include <algorithm>
#include <optional>

#include "core/text/encoding.h"
#include "server/http/characters.h"

namespace server::http {
namespace {

core::Refused<Refusal> bad(std::string_view reason) { return core::Refused{Refusal{400, reason}}; }

// The character that the escape at `at` stands for; nothing when it isn't one, or is one that changes how the path
// is cut: a slash or backslash that is data in one reader's eyes and a border in another's, NUL and other controls.
std::optional<char> unescape(std::string_view path, std::size_t at) {
    if (path.size() - at < 3) {
        return std::nullopt;
    }
    const int high = hex_value(path[at + 1]);
    const int low = hex_value(path[at + 2]);
    if (high < 0 || low < 0) {
        return std::nullopt;
    }
    const char c = static_cast<char>(high * 16 + low);
    if (c == '/' || c == '\\' || is_control(c)) {
        return std::nullopt;
    }
    return c;
}

std::optional<std::string> decode(std::string_view path) {
    std::string decoded;
    decoded.reserve(path.size());
    for (std::size_t at = 0; at < path.size(); ++at) {
        if (path[at] == '/' || is_path_character(path[at])) {
            decoded += path[at];
            continue;
        }
        if (path[at] != '%') {
            return std::nullopt;
        }
        const auto c = unescape(path, at);
        if (!c) {
            return std::nullopt;
        }
        decoded += *c;
        at += 2;
    }
    return decoded;
}

// No empty segment but the last, no dot segment. Looked at after decoding, so that %2e%2e is seen for what it is.
bool segments_are_plain(std::string_view path) {
    std::size_t begin = 1;
    while (begin < path.size()) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const auto segment = path.substr(begin, end - begin);
        if (segment.empty() || segment == "." || segment == "..") {
            return false;
        }
        begin = end + 1;
    }
    return true;
}

bool is_visible_query(std::string_view query) {
    return std::all_of(query.begin(), query.end(), [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

}  // namespace

core::Result<Target, Refusal> read_target(std::string_view target) {
    if (target.empty() || target.front() != '/') {
        return bad("the target is not in origin-form");
    }
    const std::size_t mark = target.find('?');
    auto path = decode(target.substr(0, mark));
    if (!path || !core::text::is_valid_utf8(*path)) {
        return bad("the path has a character or an escape that is not allowed");
    }
    if (!segments_are_plain(*path)) {
        return bad("the path has an empty or a dot segment");
    }
    const auto query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
    if (!is_visible_query(query)) {
        return bad("the query has a character that is not allowed");
    }
    return Target{std::move(*path), std::string(query)};
}

}  // namespace server::http
