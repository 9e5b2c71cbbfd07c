#include <algorithm>
#include <cstring>
#include <utility>

#include "audit/trail.h"
#include "core/crypto/encoding.h"
#include "core/db/column.h"
#include "core/db/trip.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace audit {
namespace {

constexpr const char* kLock = "select pg_advisory_xact_lock(hashtextextended('trail of ' || $1, 0))";
constexpr const char* kLast = "select coalesce(max(number), 0) from audit.trail where tenant_id = $1";
constexpr const char* kInsert = R"(
insert into audit.trail (tenant_id, number, occurred_at, actor, act, origin, object, before, after, outcome, leaf, key_id,
                         signature)
values ($1, $2, $3::timestamptz, $4, $5, $6, $7, $8, $9, $10, decode($11, 'hex'), $12, decode($13, 'hex')))";
constexpr const char* kRead = R"(
select number, (extract(epoch from occurred_at) * 1000)::bigint, actor, act, origin, object, before, after, outcome,
       encode(leaf, 'hex'), key_id, encode(signature, 'hex'),
       occurred_at = date_trunc('milliseconds', occurred_at)
from audit.trail
where tenant_id = $1 and number > $2 and ($3 = '' or act = $3 or (right($3, 1) = '.' and starts_with(act, $3)))
  and ($4 = '' or actor = $4)
order by number limit $5)";
constexpr const char* kLeaves =
    "select encode(leaf, 'hex') from audit.trail where tenant_id = $1 and number <= $2 order by number";
constexpr const char* kHeads = R"(
select size, origin, (extract(epoch from made_at) * 1000)::bigint, encode(root, 'hex'), key_id, encode(signature, 'hex')
from audit.trail_heads where tenant_id = $1 and (published_at is null or not $2) order by size)";
constexpr const char* kHead = R"(
select size, origin, (extract(epoch from made_at) * 1000)::bigint, encode(root, 'hex'), key_id, encode(signature, 'hex')
from audit.trail_heads where tenant_id = $1 and ($2 = 0 or size = $2) order by size desc limit 1)";
constexpr const char* kInsertHead = R"(
insert into audit.trail_heads (tenant_id, size, origin, made_at, root, key_id, signature)
values ($1, $2, $3, $4::timestamptz, decode($5, 'hex'), $6, decode($7, 'hex')))";
constexpr const char* kLastHead = "select coalesce(max(size), 0) from audit.trail_heads where tenant_id = $1";
constexpr const char* kPublished =
    "update audit.trail_heads set published_at = $3::timestamptz where tenant_id = $1 and size = $2 and published_at "
    "is null";

constexpr core::db::Statement kBehind{"trails_behind", R"(
select t.tenant_id from unnest($1::text[]) as t (tenant_id)
where (select max(r.number) from audit.trail r where r.tenant_id = t.tenant_id)
      is distinct from (select max(h.size) from audit.trail_heads h where h.tenant_id = t.tenant_id)
   or exists (select from audit.trail_heads h where h.tenant_id = t.tenant_id and h.published_at is null))"};

constexpr std::size_t kTenantsAtOnce = 1'000;
constexpr std::size_t kNameBytesMax = 512;
constexpr std::size_t kTextBytesMax = 65'536;

core::Instant instant(std::int64_t milliseconds) { return core::Instant(std::chrono::milliseconds(milliseconds)); }

std::string bytes_of_hex(const std::string& hex) {
    auto bytes = core::crypto::hex_decode(hex);
    core::ensure(bytes.has_value(), "the database writes bytes in hex");
    return *std::move(bytes);
}

TreeHash hash_of_hex(const std::string& hex) {
    const auto bytes = bytes_of_hex(hex);
    TreeHash hash{};
    core::ensure(bytes.size() == hash.size(), "a hash has 32 bytes");
    std::memcpy(hash.data(), bytes.data(), hash.size());
    return hash;
}

