#include "core/json/reader.h"

#include <simdjson.h>

#include <algorithm>

#include "core/secret.h"
#include "core/text/encoding.h"

namespace core::json {
namespace {

namespace od = simdjson::ondemand;

// A JSON number by its grammar. simdjson hands the raw token over unchecked, and a lenient reading ("01", "1.",
// "+1") is how two systems come to see two amounts.
bool is_json_number(std::string_view text) {
    std::size_t at = 0;
    const auto is_digit = [&] { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
    const auto skip_digits = [&] {
        const std::size_t begin = at;
        while (is_digit()) {
            ++at;
        }
        return at > begin;
    };
    const auto skip = [&](std::string_view any_of) {
        const bool here = at < text.size() && any_of.find(text[at]) != std::string_view::npos;
        at += here ? 1 : 0;
        return here;
    };

    skip("-");
    if (!skip("0") && !skip_digits()) {
        return false;
    }
    if (skip(".") && !skip_digits()) {
        return false;
    }
    if (skip("eE")) {
        skip("+-");
        if (!skip_digits()) {
            return false;
        }
    }
    return at == text.size();
}

bool has_duplicate(const std::vector<std::pair<std::string, Value>>& members) {
    std::vector<std::string_view> keys;
    keys.reserve(members.size());
    for (const auto& member : members) {
        keys.push_back(member.first);
    }
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

Error error_from(simdjson::error_code code) {
    return code == simdjson::UTF8_ERROR ? Error::invalid_utf8 : Error::invalid_syntax;
}

// Builds Values from what simdjson walks over. Every value is consumed whole: the on-demand parser checks only
// what is asked for, and a part passed over would be a part unchecked.
class Builder {
public:
    explicit Builder(std::size_t depth_max) : depth_max_(depth_max) {}

    Result<Value, Error> build(od::value value, std::size_t depth) {
        od::json_type type{};
        if (const auto code = value.type().get(type); code != simdjson::SUCCESS) {
            return Refused{error_from(code)};
        }
        switch (type) {
            case od::json_type::object:
                return depth > depth_max_ ? Result<Value, Error>(Refused{Error::too_deep}) : object(value, depth);
            case od::json_type::array:
                return depth > depth_max_ ? Result<Value, Error>(Refused{Error::too_deep}) : array(value, depth);
            case od::json_type::string:
                return string(value.get_string());
            case od::json_type::number:
                return number(value.raw_json_token());
            case od::json_type::boolean:
                return boolean(value);
            case od::json_type::null:
                return null(value);
        }
        return Refused{Error::invalid_syntax};
    }

private:
    static Result<Value, Error> boolean(od::value value) {
        bool held = false;
        if (const auto code = value.get_bool().get(held); code != simdjson::SUCCESS) {
            return Refused{error_from(code)};
        }
        return Value::make_boolean(held);
    }

    static Result<Value, Error> null(od::value value) {
        bool held = false;
        if (value.is_null().get(held) != simdjson::SUCCESS || !held) {
            return Refused{Error::invalid_syntax};
        }
        return Value::make_null();
    }

    static Result<Value, Error> number(std::string_view token) {
        while (!token.empty() && std::string_view(" \t\r\n").find(token.back()) != std::string_view::npos) {
            token.remove_suffix(1);
        }
        if (!is_json_number(token)) {
            return Refused{Error::invalid_syntax};
        }
        return Value::make_number(std::string(token));
    }

    // After unescaping: \u0000 would be cut by the database library, and half a surrogate pair is no character.
    static Result<std::string, Error> checked_text(simdjson::simdjson_result<std::string_view> found) {
        std::string_view held;
        if (const auto code = std::move(found).get(held); code != simdjson::SUCCESS) {
            return Refused{error_from(code)};
        }
        if (held.find('\0') != std::string_view::npos || !text::is_valid_utf8(held)) {
            return Refused{Error::invalid_syntax};
        }
        return std::string(held);
    }

    static Result<Value, Error> string(simdjson::simdjson_result<std::string_view> found) {
        auto text = checked_text(found);
        if (!text) {
            return Refused{text.error()};
        }
        return Value::make_string(*std::move(text));
    }

    Result<Value, Error> array(od::value value, std::size_t depth) {
        od::array array;
        if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) {
            return Refused{error_from(code)};
        }
        std::vector<Value> items;
        for (auto item : array) {
            od::value held;
            if (const auto code = item.get(held); code != simdjson::SUCCESS) {
                return Refused{error_from(code)};
            }
            auto built = build(held, depth + 1);
            if (!built) {
                return built;
            }
            items.push_back(*std::move(built));
        }
        return Value::make_array(std::move(items));
    }

    Result<Value, Error> object(od::value value, std::size_t depth) {
        od::object object;
        if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) {
            return Refused{error_from(code)};
        }
        std::vector<std::pair<std::string, Value>> members;
        for (auto field : object) {
            auto key = checked_text(field.unescaped_key());
            if (!key) {
                return Refused{key.error()};
            }
            od::value held;
            if (const auto code = field.value().get(held); code != simdjson::SUCCESS) {
                return Refused{error_from(code)};
            }
            auto built = build(held, depth + 1);
            if (!built) {
                return built;
            }
            members.emplace_back(*std::move(key), *std::move(built));
        }
        if (has_duplicate(members)) {
            return Refused{Error::duplicate_key};
        }
        return Value::make_object(std::move(members));
    }

    std::size_t depth_max_;
};

// The one item of the array that `document` is. See parse() for why there is an array.
Result<Value, Error> only_item(od::document& document, std::size_t depth_max) {
    od::array wrapper;
    if (const auto code = document.get_array().get(wrapper); code != simdjson::SUCCESS) {
        return Refused{error_from(code)};
    }
    Builder builder(depth_max);
    std::optional<Value> only;
    for (auto item : wrapper) {
        od::value held;
        if (const auto code = item.get(held); code != simdjson::SUCCESS) {
            return Refused{error_from(code)};
        }
        if (only) {
            return Refused{Error::invalid_syntax};
        }
        auto built = builder.build(held, 1);
        if (!built) {
            return built;
        }
        only = *std::move(built);
    }
    if (!only || document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
        return Refused{Error::invalid_syntax};
    }
    return *std::move(only);
}

}  // namespace

// The text is parsed as the only item of an array. simdjson treats a value at the root apart from all others and is
// laxer about what follows it; as an item, "1 2", "{} x" and "1][2" are refused by the ordinary rules.
Result<Value, Error> parse(std::string_view text, const Limits& limits) {
    if (text.size() > limits.bytes_max) {
        return Refused{Error::too_large};
    }
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return Refused{Error::empty};
    }
    std::string padded;
    padded.reserve(text.size() + 2 + simdjson::SIMDJSON_PADDING);
    padded.append("[").append(text).append("]");

    od::parser parser;
    od::document document;
    const auto code = parser.iterate(padded.data(), padded.size(), padded.capacity()).get(document);
    auto result = code == simdjson::SUCCESS ? only_item(document, limits.depth_max)
                                            : Result<Value, Error>(Refused{error_from(code)});
    wipe(padded.data(), padded.size());  // callbacks can hold card numbers; this copy is nobody's to keep
    return result;
}

}  // namespace core::json
