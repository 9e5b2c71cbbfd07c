// Does a JSON value fit a schema of an OpenAPI 3.1 document? The subset of JSON Schema that ours uses; a keyword that
// is not of it is a complaint, so that nothing passes unread.
#pragma once

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <string_view>

#include "core/json/reader.h"
#include "core/time.h"

namespace test_support {

using core::json::Value;

class SchemaCheck {
public:
    explicit SchemaCheck(const core::json::Value& document) : document_(document) {}

    // What does not fit, and where; empty when all does.
    std::string complaint(const Value& schema, const Value& value, const std::string& where = "$") const {
        if (const auto reference = schema.string_at("$ref")) {
            const auto* target = resolve(*reference);
            return target == nullptr ? where + ": nothing is at " + std::string(*reference)
                                     : complaint(*target, value, where);
        }
        std::string text;
        for (const auto& [keyword, rule] : schema.members()) {
            text += of(keyword, rule, schema, value, where);
        }
        return text;
    }

    // "#/components/schemas/Order"
    const core::json::Value* resolve(std::string_view reference) const {
        const auto* at = reference.starts_with("#/") ? &document_ : nullptr;
        reference.remove_prefix(std::min<std::size_t>(2, reference.size()));
        while (at != nullptr && !reference.empty()) {
            const auto end = std::min(reference.find('/'), reference.size());
            at = at->find(reference.substr(0, end));
            reference.remove_prefix(std::min(end + 1, reference.size()));
        }
        return at;
    }

private:
    using Kind = core::json::Value::Kind;

    std::string of(const std::string& keyword, const Value& rule, const Value& schema, const Value& value,
                   const std::string& where) const {
        static const std::set<std::string> said = {"description", "examples", "default"};
        if (said.contains(keyword)) {
            return {};
        }
        if (keyword == "type") {
            return fits_type(rule, value) ? "" : where + ": is of another type\n";
        }
        if (keyword == "enum") {
            const auto fits = [&](const Value& one) { return one.string() && one.string() == value.string(); };
            const bool is_one = std::any_of(rule.items().begin(), rule.items().end(), fits);
            return is_one ? "" : where + ": is none of the enum\n";
        }
        if (keyword == "oneOf") {
            const auto fits = [&](const Value& one) { return complaint(one, value, where).empty(); };
            return std::count_if(rule.items().begin(), rule.items().end(), fits) == 1 ? ""
                                                                                      : where + ": fits not one form\n";
        }
        if (keyword == "required" || keyword == "properties" || keyword == "additionalProperties") {
            return of_object(keyword, rule, schema, value, where);
        }
        if (keyword == "items" || keyword == "minItems" || keyword == "maxItems") {
            return of_array(keyword, rule, value, where);
        }
        return of_scalar(keyword, rule, value, where);
    }

    static bool fits_type(const Value& rule, const Value& value) {
        if (rule.is_array()) {
            return std::any_of(rule.items().begin(), rule.items().end(),
                               [&](const Value& one) { return fits_type(one, value); });
        }
        const auto type = rule.string().value_or("");
        return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
               (type == "string" && value.string()) || (type == "integer" && value.integer()) ||
               (type == "boolean" && value.boolean()) || (type == "null" && value.is_null());
    }

    std::string of_object(const std::string& keyword, const Value& rule, const Value& schema, const Value& value,
                          const std::string& where) const {
        std::string text;
        if (keyword == "required") {
            for (const auto& name : rule.items()) {
                text += value.find(*name.string()) != nullptr ? ""
                                                              : where + ": lacks " + std::string(*name.string()) + "\n";
            }
            return text;
        }
        for (const auto& [name, member] : value.members()) {
            const auto* property = schema.path("properties", name);
            if (keyword == "properties" && property != nullptr) {
                text += complaint(*property, member, where + "." + name);
            }
            if (keyword == "additionalProperties" && rule.boolean() == false && property == nullptr) {
                text += where + ": has an unknown member " + name + "\n";
            }
        }
        return text;
    }

    std::string of_array(const std::string& keyword, const Value& rule, const Value& value,
                         const std::string& where) const {
        const auto size = static_cast<std::int64_t>(value.items().size());
        if (keyword == "minItems" || keyword == "maxItems") {
            const bool fits = keyword == "minItems" ? size >= *rule.integer() : size <= *rule.integer();
            return fits ? "" : where + ": has another number of items\n";
        }
        std::string text;
        for (std::size_t i = 0; i < value.items().size(); ++i) {
            text += complaint(rule, value.items()[i], where + "[" + std::to_string(i) + "]");
        }
        return text;
    }

    static std::string of_scalar(const std::string& keyword, const Value& rule, const Value& value,
                                 const std::string& where) {
        const std::string text(value.string().value_or(""));
        const auto number = value.integer();
        bool fits = false;
        if (keyword == "format") {
            fits = !value.string() || (rule.string() == "date" ? core::parse_day(text).has_value()
                                                               : rule.string() == "date-time" && text.ends_with('Z') &&
                                                                     core::parse_rfc3339(text).has_value());
        } else if (keyword == "pattern") {
            fits = !value.string() || std::regex_search(text, std::regex(std::string(*rule.string())));
        } else if (keyword == "minLength" || keyword == "maxLength") {
            const auto size = static_cast<std::int64_t>(text.size());
            fits = !value.string() || (keyword == "minLength" ? size >= *rule.integer() : size <= *rule.integer());
        } else if (keyword == "minimum" || keyword == "maximum") {
            fits = !number || (keyword == "minimum" ? *number >= *rule.integer() : *number <= *rule.integer());
        } else {
            return where + ": the keyword " + keyword + " is not understood by this check\n";
        }
        return fits ? "" : where + ": does not keep to " + keyword + "\n";
    }

    const Value& document_;
};

}  // namespace test_support
