// Redaction: what must not be stored, logged or shown is taken out of a text before anything else happens to it.
//
// A card number becomes first six, last four and a keyed fingerprint. What counts as one: 13 to 19 digits with a
// brand's prefix and length that pass the Luhn check, in one piece with no digit beside it, or in groups with single
// blanks, dashes, dots or underscores between them. Other figures may stand beside the groups ("4242 4242 4242 4242
// 12/30"), as long as all but the last have four digits or more. Longer pieces are other people's ids (WeChat Pay's
// have 28 digits, UnionPay's 21). Where the name before it says "card", prefix and length are enough for UnionPay's,
// which don't all pass Luhn; and so they are behind another card with no letters in between. Numbers in other clothes
// (base64, hexadecimal, escapes, full-width digits, UTF-16, one over the other) are found as the scanner finds them
// (scan.h), where it is sure.
//
// Nothing is left of the rest of a magnetic stripe, of verification codes and PINs, of keys, tokens and passwords.
#pragma once

#include <string>
#include <string_view>

#include "core/secret.h"

namespace audit {

// Six digits, asterisks, four digits: "424242******4242". For fewer than 13 digits only asterisks.
std::string masked_card(std::string_view digits);

bool passes_luhn(std::string_view digits);
// Prefix and length of a known brand.
bool looks_like_card(std::string_view digits);

// A quick look: false means that Redactor::redact_cards() leaves the text as it is. Long numbers of other people (28
// digits in one piece) and short ones are told apart here, without a copy.
bool may_hold_card(std::string_view text);

class Redactor {
public:
    // `key`: at least 16 bytes, of this purpose alone. Fingerprints under different keys can't be compared.
    explicit Redactor(core::KeyBytes key);

    // HMAC-SHA-256 of the digits, first 64 bits, in 16 letters a-p (no digits, so that no scanner trips over it).
    std::string fingerprint(std::string_view card_digits) const;

    // The text with each card number replaced by MASKED~FINGERPRINT and what is worse by its kind in brackets;
    // unchanged (and cheap) when there is none. The same number always gives the same text, so identifiers still match;
    // applying it twice changes nothing.
    std::string redact(std::string_view text) const;

    // Of numbers in plain sight alone: for `diff`, whose records are called by what is left, a hundred million a
    // minute.
    std::string redact_cards(std::string_view text) const;

private:
    core::KeyBytes key_;
};

}  // namespace audit
