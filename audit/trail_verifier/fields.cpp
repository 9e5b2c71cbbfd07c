#include "audit/trail_verifier/fields.h"

#include <algorithm>

#include "audit/verifier/digest.h"

namespace trail_verifier {
namespace {

bool is_hex(std::string_view text, std::size_t digits) {
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Fields::Fields(const simdjson::dom::object& object, std::size_t line) : line_(line) {
    for (const auto field : object) {
        if (has(field.key)) {
            fail(std::string(field.key), "stands there twice");
        }
        all_.emplace_back(field.key, field.value);
    }
}

bool Fields::has(std::string_view name) const {
    return std::any_of(all_.begin(), all_.end(), [&](const auto& one) { return one.first == name; });
}

std::string Fields::text(const char* name) const {
    std::string_view value;
    if (take(name).get(value) != simdjson::SUCCESS) {
        fail(name, "must be a text");
    }
    return std::string(value);
}

std::int64_t Fields::number(const char* name, std::int64_t least, std::int64_t most) const {
    std::int64_t value = 0;
    if (take(name).get(value) != simdjson::SUCCESS || value < least || value > most) {
        fail(name, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return value;
}

std::int64_t Fields::instant(const char* name) const {
    const auto value = microseconds_of(text(name));
    if (value < 0) {
        fail(name, "must be an instant like 2026-11-21T08:00:00.123456Z");
    }
    return value;
}

std::string Fields::bytes(const char* name, std::size_t count) const {
    const auto value = text(name);
    if (!is_hex(value, 2 * count)) {
        fail(name, "must be " + std::to_string(2 * count) + " digits 0-9 and a-f");
    }
    return verifier::from_hex(value);
}

std::string Fields::key(const char* name) const {
    auto value = text(name);
    if (!is_hex(value, 16)) {
        fail(name, "must be 16 digits 0-9 and a-f");
    }
    return value;
}

Fields Fields::object(const char* name) const {
    simdjson::dom::object value;
    if (take(name).get(value) != simdjson::SUCCESS) {
        fail(name, "must be an object");
    }
    return {value, line_};
}

std::vector<std::string> Fields::hashes(const char* name, std::size_t most) const {
    simdjson::dom::array array;
    if (take(name).get(array) != simdjson::SUCCESS || array.size() > most) {
        fail(name, "must be a list of at most " + std::to_string(most));
    }
    std::vector<std::string> all;
    for (const auto& one : array) {
        std::string_view value;
        if (one.get(value) != simdjson::SUCCESS || !is_hex(value, 64)) {
            fail(name, "must be texts of 64 digits 0-9 and a-f");
        }
        all.push_back(verifier::from_hex(value));
    }
    return all;
}

simdjson::dom::element Fields::take(const char* name) const {
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const auto& one) { return one.first == name; });
    if (found == all_.end()) {
        fail(name, "is missing");
    }
    return found->second;
}

void Fields::end(std::initializer_list<std::string_view> known) const {
    for (const auto& one : all_) {
        if (std::find(known.begin(), known.end(), one.first) == known.end()) {
            fail(std::string(one.first), "is no field of this line");
        }
    }
}

void Fields::fail(const std::string& field, const std::string& what) const { throw FormError{line_, field, what}; }

simdjson::dom::object object_in(simdjson::dom::parser& parser, const std::string& text, std::size_t line) {
    simdjson::dom::object object;
    if (parser.parse(text).get(object) != simdjson::SUCCESS) {
        throw FormError{line, "", "must be one JSON object in UTF-8"};
    }
    return object;
}

}  // namespace trail_verifier
