// Books: posting and reading entries. Everything runs inside the caller's transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/db/database.h"
#include "ledger/entry.h"

namespace ledger {

// Posts the entry, opening accounts that aren't there yet. Nothing when an entry with this source_key stands already.
std::optional<core::EntryId> post(core::db::TenantTransaction& transaction, const Entry& entry);

struct Posting {
    core::TenantId tenant;
    Entry entry;
};

// The entries of a group: how many there are, and what they add up to.
struct GroupBooks {
    std::int64_t entries = 0;
    Balances balances;
};
struct GroupKey {
    core::TenantId tenant;
    std::string group;
    auto operator<=>(const GroupKey&) const = default;
};

struct AccountBalance {
    std::string account;
    std::string kind;
    std::string currency;
    std::int64_t debit_minor;
    std::int64_t credit_minor;
    std::int64_t balance_minor() const { return debit_minor - credit_minor; }
};

// As of when: both left out, now. `until` goes by the business days of entries, that day included; `recorded` by when
// they came to stand in the books, so that what was said at that instant is said again, whatever was dated back since.
struct AsOf {
    std::optional<core::BusinessDay> until;
    std::optional<core::Instant> recorded;
};

// Every account that was posted to, with what stands on it, sorted by account and currency.
std::vector<AccountBalance> trial_balance(core::db::TenantTransaction& transaction, const AsOf& as_of = {});
// One account's, in each currency it has.
std::vector<AccountBalance> account_balances(core::db::TenantTransaction& transaction, const std::string& account,
                                             const AsOf& as_of = {});

struct StoredLeg {
    int number;
    std::string account;
    std::string currency;
    std::int64_t amount_minor;
};

struct StoredEntry {
    core::EntryId id;
    std::string event;
    std::string source_key;
    std::string group_key;
    std::string description;
    core::Instant occurred_at;
    std::string business_date;
    core::Instant recorded_at;
    std::vector<StoredLeg> legs;
};

// Its legs as they were posted.
std::vector<Leg> legs_of(const StoredEntry& entry);

std::optional<StoredEntry> find_entry(core::db::TenantTransaction& transaction, core::EntryId id);
std::optional<StoredEntry> find_entry(core::db::TenantTransaction& transaction, const std::string& source_key);

// Business days, both ends included; an end that is missing is none.
struct DayRange {
    std::optional<core::BusinessDay> from;
    std::optional<core::BusinessDay> until;
};
// The entries dated within the range, in the order posted, as they stood at one moment. Once a transaction.
void read_journal(core::db::TenantTransaction& transaction, const DayRange& range,
                  const std::function<void(const StoredEntry&)>& take);

// The account's lines in the order posted, for a statement of account: the first `limit` after entry `after`, and the
// other lines of the last one's entry.
struct AccountLine {
    core::EntryId entry;
    std::string business_date;
    std::string event;
    std::string description;
    std::string currency;
    std::int64_t amount_minor;
    std::string due_date = {};  // of what a receivable was debited with, where its group has one
};
std::vector<AccountLine> account_lines(core::db::TenantTransaction& transaction, const std::string& account,
                                       std::int64_t after, std::int64_t limit);

// Recomputes every invariant from the rows: P1 to P3, complete legs, known accounts, kept balances and turnovers,
// holds, charges and payouts with their entries; and that nothing hides rows from it (core/db/walls.h). One sentence
// for each breach, naming the entry, the account, the hold, the charge, the payout or the wall.
struct Verification {
    std::int64_t entries;
    std::int64_t legs;
    std::vector<std::string> breaches;
};
Verification verify(core::db::TenantTransaction& transaction);

}  // namespace ledger
