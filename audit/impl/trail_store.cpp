#include <algorithm>
#include <array>
#include <map>
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

// Of many tenants, in the order given. The second is a statement of its own, since it must see what whoever held a lock
// committed.
constexpr core::db::Statement kLockAll{"lock_trails", R"(
select count(pg_advisory_xact_lock(hashtextextended('trail of ' || t.tenant_id, 0)))
from (select tenant_id from unnest($1::text[]) with ordinality as n (tenant_id, place) order by place) t)"};
constexpr core::db::Statement kLastOfAll{"last_records", R"(
select n.tenant_id, coalesce((select max(number) from audit.trail r where r.tenant_id = n.tenant_id), 0)
from unnest($1::text[]) as n (tenant_id))"};
constexpr core::db::Statement kInsert{"insert_records", R"(
insert into audit.trail (tenant_id, number, occurred_at, actor, act, origin, object, before, after, outcome, leaf, key_id,
                         signature)
select tenant_id, number, occurred_at, actor, act, origin, object, before, after, outcome, decode(leaf, 'hex'), key_id,
       decode(signature, 'hex')
from unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
     as n (tenant_id, number, occurred_at, actor, act, origin, object, before, after, outcome, leaf, key_id, signature))"};
constexpr const char* kRead = R"(
select number, (extract(epoch from occurred_at) * 1000)::bigint, actor, act, origin, object, before, after, outcome,
       encode(leaf, 'hex'), key_id, encode(signature, 'hex'),
       occurred_at = date_trunc('milliseconds', occurred_at)
from audit.trail
where tenant_id = $1 and number > $2 and ($3 = '' or act = $3 or (right($3, 1) = '.' and starts_with(act, $3)))
  and ($4 = '' or actor = $4)
  and ($5::timestamptz is null or occurred_at >= $5) and ($6::timestamptz is null or occurred_at < $6)
order by number limit $7)";
constexpr core::db::Statement kCount{"count_acts", R"(
select tenant_id, act, split_part(outcome, ':', 1), count(*),
       (extract(epoch from min(occurred_at)) * 1000)::bigint, (extract(epoch from max(occurred_at)) * 1000)::bigint
from audit.trail
where tenant_id = any ($1::text[])
  and ($2::timestamptz is null or occurred_at >= $2) and ($3::timestamptz is null or occurred_at < $3)
group by 1, 2, 3 order by tenant_id collate "C", act collate "C", 3)"};
constexpr std::size_t kNameBytesMax = 512;
constexpr std::size_t kTextBytesMax = 65'536;

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

std::optional<std::string> time_text(const std::optional<core::Instant>& at) {
    return at ? std::optional(core::format_rfc3339(*at)) : std::nullopt;
}

// From here on nobody else records an act of these tenants; the number of the last of each.
std::map<std::string, std::int64_t> lock_all(core::db::Transaction& transaction, const std::vector<TenantAct>& acts) {
    std::map<std::string, std::int64_t> numbers;
    for (const auto& act : acts) {
        numbers[act.tenant.text()] = 0;
    }
    core::db::TextColumn locked, asked;
    for (const auto& [tenant, number] : numbers) {
        locked.add(tenant);
        asked.add(tenant);
    }
    core::db::Trip trip(transaction);
    trip.add(kLockAll, std::move(locked));
    const auto place = trip.add(kLastOfAll, std::move(asked));
    trip.run();
    for (const auto& row : trip[place]) {
        numbers.at(std::string(row.text(0))) = row.integer(1);
    }
    return numbers;
}

// Rows of the trail, column by column.
class NewRecords {
public:
    void add(const SignedRecord& made) {
        const auto& record = made.record;
        numbers_.add(record.number);
        times_.add(record.at);
        const auto leaf = hex(made.leaf);
        const auto signature = core::crypto::hex_encode(made.signature);
        std::size_t at = 0;
        for (const auto* text : {&record.tenant, &record.actor, &record.act, &record.origin, &record.object,
                                 &record.before, &record.after, &record.outcome, &leaf, &made.key_id, &signature}) {
            texts_[at++].add(*text);
        }
    }
    void insert(core::db::Trip& trip) && {
        auto& [tenants, actors, acts, origins, objects, before, after, outcomes, leaves, keys, signatures] = texts_;
        trip.add(kInsert, std::move(tenants), std::move(numbers_), std::move(times_), std::move(actors),
                 std::move(acts), std::move(origins), std::move(objects), std::move(before), std::move(after),
                 std::move(outcomes), std::move(leaves), std::move(keys), std::move(signatures));
    }

private:
    core::db::IntegerColumn numbers_;
    core::db::TimeColumn times_;
    std::array<core::db::TextColumn, 11> texts_;
};

}  // namespace

SignedRecord Trail::signed_record(const core::TenantId& tenant, std::int64_t number, const Actor& actor, const Act& act,
                                  core::Instant at) const {
    core::ensure(act.before.size() <= kTextBytesMax && act.after.size() <= kTextBytesMax,
                 "what an act changed is told in short");
    SignedRecord made{{tenant.text(), number, at, at_most(redact_(actor.name), kNameBytesMax), act.act,
                       at_most(redact_(actor.origin), kNameBytesMax), at_most(redact_(act.object), kNameBytesMax),
                       at_most(redact_(act.before), kTextBytesMax), at_most(redact_(act.after), kTextBytesMax),
                       at_most(redact_(act.outcome), kNameBytesMax)},
                      {},
                      key_.id(),
                      {}};
    made.leaf = leaf_of(made.record);
    made.signature = key_.sign(made.leaf);
    return made;
}

void Trail::record(core::db::TenantTransaction& transaction, const Actor& actor, const Act& act,
                   core::Instant at) const {
    core::db::Trip last(transaction);
    record(transaction, last, {{transaction.tenant(), actor, act, at}});
    last.run();
}

void Trail::record(core::db::Transaction& transaction, core::db::Trip& last, const std::vector<TenantAct>& acts) const {
    if (acts.empty()) {
        return;
    }
    auto numbers = lock_all(transaction, acts);
    NewRecords records;
    for (const auto& [tenant, actor, act, at] : acts) {
        records.add(signed_record(tenant, ++numbers.at(tenant.text()), actor, act, at));
    }
    std::move(records).insert(last);
}

std::vector<SignedRecord> read_trail(core::db::TenantTransaction& transaction, const TrailFilter& filter,
                                     std::int64_t limit) {
    const auto& tenant = transaction.tenant().text();
    std::vector<SignedRecord> found;
    for (const auto& row : core::db::run(transaction, kRead, tenant, filter.after, filter.act, filter.actor,
                                         time_text(filter.period.from), time_text(filter.period.until), limit)) {
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

std::vector<ActCount> count_acts(core::db::Database& database, const std::vector<core::TenantId>& tenants,
                                 const TrailPeriod& period) {
    constexpr std::size_t kAtOnce = 1000;
    std::vector<ActCount> counts;
    for (std::size_t begin = 0; begin < tenants.size(); begin += kAtOnce) {
        const std::vector<core::TenantId> some(
            tenants.begin() + static_cast<std::ptrdiff_t>(begin),
            tenants.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kAtOnce, tenants.size())));
        core::db::TextColumn names;
        for (const auto& tenant : some) {
            names.add(tenant.text());
        }
        core::db::TenantsTransaction transaction(database, some);
        for (const auto& row :
             core::db::run(transaction, kCount, std::move(names), time_text(period.from), time_text(period.until))) {
            counts.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                              row.integer(3), instant(row.integer(4)), instant(row.integer(5))});
        }
    }
    return counts;
}

}  // namespace audit
