#include "audit/trail_verifier/bundle.h"

#include <chrono>
#include <cstdio>

#include "audit/trail_verifier/fields.h"
#include "audit/verifier/digest.h"

namespace trail_verifier {
namespace {

using verifier::number_bytes;
using verifier::text_bytes;

// They vouch for nothing, but what names itself must be itself.
void check_keys(const simdjson::dom::element& keys, std::size_t line) {
    simdjson::dom::array array;
    if (keys.get(array) != simdjson::SUCCESS || array.size() > kKeysMax) {
        throw FormError{line, "keys", "must be a list of at most " + std::to_string(kKeysMax)};
    }
    for (const auto& one : array) {
        simdjson::dom::object object;
        if (one.get(object) != simdjson::SUCCESS) {
            throw FormError{line, "keys", "must be objects"};
        }
        Fields fields(object, line);
        const auto id = fields.key("id");
        const auto key = fields.bytes("public_key", 32);
        fields.end({"id", "public_key"});
        if (verifier::to_hex(verifier::sha256(key)).substr(0, 16) != id) {
            throw FormError{line, "keys", id + " is not the id of the key beside it"};
        }
    }
}

int digits(std::string_view text, std::size_t at, std::size_t count) {
    int number = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

// Behind "2026-11-21T08:00:00"; -1 for what isn't one.
std::int64_t fraction_of(std::string_view text) {
    if (text == "Z") {
        return 0;
    }
    if (text.size() < 3 || text.size() > 8 || text.front() != '.' || text.back() != 'Z') {
        return -1;
    }
    std::string padded(text.substr(1, text.size() - 2));
    padded.resize(6, '0');
    return digits(padded, 0, 6);
}

}  // namespace

Header header_in(const std::string& text, std::size_t line) {
    simdjson::dom::parser parser;
    Fields fields(object_in(parser, text, line), line);
    if (fields.text("bundle") != "duizhang trail 1") {
        throw FormError{line, "bundle", "must be \"duizhang trail 1\""};
    }
    Header header{fields.text("origin"), fields.text("tenant"), fields.number("records", 0, kRecordsMax),
                  fields.number("heads", 0, kHeadsMax)};
    check_keys(fields.take("keys"), line);
    fields.end({"bundle", "origin", "tenant", "records", "heads", "keys"});
    return header;
}

Record record_of(const Fields& fields) {
    Record record{fields.number("number", 1, kRecordsMax),
                  fields.instant("at"),
                  fields.text("actor"),
                  fields.text("act"),
                  fields.text("origin"),
                  fields.text("object"),
                  fields.text("before"),
                  fields.text("after"),
                  fields.text("outcome"),
                  fields.bytes("leaf", 32),
                  fields.key("key"),
                  fields.bytes("signature", 64)};
    fields.end(
        {"number", "at", "actor", "act", "origin", "object", "before", "after", "outcome", "leaf", "key", "signature"});
    return record;
}

Head head_of(const Fields& fields) {
    Head head{fields.text("origin"),        fields.text("tenant"),    fields.number("size", 0, kRecordsMax),
              fields.instant("at"),         fields.bytes("root", 32), fields.key("key"),
              fields.bytes("signature", 64)};
    fields.end({"origin", "tenant", "size", "at", "root", "key", "signature"});
    return head;
}

Record record_in(const std::string& text, std::size_t line) {
    simdjson::dom::parser parser;
    return record_of(Fields(object_in(parser, text, line), line));
}

Head head_in(const std::string& text, std::size_t line) {
    simdjson::dom::parser parser;
    const Fields outer(object_in(parser, text, line), line);
    outer.end({"head"});
    return head_of(outer.object("head"));
}

bool is_head(std::string_view text) { return text.starts_with("{\"head\""); }

bool Lines::next() {
    text_.clear();
    auto* buffer = from_.rdbuf();
    for (int c = buffer->sbumpc(); c != std::istream::traits_type::eof(); c = buffer->sbumpc()) {
        if (text_.empty()) {
            ++number_;
        }
        if (c == '\n') {
            if (text_.empty()) {
                throw FormError{number_, "", "is empty"};
            }
            return true;
        }
        text_ += static_cast<char>(c);
        if (text_.size() > kLineBytesMax) {
            throw FormError{number_, "", "is longer than " + std::to_string(kLineBytesMax) + " bytes"};
        }
    }
    whole_ = text_.empty();
    return !text_.empty();
}

std::int64_t microseconds_of(std::string_view text) {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') {
        return -1;
    }
    const auto fraction = fraction_of(text.substr(19));
    const int hour = digits(text, 11, 2);
    const int minute = digits(text, 14, 2);
    const int second = digits(text, 17, 2);
    const int year = digits(text, 0, 4);
    const int month = digits(text, 5, 2);
    const int day = digits(text, 8, 2);
    if (fraction < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        year < 1970 || month < 1 || day < 1) {
        return -1;
    }
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) {
        return -1;
    }
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1'000'000 + fraction;
}

std::string time_text(std::int64_t microseconds) {
    const auto instant = std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(microseconds));
    const auto days = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date(days);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant - days).count();
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02lld:%02lld:%02lldZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<long long>(seconds / 3600), static_cast<long long>(seconds / 60 % 60),
                  static_cast<long long>(seconds % 60));
    return text;
}

std::string leaf_of(const std::string& tenant, const Record& record) {
    return verifier::sha256(std::string(1, '\0') + "duizhang trail record 1\n" + text_bytes(tenant) +
                            number_bytes(record.number) + number_bytes(record.at_us) + text_bytes(record.actor) +
                            text_bytes(record.act) + text_bytes(record.origin) + text_bytes(record.object) +
                            text_bytes(record.before) + text_bytes(record.after) + text_bytes(record.outcome));
}

std::string signed_text(const Record& record, std::string_view leaf) {
    return "duizhang trail record signature 1\n" + text_bytes(record.key) + text_bytes(leaf);
}

std::string signed_text(const Head& head) {
    return "duizhang trail head signature 2\n" + text_bytes(head.origin) + text_bytes(head.key) +
           text_bytes(head.tenant) + number_bytes(head.size) + number_bytes(head.at_us) + text_bytes(head.root);
}

}  // namespace trail_verifier
