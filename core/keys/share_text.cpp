#include "core/keys/share_text.h"

#include <utility>

#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"

namespace core::keys {

std::optional<Share> parse_share(std::string_view text) {
    constexpr std::size_t kDigits = 64;
    constexpr std::size_t kCheck = 16;
    if (text.size() != 1 + 1 + kDigits + 1 + kCheck || (text[0] != '1' && text[0] != '2') || text[1] != '-' ||
        text[2 + kDigits] != '-') {
        return std::nullopt;
    }
    auto part = crypto::hex_decode(text.substr(2, kDigits));
    const auto check_value = text.substr(3 + kDigits);
    if (!part || !crypto::hex_decode(check_value)) {
        return std::nullopt;
    }
    return Share{text[0], KeyBytes(std::move(*part)), std::string(check_value)};
}

bool are_of_one_key(const Share& one, const Share& other) {
    return one.number != other.number && one.check_value == other.check_value;
}

std::optional<KeyBytes> key_of(const Share& one, const Share& other) {
    auto key = crypto::combined(one.part, other.part);
    return crypto::key_check_value(key) == other.check_value ? std::optional(std::move(key)) : std::nullopt;
}

}  // namespace core::keys
