// Numbers in other clothes: hexadecimal, base64, escapes of URLs, JSON and XML, UTF-16, full-width digits. Each takes
// the text around off, with the origin of every byte, and looks through what comes out.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "audit/impl/scan_window.h"

namespace audit::impl {
namespace {

constexpr unsigned kDepthMax = 3;
constexpr std::size_t kBack = 256;      // how far before a trigger decoding begins
constexpr std::size_t kForward = 1024;  // and how far behind it goes
constexpr std::size_t kOverlap = 160;   // what the next window sees again: the longest way to write a number

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char folded = static_cast<char>(c | 0x20);
    return folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

std::optional<unsigned> number(std::string_view text, unsigned base) {
    unsigned value = 0;
    for (const char c : text) {
        const int digit = hex_value(c);
        if (digit < 0 || static_cast<unsigned>(digit) >= base) {
            return std::nullopt;
        }
        value = value * base + static_cast<unsigned>(digit);
    }
    return text.empty() ? std::nullopt : std::optional(value);
}

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+' || c == '-') {
        return 62;
    }
    return c == '/' || c == '_' ? 63 : -1;
}

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

void append(Window::Decoded& decoded, unsigned code, std::size_t origin) {
    if (code < 0x80) {
        decoded.text.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
        decoded.text.push_back(static_cast<char>(0xC0U | (code >> 6U)));
        decoded.text.push_back(static_cast<char>(0x80U | (code & 0x3FU)));
    } else {
        decoded.text.push_back(static_cast<char>(0xE0U | ((code >> 12U) & 0x0FU)));
        decoded.text.push_back(static_cast<char>(0x80U | ((code >> 6U) & 0x3FU)));
        decoded.text.push_back(static_cast<char>(0x80U | (code & 0x3FU)));
    }
    decoded.origin.resize(decoded.text.size(), origin);
}

struct Escape {
    unsigned code;
    std::size_t size;
    std::string_view encoding;
};

std::optional<Escape> entity(std::string_view text) {
    const auto end = text.substr(0, 9).find(';');
    if (!text.starts_with("&#") || end == std::string_view::npos) {
        return std::nullopt;
    }
    const bool hex = end > 2 && (text[2] == 'x' || text[2] == 'X');
    const auto code = hex ? number(text.substr(3, end - 3), 16) : number(text.substr(2, end - 2), 10);
    return code && *code < 0x10000 ? std::optional(Escape{*code, end + 1, "xml"}) : std::nullopt;
}

std::optional<Escape> escape_at(std::string_view text) {
    const auto make = [&](std::size_t from, std::size_t size, std::string_view encoding) -> std::optional<Escape> {
        if (text.size() < from + size) {
            return std::nullopt;
        }
        const auto code = number(text.substr(from, size), 16);
        return code ? std::optional(Escape{*code, from + size, encoding}) : std::nullopt;
    };
    if (text.starts_with('%')) {
        return make(1, 2, "url");
    }
    if (text.starts_with("\\u")) {
        return make(2, 4, "json");
    }
    if (text.starts_with("\\x")) {
        return make(2, 2, "escape");
    }
    return entity(text);
}

// From `begin` until `end`; an escape that begins before `end` is taken whole.
Window::Decoded unescape(std::string_view text, std::size_t begin, std::size_t end) {
    Window::Decoded decoded;
    for (std::size_t at = begin; at < end;) {
        const auto escape = escape_at(text.substr(at));
        if (!escape) {
            decoded.text.push_back(text[at]);
            decoded.origin.push_back(at++);
            continue;
        }
        if (escape->encoding == "url") {  // bytes of UTF-8 come one by one
            decoded.text.push_back(static_cast<char>(escape->code));
            decoded.origin.push_back(at);
        } else {
            append(decoded, escape->code, at);
        }
        at += escape->size;
    }
    decoded.origin.push_back(end);
    return decoded;
}

// A full-width digit, in UTF-8 EF BC 90 to 99.
int full_width_value(std::string_view text) {
    if (text.size() < 3 || !text.starts_with("\xEF\xBC")) {
        return -1;
    }
    const int value = static_cast<unsigned char>(text[2]) - 0x90;
    return value >= 0 && value <= 9 ? value : -1;
}

}  // namespace

void Window::look_through(Decoded decoded, std::string_view encoding, bool card_said) {
    if (depth_ >= kDepthMax || decoded.text.size() < 13) {
        return;
    }
    const std::size_t size = decoded.text.size();
    decoded.text.append(kReadBehind, '\0');
    const std::string_view text(decoded.text.data(), size);
    std::vector<Hit> hits;
    std::vector<Trigger> triggers;
    Dealt dealt;
    find_triggers(text, 0, size, triggers, fastest_lanes());
    Window window(text, depth_ + 1, card_said_ || card_said, dealt, hits);
    for (const auto& trigger : triggers) {
        window.look_at(trigger);
    }
    for (auto& hit : hits) {
        const std::size_t begin = decoded.origin.at(hit.begin);
        const std::size_t end = decoded.origin.at(hit.end);
        if (end - begin == hit.end - hit.begin) {
            continue;  // nothing of it was encoded: it is found without this
        }
        hit.begin = begin;
        hit.end = end;
        hit.encoding = std::string(encoding) + (hit.encoding == "plain" ? "" : "+" + hit.encoding);
        hits_.push_back(std::move(hit));
    }
}

