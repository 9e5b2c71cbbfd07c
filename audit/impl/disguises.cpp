#include <algorithm>

#include "audit/needles.h"
#include "core/crypto/encoding.h"

namespace audit {
namespace {

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

std::string utf16(std::string_view text, bool big) {
    std::string units;
    for (const char c : text) {
        units += big ? std::string{'\0', c} : std::string{c, '\0'};
    }
    return units;
}

std::string percent(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += "%" + core::crypto::hex_encode(std::string_view(&c, 1));
    }
    return out;
}

std::string full_width(std::string_view digits) {
    std::string out;
    for (const char c : digits) {
        out += "\xEF\xBC";
        out += static_cast<char>(0x90 + (c - '0'));
    }
    return out;
}

std::string grouped(std::string_view digits, char separator) {
    std::string out;
    for (std::size_t at = 0; at < digits.size(); at += 4) {
        out += at == 0 ? "" : std::string(1, separator);
        out += digits.substr(at, 4);
    }
    return out;
}

// Of the text with `before` unknown bytes before it: the characters that follow from the text alone.
std::string base64_behind(std::string_view text, std::size_t before) {
    const std::size_t first = (before * 8 + 5) / 6;
    const std::size_t last = (before + text.size()) * 8 / 6;
    return core::crypto::base64_encode(std::string(before, '\0') + std::string(text)).substr(first, last - first);
}

}  // namespace

std::vector<Disguise> disguises_of(std::string_view text) {
    const auto hex = core::crypto::hex_encode(text);
    std::vector<Disguise> ways = {{"plain", std::string(text)},
                                  {"utf-16le", utf16(text, false)},
                                  {"utf-16be", utf16(text, true)},
                                  {"hex", hex},
                                  {"url", percent(text)}};
    if (upper(hex) != hex) {
        ways.push_back({"hex", upper(hex)});
    }
    for (std::size_t before = 0; before < 3; ++before) {
        ways.push_back({"base64", base64_behind(text, before)});
    }
    if (std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        ways.push_back({"grouped", grouped(text, ' ')});
        ways.push_back({"grouped", grouped(text, '-')});
        ways.push_back({"full-width", full_width(text)});
    }
    return ways;
}

}  // namespace audit