std::string hex(const TreeHash& hash) {
    return core::crypto::hex_encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

// A text ends at its bound, where a character does.
std::string at_most(std::string text, std::size_t bytes_max) {
    if (text.size() > bytes_max) {
        auto end = bytes_max;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        text.resize(end);
    }
    return text.empty() ? "-" : text;
}

// Of the records up to that number.
MerkleTree read_tree(core::db::TenantTransaction& transaction, std::int64_t last) {
    MerkleTree tree;
    for (const auto& row : core::db::run(transaction, kLeaves, transaction.tenant().text(), last)) {
        tree.add(hash_of_hex(row[0].as<std::string>()));
    }
    return tree;
}

SignedHead head_in(const core::TenantId& tenant, const pqxx::row& row) {
    return {{row[1].as<std::string>(), tenant.text(), static_cast<std::uint64_t>(row[0].as<std::int64_t>()),
             hash_of_hex(row[3].as<std::string>()), instant(row[2].as<std::int64_t>())},
            row[4].as<std::string>(),
            bytes_of_hex(row[5].as<std::string>())};
}

bool is_head_of(const MerkleTree& tree, const SignedHead& head) {
    return head.head.size <= tree.size() && tree.root_at(head.head.size) == head.head.root;
}

SignedHead require_head(core::db::TenantTransaction& transaction, std::int64_t size) {
    const auto rows = core::db::run(transaction, kHead, transaction.tenant().text(), size);
    if (rows.empty()) {
        throw core::InputError("the trail of " + transaction.tenant().text() + " has no head" +
                               (size == 0 ? "" : " of " + std::to_string(size) + " records") +
                               ": duizhang audit checkpoint makes one, and those there were are published");
    }
    return head_in(transaction.tenant(), rows[0]);
}

SignedRecord require_record(core::db::TenantTransaction& transaction, std::int64_t number) {
    auto found = read_trail(transaction, {number - 1, {}, {}}, 1);
    if (found.empty() || found.front().record.number != number) {
        throw core::InputError("there is no record " + std::to_string(number) + " of " + transaction.tenant().text());
    }
    return std::move(found.front());
}

}  // namespace

Trail::Trail(const core::KeyBytes& master_key, std::string origin, std::function<std::string(std::string_view)> redact)
    : key_(master_key), origin_(std::move(origin)), redact_(std::move(redact)) {}

void Trail::record(core::db::TenantTransaction& transaction, const Actor& actor, const Act& act,
                   core::Instant at) const {
    const auto& tenant = transaction.tenant().text();
    core::ensure(act.before.size() <= kTextBytesMax && act.after.size() <= kTextBytesMax,
                 "what an act changed is told in short");
    core::db::run(transaction, kLock, tenant);
    TrailRecord record{tenant,
                       core::db::run(transaction, kLast, tenant)[0][0].as<std::int64_t>() + 1,
                       at,
                       at_most(redact_(actor.name), kNameBytesMax),
                       act.act,
                       at_most(redact_(actor.origin), kNameBytesMax),
                       at_most(redact_(act.object), kNameBytesMax),
                       at_most(redact_(act.before), kTextBytesMax),
                       at_most(redact_(act.after), kTextBytesMax),
                       at_most(redact_(act.outcome), kNameBytesMax)};
    const auto leaf = leaf_of(record);
    core::db::run(transaction, kInsert, tenant, record.number, core::format_rfc3339(at), record.actor, record.act,
                  record.origin, record.object, record.before, record.after, record.outcome, hex(leaf), key_.id(),
                  core::crypto::hex_encode(key_.sign(leaf)));
}

std::optional<SignedHead> Trail::make_head(core::db::TenantTransaction& transaction, core::Instant at) const {
    const auto& tenant = transaction.tenant().text();
    core::db::run(transaction, kLock, tenant);
    const auto last = core::db::run(transaction, kLast, tenant)[0][0].as<std::int64_t>();
    if (last == core::db::run(transaction, kLastHead, tenant)[0][0].as<std::int64_t>()) {
        return std::nullopt;
    }
    const auto tree = read_tree(transaction, last);
    const auto heads = read_heads(transaction);
    if (!heads.empty() && !is_head_of(tree, heads.back())) {
        // What was signed before must not be signed away.
        throw core::OutsideFailure("the trail of " + tenant + " doesn't go on from its last head, of " +
                                   std::to_string(heads.back().head.size) +
                                   " records: somebody has changed it; runbooks/trail-check-fails.md says what to do");
    }
    SignedHead made{{origin_, tenant, tree.size(), tree.root(), at}, key_.id(), {}};
    made.signature = key_.sign(made.head);
    core::db::run(transaction, kInsertHead, tenant, static_cast<std::int64_t>(made.head.size), origin_,
                  core::format_rfc3339(at), hex(made.head.root), made.key_id, core::crypto::hex_encode(made.signature));
    return made;
}

