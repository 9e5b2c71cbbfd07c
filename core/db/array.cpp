#include "core/db/array.h"

namespace core::db {

std::string text_array(const std::vector<std::string>& values) {
    std::string out = "{";
    for (const auto& value : values) {
        out += out.size() > 1 ? ",\"" : "\"";
        for (const char c : value) {
            if (c == '"' || c == '\\') {
                out.push_back('\\');
            }
            out.push_back(c);
        }
        out.push_back('"');
    }
    return out + "}";
}

std::string integer_array(const std::vector<std::int64_t>& values) {
    std::string out = "{";
    for (const auto value : values) {
        if (out.size() > 1) {
            out.push_back(',');
        }
        out += std::to_string(value);
    }
    return out + "}";
}

}  // namespace core::db
