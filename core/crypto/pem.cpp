#include "core/crypto/impl/pem.h"

#include <string>
#include <utility>

#include "core/crypto/encoding.h"

namespace core::crypto {

namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n";

std::string_view without_white_space_around(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kWhiteSpace);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

// The lines between the armour; nothing when the armour isn't there.
std::optional<std::string_view> body_of(std::string_view pem, std::string_view label) {
    const std::string begin = "-----BEGIN " + std::string(label) + "-----";
    const std::string end = "-----END " + std::string(label) + "-----";
    const std::string_view block = without_white_space_around(pem);
    if (block.size() < begin.size() + end.size() || !block.starts_with(begin) || !block.ends_with(end)) {
        return std::nullopt;
    }
    const std::string_view body = block.substr(begin.size(), block.size() - begin.size() - end.size());
    const bool on_lines_of_its_own =
        body.size() > 1 && (body.front() == '\n' || body.front() == '\r') && body.back() == '\n';
    return on_lines_of_its_own ? std::optional(body) : std::nullopt;
}

KeyBytes without_white_space(std::string_view text) {
    std::string kept;
    kept.reserve(text.size());
    for (const char c : text) {
        if (kWhiteSpace.find(c) == std::string_view::npos) {
            kept += c;
        }
    }
    return KeyBytes(std::move(kept));
}

}  // namespace

std::optional<KeyBytes> unwrap_pem(std::string_view pem, std::string_view label) {
    const auto body = body_of(pem, label);
    if (!body) {
        return std::nullopt;
    }
    // A second block inside, or the headers of an encrypted key, are not base64 and fall here.
    auto bytes = base64_decode(without_white_space(*body).reveal());
    if (!bytes || bytes->empty()) {
        return std::nullopt;
    }
    return KeyBytes(std::move(*bytes));
}

}  // namespace core::crypto
