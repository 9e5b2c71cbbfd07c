#include "core/crypto/encoding.h"

#include <array>
#include <cstdint>

namespace core::crypto {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::uint32_t kNotInAlphabet = 0xff;
constexpr char kPad = '=';

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(static_cast<std::uint8_t>(kNotInAlphabet));
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        values[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}

constexpr auto kValues = make_values();

std::uint32_t value_of(char c) { return kValues[static_cast<std::uint8_t>(c)]; }

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? static_cast<std::uint8_t>(bytes[at]) : 0U;
}

char low_byte(std::uint32_t bits) { return static_cast<char>(static_cast<std::uint8_t>(bits & 0xffU)); }

// Appends the bytes of one group of four; false when it isn't one. `pads` is how many of its ends are padding.
bool append_group(std::string_view group, std::size_t pads, std::string& bytes) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::uint32_t value = i < 4 - pads ? value_of(group[i]) : 0U;
        if (value == kNotInAlphabet) {
            return false;
        }
        bits = bits << 6U | value;
    }
    // What the padding leaves over must be zero, or one value would have several texts.
    const std::uint32_t left_over = pads == 0 ? 0U : bits & ((1U << (8U * static_cast<std::uint32_t>(pads))) - 1U);
    if (left_over != 0) {
        return false;
    }
    for (std::size_t i = 0; i < 3 - pads; ++i) {
        bytes += low_byte(bits >> (16U - 8U * static_cast<std::uint32_t>(i)));
    }
    return true;
}

std::size_t pads_at_end(std::string_view text) {
    if (!text.ends_with(kPad)) {
        return 0;
    }
    return text[text.size() - 2] == kPad ? 2 : 1;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::uint32_t bits = byte_at(bytes, at) << 16U | byte_at(bytes, at + 1) << 8U | byte_at(bytes, at + 2);
        const std::size_t left = bytes.size() - at;
        text += kAlphabet[bits >> 18U & 63U];
        text += kAlphabet[bits >> 12U & 63U];
        text += left > 1 ? kAlphabet[bits >> 6U & 63U] : kPad;
        text += left > 2 ? kAlphabet[bits & 63U] : kPad;
    }
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const bool last = at + 4 == text.size();
        if (!append_group(text.substr(at, 4), last ? pads_at_end(text) : 0, bytes)) {
            return std::nullopt;
        }
    }
    return bytes;
}

std::string hex_encode(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<std::uint8_t>(c);
        text += kHexDigits[byte >> 4U];
        text += kHexDigits[byte & 15U];
    }
    return text;
}

std::optional<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) {
        return std::nullopt;
    }
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const int high = hex_value(text[at]);
        const int low = hex_value(text[at + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        bytes += static_cast<char>(static_cast<std::uint8_t>(high * 16 + low));
    }
    return bytes;
}

}  // namespace core::crypto