void Window::look_at_hex(std::size_t at) {
    std::size_t begin = at;
    while (begin >= 2 && at - begin < kBack && hex_value(text_[begin - 1]) >= 0 && hex_value(text_[begin - 2]) >= 0) {
        begin -= 2;
    }
    Decoded decoded;
    std::size_t end = begin;
    while (end + 1 < text_.size() && end - at + begin < kForward + begin && hex_value(text_[end]) >= 0 &&
           hex_value(text_[end + 1]) >= 0) {
        append(decoded, 0, end);
        decoded.text.back() = static_cast<char>(hex_value(text_[end]) * 16 + hex_value(text_[end + 1]));
        end += 2;
    }
    decoded.origin.push_back(end);
    dealt_.of(TriggerKind::hex) = end - begin >= kForward ? end - kOverlap : end;
    look_through(std::move(decoded), "hex", speaks_of_card(begin, begin));
}

void Window::look_at_base64(std::size_t quad) {
    std::size_t begin = quad;
    for (std::size_t four = 0, at = quad; at > 0 && quad - at < kBack;) {
        --at;
        if (is_line_end(text_[at])) {
            continue;
        }
        if (base64_value(text_[at]) < 0) {
            break;
        }
        four = (four + 1) % 4;
        begin = four == 0 ? at : begin;
    }
    Decoded decoded;
    std::uint32_t bits = 0;
    unsigned count = 0;
    std::size_t at = begin;
    for (; at < text_.size() && at < quad + kForward; ++at) {
        if (is_line_end(text_[at])) {
            continue;
        }
        const int value = base64_value(text_[at]);
        if (value < 0) {
            break;
        }
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        if (++count % 4 != 1) {
            const unsigned left = (3 - (count - 1) % 4) * 2;
            decoded.text.push_back(static_cast<char>((bits >> left) & 0xFFU));
            decoded.origin.push_back(at - 1);
        }
    }
    decoded.origin.push_back(at);
    const std::size_t dealt = at >= quad + kForward ? at - kOverlap : at;
    dealt_.of(TriggerKind::base64) = dealt;
    dealt_.of(TriggerKind::base64_mid) = dealt;
    const bool for_urls = text_.substr(begin, at - begin).find_first_of("-_") != std::string_view::npos;
    look_through(std::move(decoded), for_urls ? "base64url" : "base64", speaks_of_card(begin, begin));
}

void Window::look_at_escape(std::size_t at) {
    const auto first = escape_at(text_.substr(at));
    const bool is_digit_or_percent = first && ((first->code >= '0' && first->code <= '9') || first->code == '%');
    if (!is_digit_or_percent) {
        return;
    }
    const std::size_t begin = at - std::min(at, kBack);
    const std::size_t end = std::min(text_.size(), at + kForward);
    dealt_.of(TriggerKind::escape) = end == text_.size() ? end : end - kOverlap;
    look_through(unescape(text_, begin, end), first->encoding, false);
}

void Window::look_at_full_width(std::size_t at) {
    if (full_width_value(text_.substr(at)) < 0) {
        return;
    }
    const std::size_t begin = at - std::min(at, kBack);
    const std::size_t end = std::min(text_.size(), at + kForward);
    Decoded decoded;
    for (std::size_t place = begin; place < end;) {
        const int value = full_width_value(text_.substr(place));
        decoded.text.push_back(value < 0 ? text_[place] : static_cast<char>('0' + value));
        decoded.origin.push_back(place);
        place += value < 0 ? 1 : 3;
    }
    decoded.origin.push_back(end);
    dealt_.of(TriggerKind::full_width) = end == text_.size() ? end : end - kOverlap;
    look_through(std::move(decoded), "full-width", false);
}

// `at` is a digit with NUL behind it and another digit behind that. In between other ASCII both orders of bytes read
// the same; what tells is that texts begin at an even place.
void Window::look_at_utf16(std::size_t at) {
    const bool big = at % 2 == 1;
    const std::size_t odd = big ? at - 1 : at;
    const std::size_t begin = odd - std::min(odd, kBack) / 2 * 2;
    const std::size_t end = std::min(text_.size(), odd + kForward);
    Decoded decoded;
    for (std::size_t unit = begin; unit < end; unit += 2) {
        const auto one = static_cast<unsigned char>(text_[unit]);
        const auto two = static_cast<unsigned char>(this->at(unit + 1));
        append(decoded, big ? one * 256U + two : two * 256U + one, unit);
    }
    decoded.origin.push_back(end);
    dealt_.of(TriggerKind::singles) = end == text_.size() ? end : end - kOverlap;
    look_through(std::move(decoded), big ? "utf-16be" : "utf-16le", false);
}

}  // namespace audit::impl
