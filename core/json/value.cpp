#include <algorithm>
#include <charconv>

#include "core/json/reader.h"

namespace core::json {

std::string_view describe(Error error) {
    switch (error) {
        case Error::empty:
            return "is empty";
        case Error::invalid_utf8:
            return "is not valid UTF-8";
        case Error::invalid_syntax:
            return "is not valid JSON";
        case Error::duplicate_key:
            return "has a key twice in one object";
        case Error::too_deep:
            return "is nested too deeply";
        case Error::too_large:
            return "is too large";
    }
    return "is not acceptable JSON";
}

std::optional<bool> Value::boolean() const { return kind_ == Kind::boolean ? std::optional(boolean_) : std::nullopt; }

std::optional<std::string_view> Value::string() const {
    return kind_ == Kind::string ? std::optional<std::string_view>(text_) : std::nullopt;
}

std::optional<std::string_view> Value::number_text() const {
    return kind_ == Kind::number ? std::optional<std::string_view>(text_) : std::nullopt;
}

std::optional<std::int64_t> Value::integer() const {
    if (kind_ != Kind::number || text_ == "-0") {
        return std::nullopt;
    }
    std::int64_t number = 0;
    const char* const end = text_.data() + text_.size();
    const auto [stopped, error] = std::from_chars(text_.data(), end, number);
    return error == std::errc() && stopped == end ? std::optional(number) : std::nullopt;
}

const Value* Value::find(std::string_view key) const {
    const auto found =
        std::find_if(members_.begin(), members_.end(), [&](const auto& member) { return member.first == key; });
    return found == members_.end() ? nullptr : &found->second;
}

std::optional<std::string_view> Value::string_at(std::string_view key) const {
    const Value* value = find(key);
    return value == nullptr ? std::nullopt : value->string();
}

std::optional<std::int64_t> Value::integer_at(std::string_view key) const {
    const Value* value = find(key);
    return value == nullptr ? std::nullopt : value->integer();
}

std::optional<bool> Value::boolean_at(std::string_view key) const {
    const Value* value = find(key);
    return value == nullptr ? std::nullopt : value->boolean();
}

Value Value::make_null() { return {}; }

Value Value::make_boolean(bool value) {
    Value made;
    made.kind_ = Kind::boolean;
    made.boolean_ = value;
    return made;
}

Value Value::make_number(std::string text) {
    Value made;
    made.kind_ = Kind::number;
    made.text_ = std::move(text);
    return made;
}

Value Value::make_string(std::string text) {
    Value made;
    made.kind_ = Kind::string;
    made.text_ = std::move(text);
    return made;
}

Value Value::make_array(std::vector<Value> items) {
    Value made;
    made.kind_ = Kind::array;
    made.items_ = std::move(items);
    return made;
}

Value Value::make_object(std::vector<std::pair<std::string, Value>> members) {
    Value made;
    made.kind_ = Kind::object;
    made.members_ = std::move(members);
    return made;
}

}  // namespace core::json
