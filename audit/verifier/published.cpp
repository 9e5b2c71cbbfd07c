#include "audit/verifier/published.h"

#include <simdjson.h>

#include <charconv>

#include "audit/verifier/digest.h"

namespace verifier {
namespace {

// Since 1970-01-01, in the Gregorian calendar; years begin in March, so that the day of a leap year is the last.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
    year -= month <= 2 ? 1 : 0;
    const auto of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719468;
}

// "2026-11-22T23:11:50.123Z" in microseconds; 0 for what isn't one.
std::int64_t microseconds(std::string_view text) {
    const auto part = [&](std::size_t from, std::size_t length) {
        std::int64_t number = 0;
        if (text.size() >= from + length) {
            std::from_chars(text.data() + from, text.data() + from + length, number);
        }
        return number;
    };
    if (text.size() < 20) {
        return 0;
    }
    const auto seconds =
        days_of(part(0, 4), part(5, 2), part(8, 2)) * 86400 + part(11, 2) * 3600 + part(14, 2) * 60 + part(17, 2);
    std::int64_t fraction = 0;
    if (text.size() > 20 && text[19] == '.') {
        auto digits = std::string(text.substr(20, text.find('Z') - 20));
        digits.resize(6, '0');
        std::from_chars(digits.data(), digits.data() + 6, fraction);
    }
    return seconds * 1'000'000 + fraction;
}

std::string string_in(const simdjson::dom::element& json, const char* key) {
    std::string_view text;
    return json[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}
std::int64_t number_in(const simdjson::dom::element& json, const char* key) {
    std::int64_t number = 0;
    return json[key].get(number) == simdjson::SUCCESS ? number : -1;
}

// The whole of it, when it is one JSON object of this tenant.
std::optional<simdjson::dom::element> object_in(simdjson::dom::parser& parser, const std::string& text,
                                                const std::string& tenant) {
    simdjson::dom::element json;
    if (parser.parse(text).get(json) != simdjson::SUCCESS || !json.is_object() || string_in(json, "tenant") != tenant) {
        return std::nullopt;
    }
    return json;
}

}  // namespace

std::vector<std::int64_t> numbers_in(std::string_view array) {
    std::vector<std::int64_t> numbers;
    const char* end = array.data() + array.size();
    for (const char* at = array.data(); at < end; ++at) {
        std::int64_t number = 0;
        const auto read = std::from_chars(at, end, number);
        if (read.ec == std::errc()) {
            numbers.push_back(number);
            at = read.ptr;
        }
    }
    return numbers;
}

std::optional<Seal> seal_in(const std::string& text, const std::string& tenant) {
    simdjson::dom::parser parser;
    const auto json = object_in(parser, text, tenant);
    if (!json) {
        return std::nullopt;
    }
    return Seal{number_in(*json, "seal"),
                number_in(*json, "after_entry"),
                number_in(*json, "until_entry"),
                microseconds(string_in(*json, "sealed_at")),
                numbers_in(string_in(*json, "entry_ids")),
                from_hex(string_in(*json, "leaves")),
                from_hex(string_in(*json, "previous")),
                from_hex(string_in(*json, "digest")),
                from_hex(string_in(*json, "signature"))};
}

std::optional<Close> close_in(const std::string& text, const std::string& tenant) {
    simdjson::dom::parser parser;
    const auto json = object_in(parser, text, tenant);
    if (!json) {
        return std::nullopt;
    }
    return Close{string_in(*json, "closed_until"),
                 string_in(*json, "after_day"),
                 number_in(*json, "until_entry"),
                 number_in(*json, "entries"),
                 from_hex(string_in(*json, "entries_digest")),
                 from_hex(string_in(*json, "trial_balance_digest")),
                 string_in(*json, "accepted"),
                 from_hex(string_in(*json, "previous")),
                 microseconds(string_in(*json, "closed_at")),
                 from_hex(string_in(*json, "digest")),
                 from_hex(string_in(*json, "signature"))};
}

}  // namespace verifier
