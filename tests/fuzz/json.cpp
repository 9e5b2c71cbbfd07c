#include <algorithm>

#include "core/json/reader.h"
#include "core/json/writer.h"
#include "core/money.h"
#include "core/text/encoding.h"
#include "tests/fuzz/fuzz.h"

namespace {

using core::json::Value;

bool is_same(const Value& a, const Value& b) {
    if (a.kind() != b.kind() || a.boolean() != b.boolean() || a.string() != b.string() ||
        a.number_text() != b.number_text() || a.items().size() != b.items().size() ||
        a.members().size() != b.members().size()) {
        return false;
    }
    return std::equal(a.items().begin(), a.items().end(), b.items().begin(), is_same) &&
           std::equal(a.members().begin(), a.members().end(), b.members().begin(),
                      [](const auto& x, const auto& y) { return x.first == y.first && is_same(x.second, y.second); });
}

// Numbers go back as they came: the reader keeps their text.
std::string written(const Value& value) {
    std::string out;
    switch (value.kind()) {
        case Value::Kind::null:
            return "null";
        case Value::Kind::boolean:
            return *value.boolean() ? "true" : "false";
        case Value::Kind::number:
            return std::string(*value.number_text());
        case Value::Kind::string:
            return core::json::quoted(*value.string());
        case Value::Kind::array:
            for (const auto& item : value.items()) {
                out += (out.empty() ? "" : ", ") + written(item);
            }
            return "[" + out + "]";
        case Value::Kind::object:
            for (const auto& [name, member] : value.members()) {
                out += (out.empty() ? "" : ",\n") + core::json::quoted(name) + " : " + written(member);
            }
            return "{" + out + "}";
    }
    return out;
}

void check_value(const Value& value, std::size_t depth, const core::json::Limits& limits) {
    fuzz::promise(depth <= limits.depth_max || (!value.is_array() && !value.is_object()), "no deeper than allowed");
    if (const auto text = value.string()) {
        fuzz::promise(core::text::is_valid_utf8(*text) && text->find('\0') == std::string_view::npos,
                      "a string is UTF-8 without NUL");
    }
    if (const auto number = value.integer()) {
        fuzz::promise(std::to_string(*number) == *value.number_text(), "a whole number reads as it stands");
    }
    for (const auto& item : value.items()) {
        check_value(item, depth + 1, limits);
    }
    for (const auto& [name, member] : value.members()) {
        fuzz::promise(value.find(name) == &member, "a name stands for one member");
        check_value(member, depth + 1, limits);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    core::json::Limits limits;
    if (input.choice(2) == 1) {
        limits = {256, 3};
    }
    const auto value = core::json::parse(input.rest(), limits);
    if (!value) {
        fuzz::promise(!core::json::describe(value.error()).empty(), "every error has words");
        return 0;
    }
    fuzz::promise(input.rest().size() <= limits.bytes_max, "no larger than allowed");
    check_value(*value, 1, limits);
    const auto again = core::json::parse(written(*value));
    fuzz::promise(again && is_same(*value, *again), "what was read and written reads as the same");
    return 0;
}
