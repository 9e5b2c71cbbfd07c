#include "payments/channels/unionpay/message.h"

#include <algorithm>
#include <utility>

#include "core/text/encoding.h"

namespace payments::unionpay {

namespace {

// Where the pair that begins at `from` ends: at the next '&' outside brackets, or at the text's end.
// Nothing when a bracket stays open.
std::optional<std::size_t> pair_end(std::string_view text, std::size_t from) {
    std::size_t at = from;
    while (at < text.size() && text[at] != '&') {
        if (text[at] == '{' || text[at] == '[') {
            const auto closer = text.find(text[at] == '{' ? '}' : ']', at);
            if (closer == std::string_view::npos) {
                return std::nullopt;
            }
            at = closer;
        }
        ++at;
    }
    return at;
}

// False when it is no pair or the name was there before.
bool add_pair(Fields& fields, std::string_view pair) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        return false;
    }
    return fields.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second;
}

}  // namespace

std::optional<Fields> fields_from_form(std::string_view body) {
    if (body.empty()) {
        return Fields{};
    }
    auto pairs = core::text::parse_form(body);
    if (!pairs) {
        return std::nullopt;
    }
    Fields fields;
    for (auto& [name, value] : *pairs) {
        if (name.empty() || !fields.emplace(std::move(name), std::move(value)).second) {
            return std::nullopt;
        }
    }
    return fields;
}

std::optional<Fields> fields_from_response(std::string_view text) {
    if (!core::text::is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    Fields fields;
    std::size_t from = 0;
    while (from < text.size()) {
        const auto end = pair_end(text, from);
        if (!end || !add_pair(fields, text.substr(from, *end - from))) {
            return std::nullopt;
        }
        from = *end + 1;
    }
    return fields;
}

std::optional<std::string_view> value_of(const Fields& fields, std::string_view name) {
    const auto found = fields.find(name);
    if (found == fields.end() || found->second.empty()) {
        return std::nullopt;
    }
    return found->second;
}

std::string string_to_sign(const Fields& fields, EmptyValues empties) {
    std::string text;
    for (const auto& [name, value] : fields) {
        if (name == "signature" || (value.empty() && empties == EmptyValues::dropped)) {
            continue;
        }
        if (!text.empty()) {
            text += '&';
        }
        text += name;
        text += '=';
        text += value;
    }
    return text;
}

bool has_empty_value(const Fields& fields) {
    return std::any_of(fields.begin(), fields.end(), [](const auto& field) { return field.second.empty(); });
}

}  // namespace payments::unionpay
