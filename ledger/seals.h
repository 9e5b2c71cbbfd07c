// Seals: what the entries of a tenant's books were, hashed, chained, signed, and published outside the database.
//
// What holds for the seals of a tenant (docs/seals.md has every byte; `duizhang-verify-books` checks it with code of
// its own):
//   S1  Seal 1 begins after entry 0, each other where the one before it ends. It covers all entries between, and lists
//       the number and the hash of each.
//   S2  Its digest says all that it says, and the digest of the one before.
//   S3  The digest is signed with a key that the database doesn't have.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/ed25519.h"
#include "core/db/database.h"
#include "core/time.h"

namespace ledger {

// The key of seals and closes: of its own, derived from the master key.
class SealKey {
public:
    explicit SealKey(const core::KeyBytes& master_key);

    // `purpose` is what the digest is of ("seal", "close"), so that a signature of one is none of the other. In hex.
    std::string sign(std::string_view purpose, const std::string& digest) const;
    std::string public_key() const;  // 64 hex digits

private:
    core::crypto::Ed25519Key key_;
};
bool is_signed(const std::string& public_key, std::string_view purpose, const std::string& digest,
               const std::string& signature);

// Digests and hashes are in hex.
struct Seal {
    std::int64_t number;
    std::int64_t after_entry;
    std::int64_t until_entry;
    std::size_t entries;
    std::string entry_ids;  // "{1,2,5}"
    std::string leaves;     // one after the other
    std::string previous;   // empty for the first
    core::Instant sealed_at;
    std::string digest;
    std::string signature;
};

// Seals all that was posted and isn't sealed yet, some thousand entries a seal; returns the new ones, none when there
// is nothing new. Throws OutsideFailure when posting doesn't pause, or the database fails; seals made before stand.
// `also` comes last in the transaction of new ones.
using AlsoOfSeals = std::function<void(core::db::TenantTransaction&, const std::vector<Seal>&)>;
std::vector<Seal> seal(core::db::Database& database, const core::TenantId& tenant, const SealKey& key,
                       const core::Clock& clock, const AlsoOfSeals& also = {});
// The same in the caller's transaction, up to that number, below which no entry can come any more (stop_posting).
// The new ones are given without their entries.
std::vector<Seal> seal_until(core::db::TenantTransaction& transaction, std::int64_t until, const SealKey& key,
                             const core::Clock& clock);

// Those of the tenants that have entries which no seal covers.
std::set<core::TenantId> tenants_to_seal(core::db::Database& database, const std::vector<core::TenantId>& tenants);

std::vector<Seal> read_seals(core::db::TenantTransaction& transaction, std::int64_t after, std::int64_t limit);

// Up to which number entries are sealed; 0 for none.
std::int64_t sealed_until(core::db::TenantTransaction& transaction);

// Holds the seals against each other, their signatures and the entries: one sentence a breach, in the order of seals
// and entries, naming what is wrong.
std::vector<std::string> verify_seals(core::db::TenantTransaction& transaction, const std::string& public_key);

// Publishes the tenant's seals into `folder` (000001.json ...), those that aren't there yet, each whole or not at all.
// One sentence for each that is there and says something else, or that the books don't have: then nothing is written,
// for a restored backup or a rewritten seal must not hide what is known of it.
std::vector<std::string> publish_seals(core::db::TenantTransaction& transaction, const std::filesystem::path& folder);

}  // namespace ledger
