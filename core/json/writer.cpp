#include "core/json/writer.h"

#include <simdjson.h>

#include <limits>

#include "core/failure.h"

namespace core::json {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

void append_escaped(std::string& out, char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
    switch (c) {
        case '"':
            out.append("\\\"");
            return;
        case '\\':
            out.append("\\\\");
            return;
        case '\n':
            out.append("\\n");
            return;
        case '\r':
            out.append("\\r");
            return;
        case '\t':
            out.append("\\t");
            return;
        case '\b':
            out.append("\\b");
            return;
        case '\f':
            out.append("\\f");
            return;
        default:
            break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
        out.append("\\u00");
        out.push_back(kHex[byte >> 4U]);
        out.push_back(kHex[byte & 0x0FU]);
        return;
    }
    out.push_back(c);
}

// How many bytes the character at the start of `text` has; 0 when those bytes are none.
std::size_t character_length(std::string_view text) {
    for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
        if (simdjson::validate_utf8(text.data(), length)) {
            return length;
        }
    }
    return 0;
}

// Bytes that are no UTF-8 would make the whole line no JSON; each becomes the replacement character.
std::string mended(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        out.append(length == 0 ? kReplacement : text.substr(0, length));
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

}  // namespace

std::string quoted(std::string_view text) {
    if (!simdjson::validate_utf8(text.data(), text.size())) {
        return json::quoted(mended(text));
    }
    std::string out;
    out.reserve(text.size() + 2);
    out.push_back('"');
    for (const char c : text) {
        append_escaped(out, c);
    }
    out.push_back('"');
    return out;
}

void Writer::new_line() {
    if (indent_ > 0) {
        out_.push_back('\n');
        out_.append(levels_.size() * static_cast<std::size_t>(indent_), ' ');
    }
}

void Writer::before_value() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (levels_.empty()) {
        ensure(out_.empty(), "a JSON text is one value");
        return;
    }
    ensure(levels_.back().array, "a JSON object's value follows its key");
    if (!levels_.back().empty) {
        out_.push_back(',');
    }
    levels_.back().empty = false;
    new_line();
}

Writer& Writer::begin_object() {
    before_value();
    out_.push_back('{');
    levels_.push_back({false, true});
    return *this;
}

Writer& Writer::begin_array() {
    before_value();
    out_.push_back('[');
    levels_.push_back({true, true});
    return *this;
}

Writer& Writer::end_object() { return end(false); }

Writer& Writer::end_array() { return end(true); }

Writer& Writer::end(bool array) {
    ensure(!levels_.empty() && levels_.back().array == array && !after_key_, "a JSON writer ends what it began");
    const bool was_empty = levels_.back().empty;
    levels_.pop_back();
    if (!was_empty) {
        new_line();
    }
    out_.push_back(array ? ']' : '}');
    return *this;
}

Writer& Writer::key(std::string_view name) {
    ensure(!levels_.empty() && !levels_.back().array && !after_key_, "a JSON key stands in an object");
    if (!levels_.back().empty) {
        out_.push_back(',');
    }
    levels_.back().empty = false;
    new_line();
    out_.append(quoted(name));
    out_.append(indent_ > 0 ? ": " : ":");
    after_key_ = true;
    return *this;
}

Writer& Writer::value(std::string_view text) {
    before_value();
    out_.append(quoted(text));
    return *this;
}

Writer& Writer::value(std::int64_t number) {
    before_value();
    out_.append(std::to_string(number));
    return *this;
}

Writer& Writer::value(std::size_t number) {
    before_value();
    out_.append(std::to_string(number));
    return *this;
}

Writer& Writer::value(bool boolean) {
    before_value();
    out_.append(boolean ? "true" : "false");
    return *this;
}

Writer& Writer::null() {
    before_value();
    out_.append("null");
    return *this;
}

Writer& Writer::value(const Money& money) {
    begin_object();
    member("amount", money.minor());
    member("currency", money.currency().code());
    return end_object();
}

}  // namespace core::json
