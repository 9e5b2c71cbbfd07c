// The trail: each privileged act leaves a record in the transaction that does it, and none is done without.
//
// What always holds:
//   T1  The record and what it tells of are committed together, or neither is.
//   T2  A tenant's records are numbered from 1 without gaps, in the order in which they were committed.
//   T3  Nobody changes or removes one: the service's role may not, the database refuses it to everybody, and whoever
//   gets
//       round both hasn't the key that signed it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/trail_key.h"
#include "audit/trail_record.h"
#include "core/db/database.h"
#include "core/db/trip.h"
#include "core/instance.h"

namespace audit {

// Who acts, and from where. Never empty, never a secret.
struct Actor {
    std::string name;    // a key's id, or the login of whoever runs a command
    std::string origin;  // an address, or machine and process
};

struct Act {
    std::string act;     // "key.issue"
    std::string object;  // what it is done to
    std::string before = "null";
    std::string after = "null";
    std::string outcome = "done";
};

// An act in a transaction that many tenants' acts share.
struct TenantAct {
    core::TenantId tenant;
    Actor actor;
    Act act;
    core::Instant at;
};

struct SignedRecord {
    TrailRecord record;
    TreeHash leaf{};  // as it is stored
    std::string key_id;
    std::string signature;              // 64 bytes
    bool is_to_the_millisecond = true;  // as records are written: a part of one would not be in what is signed
};

struct SignedHead {
    TreeHead head;
    std::string key_id;
    std::string signature;
};

class Trail {
public:
    // `redact` takes card data and secrets out of whatever is kept.
    Trail(const core::KeyBytes& master_key, std::string origin, std::function<std::string(std::string_view)> redact);

    // Last in the transaction that does it: until its end nobody else's act of the tenant is recorded.
    void record(core::db::TenantTransaction& transaction, const Actor& actor, const Act& act, core::Instant at) const;

    // The same of many acts, at a cost that hardly grows with them: takes the locks at once, in the tenants' order, and
    // adds the records to the transaction's last trip.
    void record(core::db::Transaction& transaction, core::db::Trip& last, const std::vector<TenantAct>& acts) const;

    // The head of what is there, stored; nothing where nothing was added since the last. Throws core::OutsideFailure
    // where the last one doesn't vouch for what stands there now. All of it is read once a day, of a trail of up to ten
    // thousand records each time, and what was added otherwise; under the lock nothing but that.
    std::optional<SignedHead> make_head(core::db::TenantTransaction& transaction, core::Instant at) const;

    const TrailKey& key() const { return key_; }
    const std::string& origin() const { return origin_; }

private:
    class Fronts;
    MerkleFront front_at_last_head(core::db::TenantTransaction& transaction, core::Instant at) const;
    SignedRecord signed_record(const core::TenantId& tenant, std::int64_t number, const Actor& actor, const Act& act,
                               core::Instant at) const;

    TrailKey key_;
    std::string origin_;
    std::function<std::string(std::string_view)> redact_;
    std::shared_ptr<Fronts> fronts_;
};

// Acts from one instant until before another; without one of them since ever, or until now.
struct TrailPeriod {
    std::optional<core::Instant> from;
    std::optional<core::Instant> until;
};
struct TrailFilter {
    std::int64_t after = 0;  // of their numbers
    std::string act{};       // empty: any; "key." for all that begin so
    std::string actor{};     // empty: any
    TrailPeriod period{};
};
std::vector<SignedRecord> read_trail(core::db::TenantTransaction& transaction, const TrailFilter& filter,
                                     std::int64_t limit);
// How often an act of one kind came out one way.
struct ActCount {
    std::string tenant;
    std::string act;
    std::string outcome;  // "done", "refused": what stands before its reason
    std::int64_t count;
    core::Instant first, last;
};
// By tenant, act and outcome.
std::vector<ActCount> count_acts(core::db::Database& database, const std::vector<core::TenantId>& tenants,
                                 const TrailPeriod& period);
// Those of which something was added since the last head, or a head isn't published yet.
std::vector<core::TenantId> trails_behind(core::db::Database& database, const std::vector<core::TenantId>& tenants);
std::vector<SignedHead> read_heads(core::db::TenantTransaction& transaction, bool unpublished_only = false);
void mark_published(core::db::TenantTransaction& transaction, std::uint64_t size, core::Instant at);

// {"head":{...}}, without a line's end.
std::string head_line(const SignedHead& head);
// A record as a line of a bundle (audit/trail_verifier/README.md).
std::string record_line(const SignedRecord& record);
// The whole bundle, line by line.
void write_bundle(core::db::TenantTransaction& transaction, const Trail& trail,
                  const std::function<void(const std::string&)>& line);

// That a record is in a head's tree, that a head goes on from an earlier one, or both.
struct TrailProof {
    std::optional<SignedRecord> record;
    std::vector<TreeHash> inclusion;
    std::optional<SignedHead> earlier;
    std::vector<TreeHash> consistency;
    SignedHead head;
};
struct ProofWanted {
    std::optional<std::int64_t> record;  // its number
    std::int64_t earlier_size = 0;       // of the earlier head; 0: none
    std::int64_t head_size = 0;          // 0: of the last head
};
// Throws core::InputError where there is no such record or head, or it is behind the head; core::OutsideFailure where
// the records aren't those that the head was signed over.
TrailProof prove(core::db::TenantTransaction& transaction, const ProofWanted& wanted);
// A proof as one line of JSON (audit/trail_verifier/README.md), without its end.
std::string proof_line(const TrailProof& proof);

struct TrailVerification {
    std::int64_t records = 0;
    std::size_t heads = 0;           // of the database and published
    std::vector<std::string> found;  // what is wrong, the first bad record first
};
// What is wrong with the transaction's tenant's trail, the first bad record first; empty: nothing. `published` are
// heads that were kept elsewhere, of any tenant; public keys (32 bytes) may have followed one another.
TrailVerification verify_trail(core::db::TenantTransaction& transaction, const std::vector<std::string>& keys,
                               const std::vector<SignedHead>& published);
// Of a file of head lines. Throws core::InputError naming the line.
std::vector<SignedHead> read_published(std::string_view text, const std::string& name);

}  // namespace audit
