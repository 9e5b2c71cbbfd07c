#include "core/db/array.h"

#include <string_view>

namespace core::db {
namespace {

void add_quoted(std::string& text, std::string_view value) {
    text.push_back('"');
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            text.push_back('\\');
        }
        text.push_back(c);
    }
    text.push_back('"');
}

template <typename Values, typename Add>
std::string array(const Values& values, Add add) {
    std::string text = "{";
    for (const auto& value : values) {
        if (text.size() > 1) {
            text.push_back(',');
        }
        add(text, value);
    }
    return text.append("}");
}

}  // namespace

std::string text_array(const std::vector<std::string>& values) { return array(values, add_quoted); }

std::string integer_array(const std::vector<std::int64_t>& values) {
    return array(values, [](std::string& text, std::int64_t value) { text += std::to_string(value); });
}

}  // namespace core::db
