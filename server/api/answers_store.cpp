#include "core/db/work.h"
#include "server/api/answers.h"

namespace server::api {
namespace {

// Statements of their own: the second must see what whoever held the lock committed.
constexpr const char* kLock =
    "select pg_advisory_xact_lock(hashtextextended('idempotency ' || $1::text || ' ' || $2::text, 2))";
constexpr const char* kFind = R"(
select request_sha256, status, location, body from access.api_answers where tenant_id = $1 and idempotency_key = $2)";
constexpr const char* kInsert = R"(
insert into access.api_answers (tenant_id, idempotency_key, request_sha256, status, location, body, answered_at)
values ($1, $2, $3, $4, $5, $6, $7::timestamptz))";

}  // namespace

std::optional<GivenAnswer> lock_and_find_answer(core::db::TenantTransaction& transaction, const std::string& key) {
    const auto& tenant = transaction.tenant().text();
    core::db::run(transaction, kLock, tenant, key);
    const auto rows = core::db::run(transaction, kFind, tenant, key);
    if (rows.empty()) {
        return std::nullopt;
    }
    return GivenAnswer{rows[0][0].as<std::string>(), rows[0][1].as<int>(), rows[0][2].as<std::string>(),
                       rows[0][3].as<std::string>()};
}

void remember_answer(core::db::TenantTransaction& transaction, const std::string& key, const GivenAnswer& answer,
                     core::Instant now) {
    core::db::run(transaction, kInsert, transaction.tenant().text(), key, answer.request_sha256, answer.status,
                  answer.location, answer.body, core::format_rfc3339(now));
}

}  // namespace server::api
