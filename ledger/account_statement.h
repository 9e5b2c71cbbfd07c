// Statement of account: an account's lines by business day, between what stood before them and what stood after.
//
// What holds: in each currency the opening balance and the lines add up to the closing balance, which is the account's
// balance until the last day; and the opening balance is the closing balance of the days before.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/db/database.h"
#include "ledger/books.h"

namespace ledger {

struct StatementLine {
    AccountLine line;
    std::int64_t balance_minor;  // of the line's currency, this line included
};

// By currency; one that stands at zero is there when it ever was on the account.
struct StatementEnds {
    std::map<std::string, std::int64_t> opening;
    std::map<std::string, std::int64_t> closing;
};

// Lines are taken in the order of business days, those of a day in the order posted, as all stood at one moment. Once a
// transaction.
StatementEnds read_statement(core::db::TenantTransaction& transaction, const std::string& account,
                             const DayRange& range, const std::function<void(const StatementLine&)>& take);

}  // namespace ledger
