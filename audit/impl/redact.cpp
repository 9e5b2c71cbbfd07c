#include "audit/redact.h"

#include "core/crypto/digest.h"
#include "core/failure.h"

namespace audit {
namespace {

constexpr std::size_t kDigitsMin = 13;
constexpr std::size_t kDigitsMax = 19;

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

// A maximal run of digits from `begin` on: single separators between digits belong to it.
struct Run {
    std::size_t end;
    std::string digits;
};

Run run_from(std::string_view text, std::size_t begin) {
    Run run{begin, {}};
    std::size_t at = begin;
    while (at < text.size()) {
        if (is_digit(text[at])) {
            run.digits.push_back(text[at]);
            run.end = ++at;
        } else if (is_separator(text[at]) && at + 1 < text.size() && is_digit(text[at + 1])) {
            ++at;
        } else {
            break;
        }
    }
    return run;
}

// The digits up to the first separator.
std::size_t plain_end(std::string_view text, std::size_t begin) {
    while (begin < text.size() && is_digit(text[begin])) {
        ++begin;
    }
    return begin;
}

bool is_card(std::string_view digits) { return looks_like_card(digits) && passes_luhn(digits); }

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

std::string Redactor::redact(std::string_view text) const {
    std::string out;
    std::size_t copied = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        if (!is_digit(text[at])) {
            ++at;
            continue;
        }
        // The run with its separators first; where that is none, each of its plain parts.
        auto run = run_from(text, at);
        if (!is_card(run.digits)) {
            run.end = plain_end(text, at);
            run.digits = std::string(text.substr(at, run.end - at));
        }
        if (is_card(run.digits)) {
            out.append(text.substr(copied, at - copied));
            out += masked_card(run.digits) + "~" + fingerprint(run.digits);
            copied = run.end;
        }
        at = run.end;
    }
    if (copied == 0 && out.empty()) {
        return std::string(text);
    }
    out.append(text.substr(copied));
    return out;
}

}  // namespace audit
