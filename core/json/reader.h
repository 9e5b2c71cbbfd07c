// JSON in, strictly: duplicate keys, invalid UTF-8, trailing bytes and excessive depth are errors,
// and numbers keep their text, so that no amount passes through floating point. simdjson does the parsing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace core::json {

enum class Error { empty, invalid_utf8, invalid_syntax, duplicate_key, too_deep, too_large };
std::string_view describe(Error error);

struct Limits {
    std::size_t bytes_max = 1U << 20U;
    std::size_t depth_max = 32;
};

class Value {
public:
    enum class Kind { null, boolean, number, string, array, object };

    Kind kind() const noexcept { return kind_; }
    bool is_null() const noexcept { return kind_ == Kind::null; }
    bool is_object() const noexcept { return kind_ == Kind::object; }
    bool is_array() const noexcept { return kind_ == Kind::array; }

    // Each gives nothing when the value is of another kind (or, for integer(), not a whole number in 64 bits:
    // "1.0", "1e2" and "-0" are not).
    std::optional<bool> boolean() const;
    std::optional<std::string_view> string() const;
    std::optional<std::int64_t> integer() const;
    std::optional<std::string_view> number_text() const;

    // Object: the member, or nullptr (also when this is no object). path() walks "data", "object", "id".
    const Value* find(std::string_view key) const;
    template <typename... Keys>
    const Value* path(const Keys&... keys) const {
        const Value* at = this;
        ((at = at != nullptr ? at->find(keys) : nullptr), ...);
        return at;
    }
    // The member's text when it is there and a string.
    std::optional<std::string_view> string_at(std::string_view key) const;
    std::optional<std::int64_t> integer_at(std::string_view key) const;
    std::optional<bool> boolean_at(std::string_view key) const;

    const std::vector<std::pair<std::string, Value>>& members() const { return members_; }
    const std::vector<Value>& items() const { return items_; }

    // How a parser builds it.
    static Value make_null();
    static Value make_boolean(bool value);
    static Value make_number(std::string text);
    static Value make_string(std::string text);
    static Value make_array(std::vector<Value> items);
    static Value make_object(std::vector<std::pair<std::string, Value>> members);

private:
    Kind kind_ = Kind::null;
    bool boolean_ = false;
    std::string text_;  // of a string or a number
    std::vector<Value> items_;
    std::vector<std::pair<std::string, Value>> members_;
};

// The whole text is one JSON value. A NUL character inside a string (\u0000) is refused as invalid_syntax:
// the database library would cut there.
Result<Value, Error> parse(std::string_view text, const Limits& limits = {});

}  // namespace core::json
