// Redaction: card numbers become first six, last four and a keyed fingerprint before anything is stored or logged.
//
// What counts as a card number: 13 to 19 digits with a brand's prefix and length that pass the Luhn check, in one piece
// with no digit beside it, or in groups with single blanks, dashes, dots or underscores between them. Other figures may
// stand beside the groups ("4242 4242 4242 4242 12/30"), as long as all but the last have four digits or more. Longer
// pieces are other people's ids (WeChat Pay's have 28 digits, UnionPay's 21). Where the name before it says "card",
// prefix and length are enough for UnionPay's, which don't all pass Luhn; and so they are behind another card with no
// letters in between. The scanner for auditors goes further.
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

// A quick look: false means that Redactor::redact() leaves the text as it is. Long numbers of other people (28 digits
// in one piece) and short ones are told apart here, without a copy.
bool may_hold_card(std::string_view text);

class Redactor {
public:
    // `key`: at least 16 bytes, of this purpose alone. Fingerprints under different keys can't be compared.
    explicit Redactor(core::KeyBytes key);

    // HMAC-SHA-256 of the digits, first 64 bits, in 16 letters a-p (no digits, so that no scanner trips over it).
    std::string fingerprint(std::string_view card_digits) const;

    // The text with each card number replaced by MASKED~FINGERPRINT; unchanged (and cheap) when there is none.
    // The same number always gives the same text, so identifiers still match; applying it twice changes nothing.
    std::string redact(std::string_view text) const;

private:
    core::KeyBytes key_;
};

}  // namespace audit
