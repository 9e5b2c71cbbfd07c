#include "server/api/answers.h"

#include <utility>

#include "core/db/column.h"

namespace server::api {
namespace {

using core::db::Statement;
using core::db::TextColumn;

// Statements of their own: the second must see what whoever held a lock committed. In the order given, which is sorted:
// two transactions that want the same keys wait for each other in one direction alone.
constexpr Statement kLock{"lock_answers", R"(
select count(pg_advisory_xact_lock(hashtextextended('idempotency ' || t.tenant_id || ' ' || t.key, 2)))
from (select tenant_id, key from unnest($1::text[], $2::text[]) with ordinality as n (tenant_id, key, place)
      order by place) t)"};
constexpr Statement kFind{"find_answers", R"(
select a.tenant_id, a.idempotency_key, a.request_sha256, a.status, a.location, a.body
from unnest($1::text[], $2::text[]) as n (tenant_id, key)
join access.api_answers a on a.idempotency_key = n.key and a.tenant_id = n.tenant_id)"};
constexpr Statement kInsert{"insert_answers", R"(
insert into access.api_answers (tenant_id, idempotency_key, request_sha256, status, location, body, answered_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[]))"};

}  // namespace

AnswersQuestion::AnswersQuestion(core::db::Trip& trip, const std::set<AnswerKey>& keys) {
    for (const bool lock : {true, false}) {
        TextColumn tenants, names;
        for (const auto& key : keys) {
            tenants.add(key.tenant.text());
            names.add(key.key);
        }
        place_ = trip.add(lock ? kLock : kFind, std::move(tenants), std::move(names));
    }
}

std::map<AnswerKey, GivenAnswer> AnswersQuestion::given(const core::db::Trip& trip) const {
    std::map<AnswerKey, GivenAnswer> all;
    for (const auto& row : trip[place_]) {
        const auto text = [&](int column) { return std::string(row.text(column)); };
        all.insert({{core::TenantId(text(0)), text(1)}, {text(2), static_cast<int>(row.integer(3)), text(4), text(5)}});
    }
    return all;
}

void remember_answers(core::db::Trip& trip, const std::vector<NewAnswer>& answers) {
    TextColumn tenants, keys, digests, locations, bodies;
    core::db::IntegerColumn statuses;
    core::db::TimeColumn times;
    for (const auto& [key, answer, answered_at] : answers) {
        tenants.add(key.tenant.text());
        keys.add(key.key);
        digests.add(answer.request_sha256);
        statuses.add(answer.status);
        locations.add(answer.location);
        bodies.add(answer.body);
        times.add(answered_at);
    }
    trip.add(kInsert, std::move(tenants), std::move(keys), std::move(digests), std::move(statuses),
             std::move(locations), std::move(bodies), std::move(times));
}

}  // namespace server::api
