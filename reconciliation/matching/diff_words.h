// The words that files use for types, states and currencies, in Chinese and English.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "payments/transaction.h"

namespace reconciliation::matching {

// Upper-case, blanks and hyphens as "_": "Refund success" -> "REFUND_SUCCESS". Chinese stays as it is.
std::string normalised_word(std::string_view word);

std::optional<payments::TransactionType> type_from_word(std::string_view word);

// The state that a word means, nothing for a word that isn't known. A refund that is "REFUNDED" has gone through;
// of a payment the same word says that it went back, which no state here means.
std::optional<payments::TransactionStatus> status_from_word(std::string_view word, payments::TransactionType type);

// The ISO code, from the code in any case, its number or a common word ("人民币", "RMB"). A word of 2 to 12 letters and
// digits that ISO doesn't know is taken as it is, in upper case; nothing for anything else.
std::optional<std::string> currency_from_word(std::string_view word);

}  // namespace reconciliation::matching
