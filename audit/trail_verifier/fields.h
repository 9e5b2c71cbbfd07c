// The fields of one JSON object, each there once and none but those that are known.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/trail_verifier/bundle.h"

namespace trail_verifier {

// Each throws FormError, naming line and field. The parser that read the object has to live as long.
class Fields {
public:
    Fields(const simdjson::dom::object& object, std::size_t line);

    bool has(std::string_view name) const;
    std::string text(const char* name) const;
    std::int64_t number(const char* name, std::int64_t least, std::int64_t most) const;
    std::int64_t instant(const char* name) const;
    std::string bytes(const char* name, std::size_t count) const;  // of a text in hex
    std::string key(const char* name) const;                       // a key's id
    Fields object(const char* name) const;
    // Of texts in hex, 32 bytes each.
    std::vector<std::string> hashes(const char* name, std::size_t most) const;
    simdjson::dom::element take(const char* name) const;
    // Whatever else stands there was not signed, and whoever reads it might take it for something.
    void end(std::initializer_list<std::string_view> known) const;

private:
    [[noreturn]] void fail(const std::string& field, const std::string& what) const;

    std::size_t line_;
    std::vector<std::pair<std::string_view, simdjson::dom::element>> all_;
};

simdjson::dom::object object_in(simdjson::dom::parser& parser, const std::string& text, std::size_t line);

Record record_of(const Fields& fields);
Head head_of(const Fields& fields);

}  // namespace trail_verifier
