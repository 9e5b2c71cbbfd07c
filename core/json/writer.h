// JSON out with fixed bytes: keys in the order written, integers only, minimal escapes, UTF-8 as it is.
// Bytes that are no UTF-8 become U+FFFD, so that the text is JSON whatever was put in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/money.h"

namespace core::json {

// Calls out of order (a value without its key, an end without its begin) are broken rules.
class Writer {
public:
    // indent 0: one line; otherwise that many blanks a level.
    explicit Writer(int indent = 0) : indent_(indent) {}

    Writer& begin_object();
    Writer& end_object();
    Writer& begin_array();
    Writer& end_array();
    Writer& key(std::string_view name);

    Writer& value(std::string_view text);
    Writer& value(const char* text) { return value(std::string_view(text)); }
    Writer& value(std::int64_t number);
    Writer& value(int number) { return value(static_cast<std::int64_t>(number)); }
    Writer& value(std::size_t number);
    Writer& value(bool boolean);
    Writer& value(double) = delete;
    Writer& null();
    // {"amount": 12345, "currency": "CNY"}, in minor units
    Writer& value(const Money& money);

    template <typename T>
    Writer& member(std::string_view name, const T& v) {
        key(name);
        return value(v);
    }

    // The text so far; complete when everything begun has ended.
    const std::string& text() const { return out_; }

private:
    Writer& end(bool array);
    void before_value();
    void new_line();

    int indent_;
    std::string out_;
    struct Level {
        bool array;
        bool empty;
    };
    std::vector<Level> levels_;
    bool after_key_ = false;
};

// The text as a quoted JSON string.
std::string quoted(std::string_view text);

}  // namespace core::json
