#include "audit/redact.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "audit/impl/conceal.h"
#include "audit/impl/scan_cards.h"
#include "core/crypto/digest.h"
#include "core/failure.h"

namespace audit {
namespace {

constexpr std::size_t kDigitsMin = 13;
constexpr std::size_t kDigitsMax = 19;
constexpr std::size_t kShownHead = 6;
constexpr std::size_t kShownTail = 4;
constexpr std::size_t kGroupMin = 4;
constexpr std::size_t kFingerprintLetters = 16;
constexpr std::size_t kLookBack = 24;
constexpr int kRoundsMax = 8;
constexpr std::array<std::string_view, 5> kCardWords = {"card", "accno", "acctno", "卡号", "帐号"};

// By kind (impl::Concealed::Kind).
constexpr std::array<std::string_view, 5> kInBrackets = {"", "[track]", "[code]", "[secret]", "[private key]"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '_'; }

int prefix(std::string_view digits, std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        value = value * 10 + (digits[i] - '0');
    }
    return value;
}

bool between(int value, int low, int high) { return value >= low && value <= high; }

// Brands by prefix and length; the table of the card schemes' published ranges (a superset, for detection).
bool is_visa(std::string_view d) {
    return d[0] == '4' && (d.size() == 13 || d.size() == 16 || d.size() == 18 || d.size() == 19);
}
bool is_mastercard(std::string_view d) {
    return d.size() == 16 && (between(prefix(d, 2), 51, 55) || between(prefix(d, 4), 2221, 2720));
}
bool is_amex(std::string_view d) { return d.size() == 15 && (prefix(d, 2) == 34 || prefix(d, 2) == 37); }
bool is_discover(std::string_view d) {
    return (d.size() == 16 || d.size() == 19) &&
           (prefix(d, 4) == 6011 || between(prefix(d, 3), 644, 649) || prefix(d, 2) == 65);
}
bool is_jcb(std::string_view d) {
    return (d.size() >= 16 && between(prefix(d, 4), 3528, 3589)) ||
           (d.size() == 15 && (prefix(d, 4) == 2131 || prefix(d, 4) == 1800));
}
bool is_diners(std::string_view d) {
    const bool length = d.size() == 14 || d.size() == 16 || d.size() == 19;
    return length &&
           (between(prefix(d, 3), 300, 305) || prefix(d, 2) == 36 || prefix(d, 2) == 38 || prefix(d, 2) == 39);
}
bool is_unionpay(std::string_view d) {
    return d.size() >= 14 && (prefix(d, 2) == 62 || between(prefix(d, 4), 8100, 8171));
}
bool is_mir(std::string_view d) { return d.size() >= 16 && between(prefix(d, 4), 2200, 2204); }

// Eight at a time: other people's numbers are long.
std::size_t digits_end(std::string_view text, std::size_t begin) {
    for (; begin + 8 <= text.size(); begin += 8) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, text.data() + begin, sizeof(bytes));
        const std::uint64_t values = bytes ^ 0x3030303030303030U;
        if ((((values + 0x7676767676767676U) | values) & 0x8080808080808080U) != 0) {
            break;
        }
    }
    while (begin < text.size() && is_digit(text[begin])) {
        ++begin;
    }
    return begin;
}

// Behind what redact() made before, when it begins here: "424242******4242~fingerprint". It belongs to no other run.
std::optional<std::size_t> masked_end(std::string_view text, std::size_t begin) {
    std::size_t at = digits_end(text, begin);
    const std::size_t stars = at;
    while (at < text.size() && text[at] == '*') {
        ++at;
    }
    const std::size_t tail = at;
    at = digits_end(text, at);
    const bool is_masked = stars - begin == kShownHead && tail - stars >= kDigitsMin - kShownHead - kShownTail &&
                           at - tail == kShownTail && at < text.size() && text[at] == '~';
    if (!is_masked) {
        return std::nullopt;
    }
    const std::size_t most = std::min(text.size(), at + 1 + kFingerprintLetters);
    do {
        ++at;
    } while (at < most && text[at] >= 'a' && text[at] <= 'p');
    return at;
}

// A run of digits in which single separators may stand, taken group by group.
struct Run {
    struct Cut {
        std::size_t end;     // in the text
        std::size_t digits;  // up to there
    };
    std::string digits;
    std::vector<Cut> cuts;  // after each group that a card may end with
};

// From `begin`, which is a digit, as far as a card number can reach. A card written in groups may have other figures
// behind it ("4242 4242 4242 4242 12/30"), so the run is also cut after each group; but groups of one to three digits
// that go on and on are dates, versions and addresses, and count only as far as the digits go.
Run run_from(std::string_view text, std::size_t begin) {
    Run run;
    bool long_groups = true;
    std::size_t at = begin;
    while (true) {
        const std::size_t end = digits_end(text, at);
        run.digits.append(text.substr(at, end - at));
        const bool goes_on = end + 1 < text.size() && is_separator(text[end]) && is_digit(text[end + 1]);
        if (run.digits.size() > kDigitsMax && at != begin) {
            return run;
        }
        if (!goes_on || long_groups) {
            run.cuts.push_back({end, run.digits.size()});
        }
        if (!goes_on || run.digits.size() > kDigitsMax || masked_end(text, end + 1)) {
            return run;
        }
        long_groups = long_groups && end - at >= kGroupMin;
        at = end + 1;
    }
}

// What stands before a number.
struct Before {
    std::string_view text;  // since the last card
    bool behind_card;
};

