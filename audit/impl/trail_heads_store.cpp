// Heads of the trail's trees, and proofs by them.
#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "audit/impl/trail_rows.h"
#include "audit/trail.h"
#include "core/crypto/encoding.h"
#include "core/db/column.h"
#include "core/db/trip.h"
#include "core/db/work.h"
#include "core/failure.h"

namespace audit {
namespace {

using namespace rows;  // NOLINT(google-build-using-namespace): bytes and times as rows have them

constexpr const char* kLock = "select pg_advisory_xact_lock(hashtextextended('trail of ' || $1, 0))";
constexpr const char* kLast = "select coalesce(max(number), 0) from audit.trail where tenant_id = $1";
constexpr const char* kLeaves = R"(
select encode(leaf, 'hex') from audit.trail where tenant_id = $1 and number > $2 and number <= $3 order by number limit $4)";
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
std::int64_t number_of(core::db::TenantTransaction& transaction, const char* question) {
    return core::db::run(transaction, question, transaction.tenant().text())[0][0].as<std::int64_t>();
}

// Adds the leaves behind those it has, up to that number, as far as they are there.
template <typename Tree>
void grow(Tree& tree, core::db::TenantTransaction& transaction, std::int64_t last) {
    constexpr std::int64_t kLeavesAtOnce = 20'000;
    for (std::int64_t got = kLeavesAtOnce; got == kLeavesAtOnce;) {
        const auto rows = core::db::run(transaction, kLeaves, transaction.tenant().text(),
                                        static_cast<std::int64_t>(tree.size()), last, kLeavesAtOnce);
        for (const auto& row : rows) {
            tree.add(hash_of_hex(row[0].as<std::string>()));
        }
        got = static_cast<std::int64_t>(rows.size());
    }
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

// What was signed before must not be signed away.
[[noreturn]] void throw_changed(const TreeHead& head) {
    throw core::OutsideFailure("the trail of " + head.tenant + " doesn't go on from its last head, of " +
                               std::to_string(head.size) +
                               " records: somebody has changed it; runbooks/trail-check-fails.md says what to do");
}

SignedRecord require_record(core::db::TenantTransaction& transaction, std::int64_t number) {
    auto found = read_trail(transaction, {number - 1, {}, {}}, 1);
    if (found.empty() || found.front().record.number != number) {
        throw core::InputError("there is no record " + std::to_string(number) + " of " + transaction.tenant().text());
    }
    return std::move(found.front());
}

}  // namespace

// What was read of trails until their last heads. A head vouches for what is kept of it.
class Trail::Fronts {
public:
    std::optional<MerkleFront> find(const SignedHead& head, core::Instant at) const {
        const std::lock_guard lock(mutex_);
        const auto kept = kept_.find(head.head.tenant);
        if (kept == kept_.end() || head.head.size <= kReadWhole || at - kept->second.read_at > kReadEvery ||
            kept->second.front.size() != head.head.size || kept->second.front.root() != head.head.root) {
            return std::nullopt;
        }
        return kept->second.front;
    }
    void was_read(const core::TenantId& tenant, const MerkleFront& front, core::Instant at) {
        const std::lock_guard lock(mutex_);
        kept_[tenant.text()] = {front, at};
    }
    void grew(const core::TenantId& tenant, const MerkleFront& front) {
        const std::lock_guard lock(mutex_);
        kept_[tenant.text()].front = front;
    }

private:
    static constexpr std::uint64_t kReadWhole = 10'000;
    static constexpr std::chrono::hours kReadEvery{24};
    struct Kept {
        MerkleFront front;
        core::Instant read_at;  // the whole
    };
    mutable std::mutex mutex_;
    std::map<std::string, Kept> kept_;  // by tenant
};

Trail::Trail(const core::KeyBytes& master_key, std::string origin, std::function<std::string(std::string_view)> redact)
    : key_(master_key), origin_(std::move(origin)), redact_(std::move(redact)), fronts_(std::make_shared<Fronts>()) {}

MerkleFront Trail::front_at_last_head(core::db::TenantTransaction& transaction, core::Instant at) const {
    const auto rows = core::db::run(transaction, kHead, transaction.tenant().text(), std::int64_t{0});
    if (rows.empty()) {
        return {};
    }
    const auto head = head_in(transaction.tenant(), rows[0]);
    if (auto front = fronts_->find(head, at)) {
        return *std::move(front);
    }
    MerkleFront front;
    grow(front, transaction, static_cast<std::int64_t>(head.head.size));
    if (front.size() != head.head.size || front.root() != head.head.root) {
        throw_changed(head.head);
    }
    fronts_->was_read(transaction.tenant(), front, at);
    return front;
}

std::optional<SignedHead> Trail::make_head(core::db::TenantTransaction& transaction, core::Instant at) const {
    const auto& tenant = transaction.tenant().text();
    if (number_of(transaction, kLast) == number_of(transaction, kLastHead)) {
        return std::nullopt;
    }
    auto front = front_at_last_head(transaction, at);
    core::db::run(transaction, kLock, tenant);
    const auto last = number_of(transaction, kLast);
    const auto last_head = number_of(transaction, kLastHead);
    if (last == last_head) {
        return std::nullopt;
    }
    if (static_cast<std::uint64_t>(last_head) != front.size()) {
        front = front_at_last_head(transaction, at);  // somebody else has made one since
    }
    grow(front, transaction, last);
    SignedHead made{{origin_, tenant, front.size(), front.root(), at}, key_.id(), {}};
    if (static_cast<std::int64_t>(front.size()) != last) {
        throw_changed(made.head);
    }
    made.signature = key_.sign(made.head);
    core::db::run(transaction, kInsertHead, tenant, last, origin_, core::format_rfc3339(at), hex(made.head.root),
                  made.key_id, core::crypto::hex_encode(made.signature));
    fronts_->grew(transaction.tenant(), front);
    return made;
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
    MerkleTree tree;
    grow(tree, transaction, size);
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
