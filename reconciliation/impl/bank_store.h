// The rows behind a bank's day.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reconciliation/bank.h"
#include "reconciliation/impl/settling.h"

namespace reconciliation {

// Those that weren't there. Throws core::InputError for one that doesn't follow its neighbours.
std::size_t store_statements(core::db::TenantTransaction& transaction, const config::Bank& bank,
                             const std::vector<const payments::bank::Statement*>& statements);

// What came on the account, by business day until `until`, but for what banks settled; and what people posted there.
struct Turnover {
    std::vector<OpenDay> days;
    std::int64_t by_hand_minor = 0;
};
Turnover turnover_of(core::db::TenantTransaction& transaction, const std::string& account, const std::string& currency,
                     core::BusinessDay until);

// What banks' entries paid of a channel's days. Of those of `until` or before alone where that is given.
std::vector<OpenDay> settled_days(core::db::TenantTransaction& transaction, const std::string& channel,
                                  const std::string& currency, std::optional<core::BusinessDay> until);

// The oldest entry of the books on bank:NAME of the same amount, dated within a week before, that explains nothing yet.
std::optional<std::int64_t> explaining_entry(core::db::TenantTransaction& transaction, const config::Bank& bank,
                                             const StoredBankEntry& entry);

// The account's entries of earlier statements' days, from `from` on and before `until`, that nothing explains yet.
std::vector<StoredBankEntry> unexplained_entries(core::db::TenantTransaction& transaction, const std::string& bank,
                                                 core::BusinessDay from, core::BusinessDay until);

void store_match(core::db::TenantTransaction& transaction, const std::string& bank, const StoredBankEntry& entry,
                 std::int64_t entry_id);
void store_settlement(core::db::TenantTransaction& transaction, const config::Bank& bank, const StoredBankEntry& entry,
                      const std::string& channel, std::span<const OpenDay> days);

// The statements of one day, in the order taken in.
std::vector<StoredBankStatement> bank_statements_of(core::db::TenantTransaction& transaction, const std::string& bank,
                                                    core::BusinessDay day);

}  // namespace reconciliation
