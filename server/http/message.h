// HTTP messages as the handlers see them: plain values, whatever library reads the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace server::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

// What is known before the body is read. `target` as sent ("/callbacks/acme/stripe?x=1"), `path` decoded without query.
struct RequestHead {
    std::string method;  // upper case
    std::string target;
    std::string path;
    std::string query;  // raw, without '?'
    Headers headers;    // names as sent
    std::optional<std::uint64_t> content_length;
    std::string remote;  // address for the log; never a reason to trust

    // The value by case-insensitive name; nothing when absent or there twice.
    std::optional<std::string_view> header(std::string_view name) const;
};

struct Request {
    RequestHead head;
    std::string body;
};

struct Response {
    int status = 200;
    Headers headers;  // Content-Length, Date and Connection are the server's business
    std::string body;

    static Response text(int status, std::string body);
    static Response json(int status, std::string body);
    // RFC 9457. `detail` says nothing an attacker can use.
    static Response problem(int status, std::string_view title, std::string_view detail = {});
};

std::string_view reason_phrase(int status);

}  // namespace server::http
