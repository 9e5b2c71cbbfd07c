// Where in a structure a number stands: by the structure's own signs directly at it, never by text nearby.
#include <algorithm>
#include <array>

#include "audit/impl/scan_window.h"

namespace audit::impl {
namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kColumnsMax = 256;
constexpr std::size_t kRowMax = 4096;

bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
}

// The name that ends at `end`.
std::string_view name_before(std::string_view text, std::size_t end) {
    std::size_t begin = end;
    while (begin > 0 && end - begin < kNameMax && is_name(text[begin - 1])) {
        --begin;
    }
    return text.substr(begin, end - begin);
}

// "name" : "value" or "name": 123, the quotes perhaps escaped, since JSON stands in JSON.
std::string_view json_field(std::string_view text, std::size_t begin, std::size_t end) {
    std::size_t at = begin;
    const bool quoted = at > 0 && text[at - 1] == '"';
    if (quoted != (end < text.size() && (text[end] == '"' || text.substr(end).starts_with("\\\"")))) {
        return {};
    }
    at -= quoted ? 1 : 0;
    const auto pass_back = [&](char c) {
        const bool there = at > 0 && text[at - 1] == c;
        at -= there ? 1 : 0;
        return there;
    };
    if (quoted) {
        pass_back('\\');
    }
    while (pass_back(' ')) {
    }
    if (!pass_back(':')) {
        return {};
    }
    while (pass_back(' ')) {
    }
    if (!pass_back('"')) {
        return {};
    }
    pass_back('\\');
    return name_before(text, at);
}

// <name>value</name> or <name><![CDATA[value]]></name>
std::string_view xml_field(std::string_view text, std::size_t begin, std::size_t end) {
    constexpr std::string_view kData = "<![CDATA[";
    std::size_t at = begin;
    if (at >= kData.size() && text.substr(at - kData.size(), kData.size()) == kData &&
        text.substr(end).starts_with("]]>")) {
        at -= kData.size();
    } else if (end >= text.size() || text[end] != '<') {
        return {};
    }
    if (at == 0 || text[at - 1] != '>') {
        return {};
    }
    const auto name = name_before(text, at - 1);
    const bool opens = !name.empty() && at >= name.size() + 2 && text[at - name.size() - 2] == '<';
    return opens ? name : std::string_view();
}

// &name=value& in a query or a form.
std::string_view form_field(std::string_view text, std::size_t begin, std::size_t end) {
    if (begin == 0 || text[begin - 1] != '=') {
        return {};
    }
    const auto name = name_before(text, begin - 1);
    const std::size_t at = begin - 1 - name.size();
    const bool opens = at > 0 && (text[at - 1] == '&' || text[at - 1] == '?');
    const bool closes = end < text.size() && text[end] == '&';
    return opens || closes ? name : std::string_view();
}

std::string_view trimmed(std::string_view cell) {
    constexpr std::string_view kAround = " \t\r\"'`\xEF\xBB\xBF";
    const auto begin = cell.find_first_not_of(kAround);
    return begin == std::string_view::npos ? std::string_view()
                                           : cell.substr(begin, cell.find_last_not_of(kAround) - begin + 1);
}

}  // namespace

std::string_view field_around(std::string_view text, std::size_t begin, std::size_t end) {
    if (const auto name = json_field(text, begin, end); !name.empty()) {
        return name;
    }
    if (const auto name = xml_field(text, begin, end); !name.empty()) {
        return name;
    }
    return form_field(text, begin, end);
}

bool is_id_field(std::string_view name) {
    constexpr std::array<std::string_view, 16> kEnds = {
        "transactionid", "outtradeno", "outrefundno", "refundid", "queryid",   "orderid", "orderno",  "orderno.",
        "tradeno",       "txnid",      "requestid",   "traceid",  "messageid", "entryid", "serialno", "outbatchno"};
    std::string plain;
    for (const char c : name) {
        if (c != '_' && c != '-') {
            plain.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
        }
    }
    constexpr std::array<std::string_view, 5> kChinese = {"微信订单号", "商户订单号", "微信退款单号", "商户退款单号",
                                                          "交易流水号"};
    return std::any_of(kEnds.begin(), kEnds.end(), [&](std::string_view end) { return plain.ends_with(end); }) ||
           std::find(kChinese.begin(), kChinese.end(), name) != kChinese.end();
}

Columns columns_of(std::string_view first_line) {
    Columns columns;
    for (const char separator : {',', '\t', ';', '|'}) {
        const auto cells = static_cast<std::size_t>(std::count(first_line.begin(), first_line.end(), separator)) + 1;
        if (cells >= 2 && cells <= kColumnsMax) {
            columns.separator = separator;
            break;
        }
    }
    if (columns.separator == 0) {
        return columns;
    }
    while (true) {
        const auto end = first_line.find(columns.separator);
        const auto name = trimmed(first_line.substr(0, end));
        const bool has_value = name.size() > kNameMax || std::any_of(name.begin(), name.end(), [](char c) {
                                   return c == '{' || c == '<' || c == '=' || c == ':';
                               });
        if (has_value || (!name.empty() && name.front() >= '0' && name.front() <= '9')) {
            return {};  // a row or a text, not names
        }
        columns.names.emplace_back(name);
        if (end == std::string_view::npos) {
            return columns;
        }
        first_line.remove_prefix(end + 1);
    }
}

std::string_view column_around(const Columns& columns, std::string_view text, std::size_t begin, std::size_t end) {
    if (columns.separator == 0) {
        return {};
    }
    // A tick or a quote may stand beside the number.
    const bool marked = begin > 0 && (text[begin - 1] == '`' || text[begin - 1] == '"' || text[begin - 1] == '\'');
    const bool closed = end < text.size() && (text[end] == '"' || text[end] == '\'');
    const std::size_t left = begin - (marked ? 1 : 0);
    const std::size_t right = end + (closed ? 1 : 0);
    const bool opens = left == 0 || text[left - 1] == columns.separator || text[left - 1] == '\n';
    const bool closes =
        right >= text.size() || text[right] == columns.separator || text[right] == '\n' || text[right] == '\r';
    if (!opens || !closes) {
        return {};
    }
    std::size_t column = 0;
    bool in_quotes = false;
    for (std::size_t at = left; at > 0 && text[at - 1] != '\n'; --at) {
        if (left - at > kRowMax) {
            return {};
        }
        in_quotes = in_quotes != (text[at - 1] == '"');
        column += !in_quotes && text[at - 1] == columns.separator ? 1 : 0;
    }
    return column < columns.names.size() ? std::string_view(columns.names[column]) : std::string_view();
}

}  // namespace audit::impl
