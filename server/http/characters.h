// The character classes of RFC 9110 and RFC 3986, for ASCII and whatever the locale.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace server::http {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
constexpr bool is_control(char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; }

// What names of methods and header fields are made of (RFC 9110, 5.6.2).
constexpr bool is_token(char c) {
    constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
    return is_digit(c) || is_letter(c) || kOther.find(c) != std::string_view::npos;
}

// pchar of RFC 3986 without '%': what stands for itself in a segment of a path.
constexpr bool is_path_character(char c) {
    constexpr std::string_view kOther = "-._~!$&'()*+,;=:@";
    return is_digit(c) || is_letter(c) || kOther.find(c) != std::string_view::npos;
}

constexpr char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return to_lower(x) == to_lower(y); });
}

// The value of a hexadecimal digit, -1 for anything else.
constexpr int hex_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace server::http
