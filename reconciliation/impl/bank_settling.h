// Which of a bank account's entries settle which days of a channel, booked and stored.
#pragma once

#include <vector>

#include "ledger/entry.h"
#include "reconciliation/bank.h"
#include "reconciliation/impl/settling.h"

namespace reconciliation {

// A channel's settlements into one account, while a day of it is worked on.
struct Pool {
    const config::BankSettlement* settlement;
    std::vector<OpenDay> open;       // with all that any bank has paid
    std::vector<OpenDay> open_then;  // with what was paid until the day alone: what its list says stays so
    std::int64_t settled_minor = 0;
    std::int64_t credits_minor = 0;
    std::int64_t unexplained_minor = 0;
    std::vector<const StoredBankEntry*> unexplained;
};

// What the channel's money stands on until the bank has it.
ledger::Account source_of(const config::BankSettlement& settlement);

struct Settling {
    core::db::TenantTransaction& transaction;
    const config::Bank& bank;
    core::Instant now;
};

// Takes the days on end that the entry is the sum of, if there are any, off what is open.
void settle(const Settling& settling, StoredBankEntry& entry, Pool& pool);

// Of what no days on end explain: the day's entries, with the week's before that are left. A settlement may come in
// parts, and the last of them tells what the first was for.
void settle_together(const Settling& settling, Pool& pool, core::BusinessDay day,
                     std::vector<StoredBankEntry>& entries);

}  // namespace reconciliation