// Some of UnionPay's numbers don't pass Luhn, so these go by what is said before them. Names of card fields, in small
// letters without separators: "cardNo=", "card number: ", "accNo", "acct_no"; and what people write.
// Another card says so too, with no letters in between: a list of them is headed once.
bool says_card(const Before& before) {
    const auto near = before.text.substr(before.text.size() - std::min(before.text.size(), kLookBack));
    std::string words;
    for (const char c : near) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) > 0x7F;
        if (is_letter) {
            words.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
        }
    }
    if (before.behind_card && words.empty() && near.size() == before.text.size()) {
        return true;
    }
    return words.ends_with("pan") || std::any_of(kCardWords.begin(), kCardWords.end(), [&](std::string_view word) {
               return words.find(word) != std::string::npos;
           });
}

bool is_card(std::string_view digits, const Before& before) {
    return looks_like_card(digits) && (passes_luhn(digits) || (is_unionpay(digits) && says_card(before)));
}

struct Card {
    std::string digits;
    std::size_t end;  // in the text
};

// The card that begins here. Digits in one piece are a card by themselves, whatever follows ("...4242.00"); of what is
// written in groups the longest, since too much masked is better than too little.
std::optional<Card> card_from(std::string_view text, std::size_t begin, const Before& before) {
    const auto run = run_from(text, begin);
    if (const auto piece = text.substr(begin, digits_end(text, begin) - begin); is_card(piece, before)) {
        return Card{std::string(piece), begin + piece.size()};
    }
    for (auto cut = run.cuts.rbegin(); cut != run.cuts.rend(); ++cut) {
        const auto digits = std::string_view(run.digits).substr(0, cut->digits);
        if (is_card(digits, before)) {
            return Card{std::string(digits), cut->end};
        }
    }
    return std::nullopt;
}

}  // namespace

std::string masked_card(std::string_view digits) {
    if (digits.size() < kDigitsMin) {
        return std::string(digits.size(), '*');
    }
    return std::string(digits.substr(0, 6)) + std::string(digits.size() - 10, '*') +
           std::string(digits.substr(digits.size() - 4));
}

bool passes_luhn(std::string_view digits) {
    int sum = 0;
    bool twice = false;
    for (auto at = digits.rbegin(); at != digits.rend(); ++at) {
        int value = *at - '0';
        if (twice) {
            value = value * 2 > 9 ? value * 2 - 9 : value * 2;
        }
        sum += value;
        twice = !twice;
    }
    return !digits.empty() && sum % 10 == 0;
}

bool looks_like_card(std::string_view digits) {
    if (digits.size() < kDigitsMin || digits.size() > kDigitsMax) {
        return false;
    }
    return is_visa(digits) || is_mastercard(digits) || is_amex(digits) || is_discover(digits) || is_jcb(digits) ||
           is_diners(digits) || is_unionpay(digits) || is_mir(digits);
}

bool may_hold_card(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (!is_digit(text[at])) {
            ++at;
            continue;
        }
        // A run of digits with single separators: more than one group is left to redact(), if it is long enough.
        const std::size_t first_end = digits_end(text, at);
        std::size_t end = first_end;
        std::size_t digits = end - at;
        while (end + 1 < text.size() && is_separator(text[end]) && is_digit(text[end + 1])) {
            const std::size_t group = end + 1;
            end = digits_end(text, group);
            digits += end - group;
        }
        const auto piece = text.substr(at, first_end - at);
        const bool may = end == first_end ? looks_like_card(piece) && (passes_luhn(piece) || is_unionpay(piece))
                                          : digits >= kDigitsMin;
        if (may) {
            return true;
        }
        at = end;
    }
    return false;
}

Redactor::Redactor(core::KeyBytes key) : key_(std::move(key)) {
    core::ensure(key_.reveal().size() >= 16, "a redactor has a key of at least 16 bytes");
}

std::string Redactor::fingerprint(std::string_view card_digits) const {
    const auto mac = core::crypto::hmac_sha256(key_.reveal(), card_digits);
    std::string letters;
    for (std::size_t i = 0; i < 8; ++i) {
        letters.push_back(static_cast<char>('a' + (mac[i] >> 4U)));
        letters.push_back(static_cast<char>('a' + (mac[i] & 0x0FU)));
    }
    return letters;
}

std::string Redactor::redact_cards(std::string_view text) const {
    std::string out;
    std::size_t copied = 0;
    std::size_t last_end = 0;  // of the last card, masked here or before: what stands behind it is looked at alone
    std::size_t at = 0;
    while (at < text.size()) {
        if (!is_digit(text[at])) {
            ++at;
            continue;
        }
        if (const auto end = masked_end(text, at)) {
            at = last_end = *end;
            continue;
        }
        const auto card = card_from(text, at, {text.substr(last_end, at - last_end), last_end > 0});
        if (!card) {
            at = digits_end(text, at);
            continue;
        }
        out.append(text.substr(copied, at - copied));
        out += masked_card(card->digits) + "~" + fingerprint(card->digits);
        const auto end = impl::track_end(text, at, card->end);
        out += end > card->end ? kInBrackets[1] : "";
        at = copied = last_end = end;
    }
    out.append(text.substr(copied));
    return out;
}

std::string Redactor::redact(std::string_view text) const {
    std::string shown = redact_cards(text);
    // What stood apart may stand together once something between is gone.
    for (int round = 0; round < kRoundsMax; ++round) {
        const auto found = impl::find_concealed(shown);
        if (found.empty()) {
            break;
        }
        std::string out;
        std::size_t copied = 0;
        for (const auto& one : found) {
            out.append(shown, copied, one.begin - copied);
            if (!one.digits.empty()) {
                out += masked_card(one.digits) + "~" + fingerprint(one.digits);
            }
            out += kInBrackets.at(static_cast<std::size_t>(one.kind));
            copied = one.end;
        }
        out.append(shown, copied);
        shown = redact_cards(out);
    }
    return shown;
}

}  // namespace audit
