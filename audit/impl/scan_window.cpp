#include "audit/impl/scan_window.h"

#include <algorithm>

#include "audit/impl/scan_cards.h"

namespace audit::impl {
namespace {

constexpr std::size_t kSpokenBefore = 48;
constexpr std::size_t kSpokenBehind = 16;
constexpr std::size_t kLongHex = 32;
constexpr std::size_t kKept = 15;     // digits that a spreadsheet keeps
constexpr std::size_t kWritten = 11;  // fewer are any round number

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// A digest or an id in hexadecimal, of which the digits are a part.
bool is_in_long_hex(std::string_view text, std::size_t begin, std::size_t end) {
    const std::size_t digits = end - begin;
    while (begin > 0 && is_hex(text[begin - 1]) && end - begin < kLongHex) {
        --begin;
    }
    while (end < text.size() && is_hex(text[end]) && end - begin < kLongHex) {
        ++end;
    }
    return end - begin >= kLongHex && end - begin > digits;
}

// 0.4242424242424242: what stands behind the point.
bool is_fraction(std::string_view text, std::size_t begin) {
    return begin >= 2 && text[begin - 1] == '.' && is_digit(text[begin - 2]);
}

// Behind the E and its sign.
std::size_t exponent_at(std::string_view text, std::size_t e) {
    return e + 1 < text.size() && text[e + 1] == '+' ? e + 2 : e + 1;
}

}  // namespace

void Dealt::forget(std::size_t bytes) {
    run -= std::min(run, bytes);
    for (auto& until : with) {
        until -= std::min(until, bytes);
    }
}

std::size_t Window::digits_end(std::size_t at) const {
    while (at < text_.size() && is_digit(text_[at])) {
        ++at;
    }
    return at;
}

bool Window::speaks_of_card(std::size_t begin, std::size_t end) const {
    const std::size_t back = std::min(begin, kSpokenBefore);
    return card_said_ || impl::speaks_of_card(text_.substr(begin - back, back),
                                              text_.substr(std::min(end, text_.size())).substr(0, kSpokenBehind));
}

void Window::look_at(const Trigger& trigger) {
    auto& dealt = dealt_.of(trigger.kind);
    if (trigger.at < dealt) {
        return;
    }
    switch (trigger.kind) {
        case TriggerKind::piece:
            return look_at_piece(trigger.at);
        case TriggerKind::group:
            return look_at_groups(trigger.at);
        case TriggerKind::singles:
            return at(trigger.at + 1) == '\0' ? look_at_utf16(trigger.at) : look_at_equal_groups(trigger.at, 1);
        case TriggerKind::pairs:
            return look_at_equal_groups(trigger.at, 2);
        case TriggerKind::triples:
            return look_at_equal_groups(trigger.at, 3);
        case TriggerKind::hex:
            return look_at_hex(trigger.at);
        case TriggerKind::base64:
            return look_at_base64(trigger.at);
        case TriggerKind::base64_mid:
            return trigger.at > 0 ? look_at_base64(trigger.at - 1) : void();
        case TriggerKind::escape:
            return look_at_escape(trigger.at);
        case TriggerKind::full_width:
            return look_at_full_width(trigger.at);
        case TriggerKind::scientific:
            return look_at_scientific(trigger.at);
        case TriggerKind::word:
            return look_at_word(trigger.at);
        case TriggerKind::gzip:
            return;  // dealt with by whoever has the rest of the text
    }
}

void Window::look_at_piece(std::size_t begin) {
    const auto end = digits_end(begin);
    const auto digits = text_.substr(begin, end - begin);
    if (begin < dealt_.run || !looks_like_card(digits) || is_fraction(text_, begin) ||
        is_in_long_hex(text_, begin, end)) {
        return;
    }
    const bool has_check_letter = (at(end) == 'X' || at(end) == 'x') && is_identity_number(std::string(digits) + 'X');
    if (has_check_letter && !speaks_of_card(begin, end)) {
        return;
    }
    judge({begin, end, std::string(digits), "plain"});
}

std::string Window::id_field(std::size_t begin, std::size_t end) const {
    if (fields_ == nullptr) {
        return {};
    }
    auto name = field_around(text_, begin, end);
    if (name.empty()) {
        name = column_around(*columns_, text_, begin, end);
    }
    return is_id_field(name) ? std::string(name) : std::string();
}

bool Window::judge(const Number& number) {
    const bool passes = passes_luhn(number.digits);
    std::string field;
    if (number.encoding == "plain" && is_common_card(number.digits)) {
        field = id_field(number.begin, number.end);
        if (!field.empty()) {
            auto& seen = (*fields_)[field];
            ++seen.like_cards;
            seen.pass_luhn += passes ? 1 : 0;
        }
    }
    const std::size_t end = track_end(text_, number.begin, number.end);
    const bool on_track = end > number.end;
    const bool may_be = passes || number.digits.starts_with("62") || number.digits.starts_with("81");
    if (!may_be) {
        return false;
    }
    const Signs signs{on_track || speaks_of_card(number.begin, number.end), number.is_grouped};
    auto confidence = judge_card(number.digits, signs);
    if (!confidence) {
        return false;
    }
    if (number.is_doubtful) {
        confidence = signs.card_said ? Confidence::medium : Confidence::low;
    }
    hits_.push_back({number.begin, end, on_track ? FindingKind::track : FindingKind::pan, *confidence,
                     std::string(number.encoding), number.digits, "", signs.card_said ? "" : field});
    return true;
}

// The digits of d.ddd...E+dd. A spreadsheet keeps fifteen: the sixteenth of a card number is gone then, and what is
// left is worth a look; of longer numbers too much is gone.
void Window::look_at_scientific(std::size_t e) {
    std::size_t begin = e;
    while (begin > 0 && e - begin < 20 && is_digit(text_[begin - 1])) {
        --begin;
    }
    const bool has_point = begin >= 2 && text_[begin - 1] == '.' && is_digit(text_[begin - 2]) &&
                           (begin == 2 || !is_digit(text_[begin - 3]));
    const std::size_t power = exponent_at(text_, e);
    if (!has_point || !is_digit(at(power)) || !is_digit(at(power + 1)) || is_digit(at(power + 2))) {
        return;
    }
    const std::size_t size = static_cast<std::size_t>((text_[power] - '0') * 10 + (text_[power + 1] - '0')) + 1;
    std::string digits = text_[begin - 2] + std::string(text_.substr(begin, e - begin));
    if (size < 13 || size > 19 || digits.size() > size) {
        return;
    }
    // Zeros at the end are not written, nor is what was lost.
    const bool is_whole = digits.size() == size || (digits.size() >= kWritten && size <= kKept);
    const bool is_nearly = digits.size() >= kWritten && size == kKept + 1;
    digits.resize(size, '0');
    if (is_whole) {
        judge({begin - 2, power + 2, digits, "scientific"});
    } else if (is_nearly && is_common_card(digits)) {
        const auto masked = digits.substr(0, 6) + std::string(size - 6, '*');
        hits_.push_back({begin - 2, power + 2, FindingKind::pan, Confidence::low, "scientific", "", masked, ""});
    }
}

}  // namespace audit::impl
