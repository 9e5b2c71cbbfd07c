#include "core/db/array.h"

#include <array>
#include <charconv>

namespace core::db {

void TextArray::add(std::string_view value) {
    text_ += text_.size() > 1 ? ",\"" : "\"";
    while (true) {
        const auto plain = value.find_first_of("\"\\");
        text_.append(value.substr(0, plain));
        if (plain == std::string_view::npos) {
            break;
        }
        text_.push_back('\\');
        text_.push_back(value[plain]);
        value.remove_prefix(plain + 1);
    }
    text_.push_back('"');
}

void IntegerArray::add(std::int64_t value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    if (text_.size() > 1) {
        text_.push_back(',');
    }
    text_.append(digits.data(), end);
}

std::string text_array(const std::vector<std::string>& values) {
    TextArray array;
    for (const auto& value : values) {
        array.add(value);
    }
    return std::move(array).literal();
}

std::string integer_array(const std::vector<std::int64_t>& values) {
    IntegerArray array;
    for (const auto value : values) {
        array.add(value);
    }
    return std::move(array).literal();
}

}  // namespace core::db
