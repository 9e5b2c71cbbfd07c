#include <algorithm>
#include <charconv>

#include "core/db/column.h"
#include "core/db/trip.h"
#include "core/failure.h"
#include "ledger/gate.h"
#include "ledger/impl/said.h"
#include "ledger/seals.h"

namespace ledger {
namespace {

// Seals that long are read and written whole without notice.
constexpr std::int64_t kEntriesMax = 20'000;

constexpr core::db::Statement kLock{"seal_lock",
                                    "select pg_advisory_xact_lock(hashtextextended('seals of ' || $1, 0))"};

// The entries of a range of numbers, some thousand at most, each with its hash.
constexpr core::db::Statement kEntries{
    "seal_entries",
    "select coalesce(array_agg(entry_id order by entry_id), '{}')::text, "
    "coalesce(encode(string_agg(leaf, ''::bytea order by entry_id), 'hex'), '') "
    "from (select e.entry_id, " DUIZHANG_LEAF
    " as leaf from ledger.entries e "
    "where e.tenant_id = $1 and e.entry_id > $2 and e.entry_id <= $3 order by e.entry_id limit $4) page"};

#define SEAL_COLUMNS                                                                                   \
    "select seal_no, after_entry, until_entry, cardinality(entry_ids), entry_ids::text, "              \
    "encode(leaves, 'hex'), encode(previous, 'hex'), (extract(epoch from sealed_at) * 1000)::bigint, " \
    "encode(digest, 'hex'), encode(signature, 'hex') from ledger.seals where tenant_id = $1 "
constexpr core::db::Statement kSeals{"seal_seals", SEAL_COLUMNS "and seal_no > $2 order by seal_no limit $3"};
constexpr core::db::Statement kLast{"seal_last", SEAL_COLUMNS "order by seal_no desc limit 1"};
#undef SEAL_COLUMNS

constexpr core::db::Statement kSealedUntil{
    "seal_sealed_until", "select coalesce(max(until_entry), 0) from ledger.seals where tenant_id = $1"};

constexpr core::db::Statement kInsert{"seal_insert", R"(
insert into ledger.seals (tenant_id, seal_no, after_entry, until_entry, entry_ids, leaves, previous, sealed_at, digest,
                          signature)
values ($1, $2, $3, $4, $5::bigint[], decode($6, 'hex'), decode($7, 'hex'), $8::timestamptz, decode($9, 'hex'),
        decode($10, 'hex')))"};

constexpr core::db::Statement kToSeal{"tenants_to_seal", R"(
select t.name from unnest($1::text[]) as t (name)
where exists (
    select from ledger.entries e
    where e.tenant_id = t.name
      and e.entry_id > coalesce((select s.until_entry from ledger.seals s
                                 where s.tenant_id = t.name order by s.seal_no desc limit 1), 0)))"};

std::vector<std::int64_t> numbers_of(std::string_view array) {
    std::vector<std::int64_t> numbers;
    const char* at = array.data() + 1;
    const char* end = array.data() + array.size() - 1;
    while (at < end) {
        std::int64_t number = 0;
        const auto read = std::from_chars(at, end, number);
        core::ensure(read.ec == std::errc(), "the database writes arrays of numbers as it says");
        numbers.push_back(number);
        at = read.ptr + 1;
    }
    return numbers;
}

struct Entries {
    std::vector<std::int64_t> ids;
    std::string ids_text;
    std::string leaves;  // hex