std::vector<SignedRecord> read_trail(core::db::TenantTransaction& transaction, const TrailFilter& filter,
                                     std::int64_t limit) {
    const auto& tenant = transaction.tenant().text();
    std::vector<SignedRecord> found;
    for (const auto& row : core::db::run(transaction, kRead, tenant, filter.after, filter.act, filter.actor, limit)) {
        const auto text = [&](int column) { return row[column].as<std::string>(); };
        found.push_back({{tenant, row[0].as<std::int64_t>(), instant(row[1].as<std::int64_t>()), text(2), text(3),
                          text(4), text(5), text(6), text(7), text(8)},
                         hash_of_hex(text(9)),
                         text(10),
                         bytes_of_hex(text(11)),
                         row[12].as<bool>()});
    }
    return found;
}

std::vector<SignedHead> read_heads(core::db::TenantTransaction& transaction, bool unpublished_only) {
    std::vector<SignedHead> heads;
    for (const auto& row : core::db::run(transaction, kHeads, transaction.tenant().text(), unpublished_only)) {
        heads.push_back(head_in(transaction.tenant(), row));
    }
    return heads;
}

TrailProof prove(core::db::TenantTransaction& transaction, const ProofWanted& wanted) {
    TrailProof proof;
    proof.head = require_head(transaction, wanted.head_size);
    const auto size = static_cast<std::int64_t>(proof.head.head.size);
    if (std::max(wanted.record.value_or(0), wanted.earlier_size) > size) {
        throw core::InputError("the head of " + std::to_string(size) +
                               " records doesn't reach that far: one of more is needed");
    }
    const auto tree = read_tree(transaction, size);
    if (!is_head_of(tree, proof.head)) {
        throw core::OutsideFailure("the records of " + transaction.tenant().text() + " aren't those that its head of " +
                                   std::to_string(size) +
                                   " was signed over: somebody has changed them; runbooks/trail-check-fails.md says "
                                   "what to do");
    }
    if (wanted.record) {
        proof.record = require_record(transaction, *wanted.record);
        proof.inclusion = tree.inclusion(static_cast<std::uint64_t>(*wanted.record) - 1, proof.head.head.size);
    }
    if (wanted.earlier_size > 0) {
        proof.earlier = require_head(transaction, wanted.earlier_size);
        proof.consistency = tree.consistency(proof.earlier->head.size, proof.head.head.size);
    }
    return proof;
}

std::vector<core::TenantId> trails_behind(core::db::Database& database, const std::vector<core::TenantId>& tenants) {
    std::vector<core::TenantId> behind;
    for (std::size_t at = 0; at < tenants.size(); at += kTenantsAtOnce) {
        const std::vector<core::TenantId> some(
            tenants.begin() + static_cast<std::ptrdiff_t>(at),
            tenants.begin() + static_cast<std::ptrdiff_t>(std::min(at + kTenantsAtOnce, tenants.size())));
        core::db::TenantsTransaction transaction(database, some);
        core::db::Trip trip(transaction);
        core::db::TextColumn names;
        for (const auto& tenant : some) {
            names.add(tenant.text());
        }
        const auto place = trip.add(kBehind, std::move(names));
        trip.run();
        for (const auto& row : trip[place]) {
            behind.emplace_back(std::string(row.text(0)));
        }
    }
    return behind;
}

void mark_published(core::db::TenantTransaction& transaction, std::uint64_t size, core::Instant at) {
    core::db::run(transaction, kPublished, transaction.tenant().text(), static_cast<std::int64_t>(size),
                  core::format_rfc3339(at));
}

}  // namespace audit
