#include "audit/impl/scan_cards.h"

#include <algorithm>
#include <array>
#include <string>

namespace audit::impl {
namespace {

constexpr std::size_t kTrackMax = 80;  // of a number's tracks together

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int prefix(std::string_view digits, std::size_t count) {
    int value = 0;
    for (const char c : digits.substr(0, count)) {
        value = value * 10 + (c - '0');
    }
    return value;
}
bool between(int value, int low, int high) { return value >= low && value <= high; }

bool is_unionpay(std::string_view d) { return d.substr(0, 2) == "62" || between(prefix(d, 4), 8100, 8171); }

// Names of card fields and what people call cards, without separators and in small letters.
constexpr std::array<std::string_view, 13> kWords = {"accno",      "acctno", "ccnum",  "ccno", "unionpay",
                                                     "mastercard", "卡号",   "银行卡", "账号", "帐号",
                                                     "信用卡",     "借记卡", "银联卡"};

// "card" as a word, or the end or the beginning of one that is about cards: not discard, wildcard, cardinal.
bool says_card_alone(std::string_view words) {
    for (auto at = words.find("card"); at != std::string_view::npos; at = words.find("card", at + 1)) {
        const auto before = words.substr(0, at);
        const auto behind = words.substr(at + 4);
        if (!before.ends_with("dis") && !before.ends_with("wild") && !before.ends_with("place") &&
            !behind.starts_with("inal") && !behind.starts_with("iac")) {
            return true;
        }
    }
    return false;
}

std::string letters_of(std::string_view text) {
    std::string letters;
    for (const char c : text) {
        if (is_letter(c) || static_cast<unsigned char>(c) > 0x7F) {
            letters.push_back(lower(c));
        }
    }
    return letters;
}

// "pan" before a number, as a word of its own: behind it only what stands between a name and its value.
bool ends_with_pan(std::string_view before) {
    while (!before.empty() && !is_letter(before.back())) {
        before.remove_suffix(1);
    }
    if (before.size() < 3 || letters_of(before.substr(before.size() - 3)) != "pan") {
        return false;
    }
    return before.size() == 3 || !is_letter(before[before.size() - 4]);
}

}  // namespace

bool is_common_card(std::string_view d) {
    const int two = prefix(d, 2);
    const int three = prefix(d, 3);
    const int four = prefix(d, 4);
    switch (d.size()) {
        case 13:
            return d[0] == '4';
        case 14:
            return two == 62 || between(three, 300, 305) || two == 36 || two == 38 || two == 39;
        case 15:
            return two == 62 || two == 34 || two == 37;
        case 16:
            return d[0] == '4' || between(two, 51, 55) || between(four, 2221, 2720) || four == 6011 || two == 65 ||
                   two == 62 || between(four, 3528, 3589);
        case 17:
        case 18:
            return two == 62;
        case 19:
            return two == 62 || d[0] == '4';
        default:
            return false;
    }
}

bool is_identity_number(std::string_view d) {
    if (d.size() != 18) {
        return false;
    }
    const bool is_day = between(prefix(d.substr(6), 4), 1900, 2099) && between(prefix(d.substr(10), 2), 1, 12) &&
                        between(prefix(d.substr(12), 2), 1, 31);
    constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (std::size_t i = 0; i < kWeights.size(); ++i) {
        sum += (d[i] - '0') * kWeights.at(i);
    }
    return is_day && "10X98765432"[sum % 11] == d[17];
}

std::optional<Confidence> judge_card(std::string_view digits, const Signs& signs) {
    const bool is_sure = signs.card_said || signs.is_grouped;
    if (!looks_like_card(digits)) {
        return std::nullopt;
    }
    if (!passes_luhn(digits)) {
        return is_unionpay(digits) && signs.card_said ? std::optional(Confidence::medium) : std::nullopt;
    }
    if (!is_common_card(digits) || is_identity_number(digits)) {
        return is_sure ? std::optional(Confidence::medium) : std::nullopt;
    }
    return is_sure ? Confidence::high : Confidence::medium;
}

std::size_t track_end(std::string_view text, std::size_t begin, std::size_t end) {
    if (end >= text.size()) {
        return end;
    }
    const auto behind = text.substr(end, kTrackMax);
    if (behind[0] == '^' && begin > 0 && (text[begin - 1] == 'B' || text[begin - 1] == 'b')) {
        return end +
               static_cast<std::size_t>(
                   std::find_if(behind.begin(), behind.end(),
                                [](char c) { return c == '?' || c == '"' || static_cast<unsigned char>(c) < ' '; }) -
                   behind.begin());
    }
    const auto rest = behind.substr(1, 7);
    const bool month = rest.size() == 7 && std::all_of(rest.begin(), rest.end(), is_digit) &&
                       ((rest[2] == '0' && rest[3] != '0') || (rest[2] == '1' && rest[3] <= '2'));
    if (!month || (behind[0] != '=' && behind[0] != 'D' && behind[0] != 'd')) {
        return end;
    }
    return end + 1 +
           static_cast<std::size_t>(std::find_if_not(behind.begin() + 1, behind.end(), is_digit) -
                                    (behind.begin() + 1));
}

bool is_test_number(std::string_view digits) {
    constexpr std::array<std::string_view, 27> kPublished = {
        "4242424242424242", "4012888888881881",   "4000056655665556", "4222222222222",       "4111111111111111",
        "5555555555554444", "5105105105105100",   "5200828282828210", "2223003122003222",    "2221000010000015",
        "378282246310005",  "371449635398431",    "6011111111111117", "6011000990139424",    "6011981111111113",
        "3056930009020004", "36227206271667",     "30569309025904",   "38520000023237",      "3566002020360505",
        "3530111333300000", "6200000000000005",   "6200000000000047", "6205500000000000004", "6221558812340000",
        "6555900000604105", "4000000000000000006"};
    return std::find(kPublished.begin(), kPublished.end(), digits) != kPublished.end();
}

bool speaks_of_card(std::string_view before, std::string_view behind) {
    const auto words = letters_of(before);
    return ends_with_pan(before) || says_card_alone(words) || letters_of(behind).starts_with("card") ||
           std::any_of(kWords.begin(), kWords.end(),
                       [&](std::string_view word) { return words.find(word) != std::string::npos; });
}

}  // namespace audit::impl
