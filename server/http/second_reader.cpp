#include "server/http/second_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace server::http {
namespace {

namespace beast = boost::beast;

using Field = std::pair<std::string_view, std::string_view>;
using Parser = beast::http::request_parser<beast::http::empty_body>;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

// Sorted, because Beast puts fields of one name next to each other.
bool same_fields(std::vector<Field> ours, std::vector<Field> theirs) {
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    return ours == theirs;
}

std::vector<Field> fields_of(const Parser& parser) {
    std::vector<Field> fields;
    for (const auto& field : parser.get()) {
        fields.emplace_back(view(field.name_string()), view(field.value()));
    }
    return fields;
}

}  // namespace

bool second_reader_agrees(std::string_view received, const Head& head) {
    Parser parser;
    parser.header_limit(std::numeric_limits<std::uint32_t>::max());
    parser.body_limit(std::numeric_limits<std::uint64_t>::max());  // the head alone is read; the server limits bodies
    beast::error_code error;
    const std::size_t used = parser.put(boost::asio::buffer(received.data(), received.size()), error);
    if (error || !parser.is_header_done() || used != received.size()) {
        return false;
    }
    const auto& request = parser.get();
    const std::string_view method = head.head_only ? "HEAD" : std::string_view(head.request.method);
    const std::vector<Field> ours(head.request.headers.begin(), head.request.headers.end());
    return view(request.method_string()) == method && view(request.target()) == head.request.target &&
           request.version() == (head.http_1_1 ? 11U : 10U) && same_fields(ours, fields_of(parser));
}

}  // namespace server::http
