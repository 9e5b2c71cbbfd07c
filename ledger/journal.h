// The journal a page at a time, the accounts there are, and what stands in it already.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/db/database.h"
#include "core/failure.h"
#include "ledger/books.h"
#include "ledger/by_hand.h"

namespace ledger {

struct EntryFilter {
    std::optional<std::string> event;
    std::optional<std::string> source_key;
    DayRange days;
    std::optional<core::EntryId> before;  // the last of the page before
};

// Newest first.
std::vector<StoredEntry> list_entries(core::db::TenantTransaction& transaction, const EntryFilter& filter,
                                      std::int64_t limit);

struct StoredAccount {
    std::string account;
    std::string kind;
    core::Instant opened_at;
};

// Those whose names begin so, sorted by name, behind `after`.
std::vector<StoredAccount> list_accounts(core::db::TenantTransaction& transaction, const std::string& prefix,
                                         const std::string& after, std::int64_t limit);
bool has_account(core::db::TenantTransaction& transaction, const std::string& account);

// Which days people may still date entries: those that come late are moved to the first open day (kPost), but what
// people enter themselves says its day and is refused. Nobody closes another day before the transaction ends.
class OpenDays {
public:
    explicit OpenDays(core::db::TenantTransaction& transaction);
    // "2026-10-31 is closed; ..."; nothing where the entry's day is open, or the entry stands already.
    std::optional<std::string> complaint(const Entry& entry) const;

private:
    core::db::TenantTransaction& transaction_;
    std::optional<core::BusinessDay> closed_;
};

class DayClosed : public core::InputError {
public:
    using InputError::InputError;
};
// Entries by hand that would take an account below its limit. Whoever catches it commits nothing.
class BeyondLimit : public core::InputError {
public:
    using InputError::InputError;
};
// The entry that was posted or stands. Throws DayClosed, BeyondLimit where it was refused.
const StoredEntry& accepted(const ByHand& by_hand);
// Posts an entry by hand, within the limits of its accounts. Nothing when its source_key stands already. Throws
// DayClosed, BeyondLimit.
std::optional<core::EntryId> post_by_hand(core::db::TenantTransaction& transaction, const Entry& entry,
                                          core::Instant now);

// The entry's legs the other way round, under a source key that there is one of.
Entry reversal_of(const StoredEntry& entry, const std::string& description, core::Instant now, core::BusinessDay day);
// Posts an entry's legs the other way round, once: `is_new` is false when that was done before.
struct Reversed {
    core::EntryId reversal;
    bool is_new;
};
// Nothing when there is no such entry. Throws DayClosed, BeyondLimit.
std::optional<Reversed> reverse(core::db::TenantTransaction& transaction, core::EntryId id,
                                const std::string& description, core::Instant now, core::BusinessDay day);

}  // namespace ledger
