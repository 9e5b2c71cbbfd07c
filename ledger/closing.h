// Closing: business days that get no entry any more, and what they were, signed.
//
// What holds for the closes of a tenant (docs/seals.md has every byte):
//   C1  Each closes the days after those that the one before it closed; there is no way back.
//   C2  An entry dated within closed days was there when they were closed. What comes later is dated on the first open
//       day (NewEntries does it; the database refuses the rest).
//   C3  Its digest says which entries the days had, what stood on all accounts, and the digest of the close before; it
//       is signed.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/db/database.h"
#include "core/time.h"
#include "ledger/seals.h"

namespace ledger {

// Digests are in hex.
struct Close {
    core::BusinessDay until;
    std::optional<core::BusinessDay> after;  // closed before; nothing for the first
    std::int64_t until_entry;
    std::int64_t entries;
    std::string entries_digest;
    std::string trial_balance_digest;
    std::string accepted;  // what was open and accepted, and why; empty for nothing
    std::string previous;  // empty for the first
    core::Instant closed_at;
    std::string digest;
    std::string signature;
};

// Nothing: no day is closed.
std::optional<core::BusinessDay> closed_until(core::db::TenantTransaction& transaction);

// Seals what was posted, and closes all days up to and including `until`; the close that did so before, when it is
// closed already. That it may be closed is for the caller to know. Posting waits for a moment, as long as its last
// entries take to seal. Throws BrokenRule when debits and credits differ, OutsideFailure when posting doesn't pause or
// another close came in between. `also` comes last in the transaction of a new close, behind `also_of_seals`, which
// comes last in each transaction of new seals.
Close close(core::db::Database& database, const core::TenantId& tenant, core::BusinessDay until,
            const std::string& accepted, const SealKey& key, const core::Clock& clock,
            const std::function<void(core::db::TenantTransaction&, const Close&)>& also = {},
            const AlsoOfSeals& also_of_seals = {});

// In the order made.
std::vector<Close> read_closes(core::db::TenantTransaction& transaction);

// C1 to C3: one sentence a breach, naming the close, and the entry where there is one.
std::vector<std::string> verify_closes(core::db::TenantTransaction& transaction, const std::string& public_key);

// As publish_seals: close-2026-11-18.json beside the seals.
std::vector<std::string> publish_closes(core::db::TenantTransaction& transaction, const std::filesystem::path& folder);

}  // namespace ledger
