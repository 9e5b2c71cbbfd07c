#include "ledger/impl/json_lines.h"

#include <algorithm>

#include "core/field_error.h"
#include "core/text/encoding.h"

namespace ledger {

void JsonLine::refuse(const std::string& field, const std::string& what) const {
    throw core::FieldError(
        file_ + ":" + std::to_string(number_) + ": " + redact_((field.empty() ? "" : field + ": ") + what),
        redact_(field), redact_(what));
}

core::json::Value JsonLine::object(std::string_view text) const {
    auto value = core::json::parse(text);
    if (!value || !value->is_object()) {
        refuse("", value ? "is no JSON object" : std::string(core::json::describe(value.error())));
    }
    return *std::move(value);
}

void JsonLine::check_names(const core::json::Value& object, const std::vector<std::string_view>& known) const {
    for (const auto& [name, member] : object.members()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            std::string names;
            for (const auto one : known) {
                names += (names.empty() ? "" : ", ") + std::string(one);
            }
            refuse(name, "unknown field; known are " + names);
        }
    }
}

std::string JsonLine::text(const core::json::Value& object, std::string_view name, std::size_t bytes_max) const {
    const auto text = object.string_at(name);
    if (!text || text->empty()) {
        refuse(std::string(name), "is missing, or no text; every line needs it");
    }
    const bool has_control = std::any_of(text->begin(), text->end(),
                                         [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
    if (text->size() > bytes_max || has_control) {
        refuse(std::string(name),
               "must have at most " + std::to_string(bytes_max) + " bytes and no control characters");
    }
    return std::string(*text);
}

core::Instant JsonLine::time(const core::json::Value& object, std::string_view name, core::Instant otherwise) const {
    if (object.find(name) == nullptr) {
        return otherwise;
    }
    const auto instant = core::parse_rfc3339(object.string_at(name).value_or(""));
    if (!instant) {
        refuse(std::string(name), "must be a time with its zone, 2026-11-30T09:00:00Z");
    }
    return *instant;
}

std::size_t for_each_line(const std::string& file, std::string_view text, const JsonLine::Redact& redact,
                          const std::function<void(const JsonLine&, std::string_view)>& take) {
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.remove_prefix(3);
    }
    std::size_t lines = 0;
    for (std::uint64_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        auto row = core::text::trimmed(text.substr(0, end));
        if (row.ends_with('\r')) {
            row.remove_suffix(1);
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!row.empty()) {
            take(JsonLine(file, number, redact), row);
            ++lines;
        }
    }
    return lines;
}

}  // namespace ledger
