// Character encodings: strict UTF-8, and GBK as the UnionPay files have it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace core::text {

bool is_valid_utf8(std::string_view bytes);
// GB18030 (a superset of GBK) to UTF-8; nothing for bytes that are not. A lone byte 0x80 is one of those: Microsoft's
// code page 936 reads it as the euro sign, GB18030 has it as illegal, and guessing between them is left to nobody.
std::optional<std::string> utf8_from_gbk(std::string_view bytes);
// Nothing for half a character, or half of one that takes two.
std::optional<std::string> utf8_from_utf16(std::string_view bytes, bool is_big_endian);
// From UTF-8 to GB18030. Every character has a form; those outside GBK take four bytes, which a GBK-only reader won't
// know.
std::optional<std::string> gbk_from_utf8(std::string_view text);

// application/x-www-form-urlencoded: pairs in the order of the body; nothing for a broken escape, a NUL,
// invalid UTF-8, a pair without '=', a repeated name or more than a thousand pairs. '+' is a blank. An empty body has
// no pairs.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view body);
std::string form_encode(std::string_view text);  // percent-encodes all but [A-Za-z0-9-_.~]

std::string_view trimmed(std::string_view text);  // ASCII blanks and tabs on both sides

}  // namespace core::text
