// What the scanner takes for a card number, and how sure it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "audit/scan.h"

namespace audit::impl {

struct Signs {
    bool card_said = false;   // by what stands before or behind
    bool is_grouped = false;  // written in groups as cards are printed
};

// Prefix and length of what is common enough to be believed without further signs. Ranges that few cards have, and
// lengths that few cards of a range have, need a sign: they would more often be somebody's order numbers.
bool is_common_card(std::string_view digits);
// A Chinese identity number 身份证号: 18 digits with a birthday and the check digit of GB 11643.
bool is_identity_number(std::string_view digits);
// Nothing when it is none.
std::optional<Confidence> judge_card(std::string_view digits, const Signs& signs);
// Behind the data of a magnetic stripe (ISO 7813) that goes on behind a number: on track 1 "^NAME^", on track 2 "=" (in
// chips' data "D"), then month of expiry, service code and the issuer's own. `end` where there are none.
std::size_t track_end(std::string_view text, std::size_t begin, std::size_t end);
// What the card networks publish for testing.
bool is_test_number(std::string_view digits);

// Whether the text before a number, or the text behind it, speaks of a card.
bool speaks_of_card(std::string_view before, std::string_view behind);

}  // namespace audit::impl
