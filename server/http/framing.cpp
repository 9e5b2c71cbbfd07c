#include <algorithm>
#include <charconv>
#include <string_view>

#include "server/http/characters.h"
#include "server/http/head.h"

namespace server::http {
namespace {

using Check = std::optional<Refusal>;

// Longer than any length that fits 64 bits for sure; a reader that wraps around would see another number.
constexpr std::size_t kLengthDigitsMax = 18;

std::size_t count(const Headers& headers, std::string_view name) {
    return static_cast<std::size_t>(std::count_if(
        headers.begin(), headers.end(), [&](const auto& field) { return equal_ignoring_case(field.first, name); }));
}

// Whether one of the comma-separated members of any field of that name is `wanted`.
bool lists(const Headers& headers, std::string_view name, std::string_view wanted) {
    for (const auto& [field, value] : headers) {
        if (!equal_ignoring_case(field, name)) {
            continue;
        }
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            auto member = rest.substr(0, comma);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
            member.remove_prefix(std::min(member.find_first_not_of(' '), member.size()));
            member = member.substr(0, member.find_last_not_of(' ') + 1);
            if (equal_ignoring_case(member, wanted)) {
                return true;
            }
        }
    }
    return false;
}

bool is_host(std::string_view host) {
    constexpr std::string_view kOther = "-._~!$&'()*+;=:[]%";
    return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
        return is_digit(c) || is_letter(c) || kOther.find(c) != std::string_view::npos;
    });
}

Check check_host(const Head& head) {
    const std::size_t hosts = count(head.request.headers, "Host");
    if (hosts > 1) {
        return Refusal{400, "Host is there twice"};
    }
    if (hosts == 0) {
        return head.http_1_1 ? Check(Refusal{400, "Host is missing"}) : std::nullopt;
    }
    return is_host(*head.request.header("Host")) ? std::nullopt : Check(Refusal{400, "Host is malformed"});
}

// Sets whether the request is chunked. "Chunked" is as good as "chunked"; a list of codings is not.
Check check_transfer_encoding(const Head& head, bool& chunked) {
    const std::size_t codings = count(head.request.headers, "Transfer-Encoding");
    if (codings == 0) {
        return std::nullopt;
    }
    if (count(head.request.headers, "Content-Length") > 0) {
        return Refusal{400, "Content-Length and Transfer-Encoding exclude each other"};
    }
    if (!head.http_1_1 || codings > 1 || !equal_ignoring_case(*head.request.header("Transfer-Encoding"), "chunked")) {
        return Refusal{400, "the Transfer-Encoding is not one that is understood"};
    }
    chunked = true;
    return std::nullopt;
}

// Digits without sign, blank, list or leading zero: nothing that another reader could take for another number.
std::optional<std::uint64_t> plain_number(std::string_view text) {
    if (text.empty() || text.size() > kLengthDigitsMax || (text.size() > 1 && text.front() == '0') ||
        !std::all_of(text.begin(), text.end(), is_digit)) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

Check check_length_field(Head& head) {
    const std::size_t lengths = count(head.request.headers, "Content-Length");
    if (lengths == 0) {
        return std::nullopt;
    }
    if (lengths > 1) {
        return Refusal{400, "Content-Length is there twice"};
    }
    head.request.content_length = plain_number(*head.request.header("Content-Length"));
    return head.request.content_length ? std::nullopt : Check(Refusal{400, "Content-Length is not a plain number"});
}

bool brings_body(std::string_view method) { return method == "POST" || method == "PUT" || method == "PATCH"; }

Check check_size(Head& head, const HeadLimits& limits, bool chunked) {
    if (chunked || (brings_body(head.request.method) && !head.request.content_length)) {
        return Refusal{411, "Content-Length is required"};
    }
    head.body_bytes = head.request.content_length.value_or(0);
    if (!brings_body(head.request.method) && head.body_bytes > 0) {
        return Refusal{400, "the method takes no body"};
    }
    return head.body_bytes > limits.body_bytes_max ? Check(Refusal{413, "the body is too large"}) : std::nullopt;
}

// HTTP/1.0 knows no interim answers, so there an expectation is ignored (RFC 9110, 10.1.1).
Check check_expectation(Head& head) {
    const std::size_t expectations = count(head.request.headers, "Expect");
    if (expectations == 0 || !head.http_1_1) {
        return std::nullopt;
    }
    if (expectations > 1 || !equal_ignoring_case(*head.request.header("Expect"), "100-continue")) {
        return Refusal{417, "the expectation is not one that can be met"};
    }
    head.expects_continue = head.body_bytes > 0;
    return std::nullopt;
}

void settle_keep_alive(Head& head) {
    const auto& headers = head.request.headers;
    const bool wanted = head.http_1_1 || lists(headers, "Connection", "keep-alive");
    head.keep_alive = wanted && !lists(headers, "Connection", "close");
}

}  // namespace

std::optional<Refusal> settle_framing(Head& head, const HeadLimits& limits) {
    bool chunked = false;
    Check refusal = check_host(head);
    if (!refusal) {
        refusal = check_transfer_encoding(head, chunked);
    }
    if (!refusal) {
        refusal = check_length_field(head);
    }
    if (!refusal) {
        refusal = check_size(head, limits, chunked);
    }
    if (!refusal) {
        refusal = check_expectation(head);
    }
    settle_keep_alive(head);
    return refusal;
}

}  // namespace server::http
