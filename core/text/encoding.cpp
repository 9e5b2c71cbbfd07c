#include "core/text/encoding.h"

#include <iconv.h>
#include <simdjson.h>

#include <array>
#include <cerrno>
#include <unordered_set>

#include "core/failure.h"

namespace core::text {
namespace {

// One open conversion. Descriptors carry state and are not shared between threads.
class Conversion {
public:
    Conversion(const char* to, const char* from) : descriptor_(iconv_open(to, from)) {
        if (descriptor_ == invalid()) {
            throw OutsideFailure("the system's iconv lacks GB18030 (package libc6, folder gconv)");
        }
    }
    ~Conversion() { iconv_close(descriptor_); }
    Conversion(const Conversion&) = delete;
    Conversion& operator=(const Conversion&) = delete;

    // All of it or nothing: an illegal or unfinished sequence anywhere refuses the whole text.
    std::optional<std::string> convert(std::string_view bytes) {
        iconv(descriptor_, nullptr, nullptr, nullptr, nullptr);
        std::string out;
        out.reserve(bytes.size() + bytes.size() / 2);
        // iconv's signature lacks the const; it doesn't write to its input.
        char* in = const_cast<char*>(bytes.data());
        std::size_t in_left = bytes.size();
        while (in_left > 0) {
            std::array<char, 4096> chunk;
            char* at = chunk.data();
            std::size_t room = chunk.size();
            const std::size_t result = iconv(descriptor_, &in, &in_left, &at, &room);
            out.append(chunk.data(), chunk.size() - room);
            // A positive result counts characters that were replaced by look-alikes: not what was sent either.
            if (result != 0 && !(result == kFailed && errno == E2BIG)) {
                return std::nullopt;
            }
        }
        return out;
    }

private:
    static constexpr std::size_t kFailed = static_cast<std::size_t>(-1);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): POSIX has iconv_open() fail with this very value.
    static iconv_t invalid() { return reinterpret_cast<iconv_t>(-1); }

    iconv_t descriptor_;
};

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

// A name or value of a form; nothing for a broken escape or for what can't be stored as text.
std::optional<std::string> form_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '+') {
            out.push_back(' ');
        } else if (text[at] != '%') {
            out.push_back(text[at]);
        } else {
            const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
            const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
            if (high < 0 || low < 0) {
                return std::nullopt;
            }
            out.push_back(static_cast<char>(high * 16 + low));
            at += 2;
        }
    }
    if (out.find('\0') != std::string::npos || !is_valid_utf8(out)) {
        return std::nullopt;
    }
    return out;
}

std::optional<std::pair<std::string, std::string>> form_pair(std::string_view part) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) {
        return std::nullopt;
    }
    auto name = form_decoded(part.substr(0, equals));
    auto value = form_decoded(part.substr(equals + 1));
    if (!name || !value) {
        return std::nullopt;
    }
    return std::pair(std::move(*name), std::move(*value));
}

bool stands_for_itself(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.' || c == '~';
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

std::optional<std::string> utf8_from_gbk(std::string_view bytes) {
    thread_local Conversion conversion("UTF-8", "GB18030");
    return conversion.convert(bytes);
}

std::optional<std::string> utf8_from_utf16(std::string_view bytes, bool is_big_endian) {
    thread_local Conversion little("UTF-8", "UTF-16LE");
    thread_local Conversion big("UTF-8", "UTF-16BE");
    return (is_big_endian ? big : little).convert(bytes);
}

std::optional<std::string> gbk_from_utf8(std::string_view text) {
    if (!is_valid_utf8(text)) {
        return std::nullopt;
    }
    thread_local Conversion conversion("GB18030", "UTF-8");
    return conversion.convert(text);
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view body) {
    constexpr std::size_t kPairsMax = 1000;
    std::vector<std::pair<std::string, std::string>> pairs;
    if (body.empty()) {
        return pairs;
    }
    std::unordered_set<std::string> names;
    while (true) {
        const auto end = body.find('&');
        auto pair = form_pair(body.substr(0, end));
        if (!pair || pairs.size() == kPairsMax || !names.insert(pair->first).second) {
            return std::nullopt;
        }
        pairs.push_back(std::move(*pair));
        if (end == std::string_view::npos) {
            return pairs;
        }
        body.remove_prefix(end + 1);
    }
}

std::string form_encode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (stands_for_itself(c)) {
            out.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out.push_back('%');
        out.push_back(kHex[byte >> 4U]);
        out.push_back(kHex[byte & 0x0FU]);
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace core::text
