// Accounts as people and other programs name them.
#pragma once

#include <optional>
#include <string>

#include "ledger/entry.h"

namespace ledger {

// As Account::from_name(); and none whose name has something in it that the redactor would take out, a card number
// above all: names of accounts stand in every list and export.
std::optional<Account> given_account(std::string name);

// What to say of a name that is none for that reason.
inline constexpr const char* kNoCardNames = "; none is named by what could be a card number";

}  // namespace ledger
