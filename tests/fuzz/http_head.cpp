// The head of a request and its target, read whole and in pieces.
#include <algorithm>
#include <string>

#include "core/text/encoding.h"
#include "server/callback_path.h"
#include "server/http/characters.h"
#include "server/http/head_reader.h"
#include "server/http/second_reader.h"
#include "server/http/target.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace server::http;
using Progress = HeadReader::Progress;

constexpr HeadLimits kWide{16U << 10U, 8U << 10U, 100, 1U << 20U};
constexpr HeadLimits kNarrow{256, 40, 4, 50};

struct Verdict {
    std::optional<Refusal> refusal;
    bool complete = false;
    std::size_t size = 0;
    Head head;
};

Verdict read(std::string_view bytes, std::size_t step, const HeadLimits& limits) {
    HeadReader reader(limits);
    for (std::size_t end = 0; end < bytes.size();) {
        end += std::min(step, bytes.size() - end);
        const auto progress = reader.read(bytes.substr(0, end));
        if (!progress) {
            return {progress.error(), false, 0, {}};
        }
        if (*progress == Progress::complete) {
            const auto size = reader.size();
            return {std::nullopt, true, size, reader.take()};
        }
    }
    return {};
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) {
        text.remove_prefix(1);
    }
    while (text.ends_with(' ')) {
        text.remove_suffix(1);
    }
    return text;
}

// Line by line, what was understood is what stands there, and nothing else stands there.
void check_lines(std::string_view bytes, const Head& head) {
    const auto line = [&] {
        const auto end = bytes.find("\r\n");
        fuzz::promise(end != std::string_view::npos, "every line has an end");
        const auto text = bytes.substr(0, end);
        bytes.remove_prefix(end + 2);
        return text;
    };
    const std::string method = head.head_only ? "HEAD" : head.request.method;
    fuzz::promise(line() == method + " " + head.request.target + (head.http_1_1 ? " HTTP/1.1" : " HTTP/1.0"),
                  "the request line is what was understood");
    for (const auto& [name, value] : head.request.headers) {
        const auto text = line();
        fuzz::promise(text.starts_with(name + ":") && trimmed(text.substr(name.size() + 1)) == value,
                      "a field is what was understood");
        fuzz::promise(std::none_of(value.begin(), value.end(), is_control), "no control character in a value");
    }
    fuzz::promise(line().empty() && bytes.empty(), "the empty line ends the head");
}

void check_target(std::string_view target, const Target& read) {
    fuzz::promise(core::text::is_valid_utf8(read.path) && std::none_of(read.path.begin(), read.path.end(), is_control),
                  "a path is plain text");
    const std::string path = read.path + "/";
    for (const char* never : {"//", "/./", "/../"}) {
        fuzz::promise((read.path.ends_with('/') ? read.path : path).find(never) == std::string::npos,
                      "a path has no empty or dot segment");
    }
    fuzz::promise(read.path.starts_with('/') && read.path.find('\\') == std::string::npos,
                  "a path has one kind of border");
    std::string spelled;
    for (const char c : read.path) {
        spelled += c == '/' ? "/" : core::text::form_encode(std::string_view(&c, 1));
    }
    const auto again = read_target(read.query.empty() ? spelled : spelled + "?" + read.query);
    fuzz::promise(again && again->path == read.path && again->query == read.query, "a path spelled anew is the same");
    fuzz::promise(target.ends_with(read.query), "a query is as it was sent");
    if (const auto callback = server::parse_callback_path(read.path)) {
        const auto joined = "/callbacks/" + std::string(callback->tenant) + "/" + std::string(callback->channel);
        fuzz::promise(joined == read.path && std::count(joined.begin(), joined.end(), '/') == 3,
                      "a callback's path has a tenant and a channel, and nothing else");
    }
}

void check_framing(Head head, const HeadLimits& limits) {
    const auto refusal = settle_framing(head, limits);
    if (refusal) {
        fuzz::promise(refusal->status >= 400 && refusal->status < 500, "a refusal is the client's");
        return;
    }
    const auto count = [&](std::string_view name) {
        return std::count_if(head.request.headers.begin(), head.request.headers.end(),
                             [&](const auto& field) { return equal_ignoring_case(field.first, name); });
    };
    fuzz::promise(head.body_bytes <= limits.body_bytes_max, "a body is no longer than allowed");
    fuzz::promise(count("Transfer-Encoding") == 0 && count("Content-Length") <= 1 && count("Host") <= 1,
                  "nothing says twice where the request ends");
    const auto length = head.request.header("Content-Length");
    fuzz::promise(head.body_bytes == 0 || (length && *length == std::to_string(head.body_bytes)),
                  "the length is the number that stands there");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    if (input.choice(2) == 1) {
        if (const auto target = read_target(input.rest())) {
            check_target(input.rest(), *target);
        }
        return 0;
    }
    const auto& limits = input.choice(2) == 0 ? kWide : kNarrow;
    const auto step = std::size_t{input.choice(16)} + 1;
    const auto whole = read(input.rest(), input.rest().size(), limits);
    const auto pieces = read(input.rest(), step, limits);
    fuzz::promise(whole.complete == pieces.complete && whole.refusal.has_value() == pieces.refusal.has_value() &&
                      whole.size == pieces.size && whole.head.request.headers == pieces.head.request.headers &&
                      whole.head.request.target == pieces.head.request.target,
                  "a head is the same in whatever pieces it comes");
    if (!whole.complete) {
        return 0;
    }
    const auto bytes = input.rest().substr(0, whole.size);
    fuzz::promise(bytes.size() <= limits.head_bytes_max && whole.head.request.headers.size() <= limits.fields_max &&
                      whole.head.request.target.size() <= limits.target_bytes_max,
                  "a head is no larger than allowed");
    check_lines(bytes, whole.head);
    check_target(whole.head.request.target, {whole.head.request.path, whole.head.request.query});
    check_framing(whole.head, limits);
    if (second_reader_agrees(bytes, whole.head)) {
        auto other = whole.head;
        other.request.headers.emplace_back("X-Smuggled", "1");
        fuzz::promise(!second_reader_agrees(bytes, other), "the second reader reads for itself");
    }
    return 0;
}