    std::string_view leaf(std::size_t at) const { return std::string_view(leaves).substr(at * 64, 64); }
};

Entries entries_between(core::db::TenantTransaction& transaction, std::int64_t after, std::int64_t until,
                        std::int64_t limit) {
    const auto rows = core::db::run(transaction, kEntries, transaction.tenant().text(), after, until, limit);
    return {numbers_of(rows[0].text(0)), std::string(rows[0].text(0)), std::string(rows[0].text(1))};
}

Entries entries_in(const Seal& seal) { return {numbers_of(seal.entry_ids), seal.entry_ids, seal.leaves}; }

std::string root_of(const Entries& entries) {
    core::crypto::Sha256Stream stream;
    const auto leaves = bytes_of_hex(entries.leaves);
    for (std::size_t i = 0; i < entries.ids.size(); ++i) {
        stream.add(number_bytes(entries.ids[i]));
        stream.add(std::string_view(leaves).substr(i * 32, 32));
    }
    return stream.finish_hex();
}

std::string digest_of(const core::TenantId& tenant, const Seal& seal) {
    return Said("seal")
        .text(tenant.text())
        .number(seal.number)
        .number(seal.after_entry)
        .number(seal.until_entry)
        .time(seal.sealed_at)
        .number(static_cast<std::int64_t>(seal.entries))
        .text(bytes_of_hex(seal.previous))
        .text(bytes_of_hex(root_of(entries_in(seal))))
        .digest();
}

Seal seal_in(core::db::Rows::Row row) {
    return {row.integer(0),           row.integer(1),
            row.integer(2),           static_cast<std::size_t>(row.integer(3)),
            std::string(row.text(4)), std::string(row.text(5)),
            std::string(row.text(6)), core::Instant(std::chrono::milliseconds(row.integer(7))),
            std::string(row.text(8)), std::string(row.text(9))};
}

std::string name_of(const Seal& seal) { return "seal " + std::to_string(seal.number); }

// S1 to S3 for a seal and the one before it.
void verify_seal(const core::TenantId& tenant, const Seal& seal, const std::optional<Seal>& before,
                 const std::string& public_key, std::vector<std::string>& breaches) {
    if (seal.number != (before ? before->number + 1 : 1)) {
        breaches.push_back(name_of(seal) + " follows " + (before ? name_of(*before) : "none") + ": seals are missing");
    } else if (seal.after_entry != (before ? before->until_entry : 0) ||
               seal.previous != (before ? before->digest : "")) {
        breaches.push_back(name_of(seal) + " does not go on where the one before it ends");
    }
    if (digest_of(tenant, seal) != seal.digest) {
        breaches.push_back(name_of(seal) + " was changed: its digest is another one's");
    } else if (!is_signed(public_key, "seal", seal.digest, seal.signature)) {
        breaches.push_back(name_of(seal) + " is not signed with this key");
    }
}

// What stands in the books now against what was sealed, both in the order of numbers.
void verify_entries(const Seal& seal, const Entries& standing, std::vector<std::string>& breaches) {
    const Entries sealed = entries_in(seal);
    const auto complain = [&](std::int64_t entry, const char* what) {
        breaches.push_back("entry " + std::to_string(entry) + " " + what + " " + name_of(seal));
    };
    std::size_t at = 0;
    for (std::size_t i = 0; i < sealed.ids.size(); ++i) {
        for (; at < standing.ids.size() && standing.ids[at] < sealed.ids[i]; ++at) {
            complain(standing.ids[at], "was put in after it, and is not in");
        }
        if (at == standing.ids.size() || standing.ids[at] != sealed.ids[i]) {
            complain(sealed.ids[i], "is gone, and is in");
            continue;
        }
        if (standing.leaf(at) != sealed.leaf(i)) {
            complain(sealed.ids[i], "was changed since");
        }
        ++at;
    }
    for (; at < standing.ids.size(); ++at) {
        complain(standing.ids[at], "was put in after it, and is not in");
    }
}

}  // namespace

std::int64_t sealed_until(core::db::TenantTransaction& transaction) {
    return core::db::run(transaction, kSealedUntil, transaction.tenant().text())[0].integer(0);
}

std::vector<Seal> read_seals(core::db::TenantTransaction& transaction, std::int64_t after, std::int64_t limit) {
    std::vector<Seal> seals;
    for (const auto& row : core::db::run(transaction, kSeals, transaction.tenant().text(), after, limit)) {
        seals.push_back(seal_in(row));
    }
    return seals;
}

std::vector<Seal> seal_until(core::db::TenantTransaction& transaction, std::int64_t until, const SealKey& key,
                             const core::Clock& clock) {
    const auto& tenant = transaction.tenant();
    core::db::run(transaction, kLock, tenant.text());
    std::vector<Seal> made;
    const auto last = core::db::run(transaction, kLast, tenant.text());
    Seal seal{};
    if (!last.empty()) {
        seal = seal_in(last[0]);
    }
    while (true) {
        const auto entries = entries_between(transaction, seal.until_entry, until, kEntriesMax);
        if (entries.ids.empty()) {
            return made;
        }
        const bool is_full = entries.ids.size() == static_cast<std::size_t>(kEntriesMax);
        seal = {seal.number + 1,
                seal.until_entry,
                is_full ? entries.ids.back() : until,
                entries.ids.size(),
                entries.ids_text,
                entries.leaves,
                std::move(seal.digest),
                clock.now(),
                {},
                {}};
        seal.digest = digest_of(tenant, seal);
        seal.signature = key.sign("seal", seal.digest);
        core::db::run(transaction, kInsert, tenant.text(), seal.number, seal.after_entry, seal.until_entry,
                      seal.entry_ids, seal.leaves, seal.previous, core::format_rfc3339(seal.sealed_at), seal.digest,
                      seal.signature);
        made.push_back({seal.number,
                        seal.after_entry,
                        seal.until_entry,
                        seal.entries,
                        {},
                        {},
                        seal.previous,
                        seal.sealed_at,
                        seal.digest,
                        seal.signature});
    }
}

std::vector<Seal> seal(core::db::Database& database, const core::TenantId& tenant, const SealKey& key,
                       const core::Clock& clock, const AlsoOfSeals& also) {
    std::int64_t until = 0;
    when_posting_stops([&] {
        core::db::TenantTransaction pause(database, tenant);
        until = stop_posting(pause);
        pause.commit();
    });
    core::db::TenantTransaction transaction(database, tenant);
    auto made = seal_until(transaction, until, key, clock);
    if (also && !made.empty()) {
        also(transaction, made);
    }
    transaction.commit();
    return made;
}

std::set<core::TenantId> tenants_to_seal(core::db::Database& database, const std::vector<core::TenantId>& tenants) {
    constexpr std::size_t kAtOnce = 1000;
    std::set<core::TenantId> found;
    for (std::size_t begin = 0; begin < tenants.size(); begin += kAtOnce) {
        const auto end = std::min(begin + kAtOnce, tenants.size());
        const std::vector<core::TenantId> some(tenants.begin() + static_cast<std::ptrdiff_t>(begin),
                                               tenants.begin() + static_cast<std::ptrdiff_t>(end));
        core::db::TextColumn names;
        for (const auto& tenant : some) {
            names.add(tenant.text());
        }
        core::db::TenantsTransaction transaction(database, some);
        for (const auto& row : core::db::run(transaction, kToSeal, std::move(names))) {
            found.emplace(std::string(row.text(0)));
        }
    }
    return found;
}

std::vector<std::string> verify_seals(core::db::TenantTransaction& transaction, const std::string& public_key) {
    std::vector<std::string> breaches;
    std::optional<Seal> before;
    while (true) {
        const auto next = read_seals(transaction, before ? before->number : 0, 1);
        if (next.empty()) {
            return breaches;
        }
        const auto& seal = next.front();
        verify_seal(transaction.tenant(), seal, before, public_key, breaches);
        verify_entries(seal, entries_between(transaction, seal.after_entry, seal.until_entry, kEntriesMax * 4),
                       breaches);
        before = seal;
    }
}

}  // namespace ledger
