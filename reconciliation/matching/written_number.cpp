#include "reconciliation/matching/written_number.h"

#include <algorithm>
#include <initializer_list>

#include "core/text/encoding.h"

namespace reconciliation::matching {

namespace {

constexpr std::string_view kNoBreakBlank = "\u00A0";
constexpr std::string_view kNarrowBlank = "\u202F";

bool drop_front(std::string_view& text, std::string_view what) {
    if (!text.starts_with(what)) {
        return false;
    }
    text.remove_prefix(what.size());
    return true;
}

bool drop_back(std::string_view& text, std::string_view what) {
    if (!text.ends_with(what)) {
        return false;
    }
    text.remove_suffix(what.size());
    return true;
}

void drop_blanks(std::string_view& text) {
    do {
        text = core::text::trimmed(text);
    } while (drop_front(text, kNoBreakBlank) || drop_back(text, kNoBreakBlank));
}

void drop_currency(std::string_view& text) {
    for (const std::string_view sign : {"¥", "￥", "$", "€", "£"}) {
        if (drop_front(text, sign) || drop_back(text, sign)) {
            break;
        }
    }
    drop_blanks(text);
}

// What stands around the digits; whether it makes the number negative, nothing when it says so twice.
std::optional<bool> drop_signs(std::string_view& text) {
    int signs = 0;
    bool is_negative = false;
    const auto drop = [&] {
        const bool minus = drop_front(text, "-") || drop_front(text, "\u2212") || drop_back(text, "-");
        const bool plus = !minus && drop_front(text, "+");
        signs += minus || plus ? 1 : 0;
        is_negative = is_negative || minus;
        drop_blanks(text);
    };
    drop_blanks(text);
    if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
        text = text.substr(1, text.size() - 2);
        is_negative = true;
        ++signs;
        drop_blanks(text);
    }
    drop();
    drop_currency(text);
    drop();
    return signs > 1 ? std::nullopt : std::optional(is_negative);
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The digits before the decimal sign, without what tells the thousands apart.
std::optional<std::string> whole_digits(std::string_view text, char decimal) {
    if (all_digits(text)) {
        return std::string(text);
    }
    constexpr std::size_t kGroup = 3;
    const std::string_view mark = decimal == ',' ? "." : ",";
    for (const std::string_view between :
         {mark, std::string_view("'"), std::string_view(" "), kNoBreakBlank, kNarrowBlank}) {
        auto at = text.find(between);
        if (at == std::string_view::npos || at > kGroup || !all_digits(text.substr(0, at))) {
            continue;
        }
        std::string digits(text.substr(0, at));
        std::string_view rest = text.substr(at);
        while (!rest.empty()) {
            if (!drop_front(rest, between) || rest.size() < kGroup || !all_digits(rest.substr(0, kGroup))) {
                return std::nullopt;
            }
            digits += rest.substr(0, kGroup);
            rest.remove_prefix(kGroup);
        }
        return digits;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> plainly_written(std::string_view text, char decimal) {
    const auto is_negative = drop_signs(text);
    if (!is_negative) {
        return std::nullopt;
    }
    const auto point = text.find(decimal);
    const auto whole = whole_digits(text.substr(0, point), decimal);
    if (!whole || (point != std::string_view::npos && !all_digits(text.substr(point + 1)))) {
        return std::nullopt;
    }
    std::string number = (*is_negative ? "-" : "") + *whole;
    if (point != std::string_view::npos) {
        number.append(".").append(text.substr(point + 1));
    }
    return number;
}

}  // namespace reconciliation::matching
