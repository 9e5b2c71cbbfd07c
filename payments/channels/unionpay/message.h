// A UnionPay message as fields, and the text that its signature covers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace payments::unionpay {

// Names and decoded values. The map's order, by byte value, is the order of the signed text.
using Fields = std::map<std::string, std::string, std::less<>>;

// A notification's body: an ordinary percent-encoded form. Nothing when it isn't one (broken escape, invalid UTF-8,
// a repeated name, a pair without '='); an empty body has no fields.
std::optional<Fields> fields_from_form(std::string_view body);

// A synchronous response (specification, section 1): k=v&k=v without any encoding. The first '=' ends the name, '&'
// the pair; from '{' to the next '}' and from '[' to the next ']' both are ordinary characters. Nothing when a bracket
// stays open (it would swallow the rest: the status has to be queried), a name is empty or repeated, a pair has no
// '=', or the text is no UTF-8.
std::optional<Fields> fields_from_response(std::string_view text);

// The value, or nothing when the field is absent. An empty field counts as absent.
std::optional<std::string_view> value_of(const Fields& fields, std::string_view name);

// Kits differ on whether an empty field is part of the signed text (section 2.1).
enum class EmptyValues { kept, dropped };

// "key=value" joined with '&', by byte value of the key, everything but `signature`.
std::string string_to_sign(const Fields& fields, EmptyValues empties = EmptyValues::kept);
bool has_empty_value(const Fields& fields);

}  // namespace payments::unionpay
