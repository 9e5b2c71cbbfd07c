// Base64 and hex, strict: nothing is skipped, nothing is guessed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace core::crypto {

std::string base64_encode(std::string_view bytes);
// Standard alphabet, padded, no white space; nothing for anything else (non-zero trailing bits included).
std::optional<std::string> base64_decode(std::string_view text);

std::string hex_encode(std::string_view bytes);  // lower case
// Pairs of digits, either case; nothing for anything else.
std::optional<std::string> hex_decode(std::string_view text);

}  // namespace core::crypto
