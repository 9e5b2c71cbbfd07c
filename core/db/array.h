// PostgreSQL array literals, for statements that take many rows at once (`unnest($1::text[], $2::bigint[])`).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace core::db {

// "{...}" with every element quoted, built as it grows; give it as one parameter and cast it.
class TextArray {
public:
    void add(std::string_view value);
    bool empty() const { return text_.size() == 1; }
    std::string literal() && { return std::move(text_.append("}")); }

private:
    std::string text_ = "{";
};

class IntegerArray {
public:
    void add(std::int64_t value);
    std::string literal() && { return std::move(text_.append("}")); }

private:
    std::string text_ = "{";
};

std::string text_array(const std::vector<std::string>& values);
std::string integer_array(const std::vector<std::int64_t>& values);

}  // namespace core::db
