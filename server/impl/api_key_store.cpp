#include "core/db/work.h"
#include "server/api_keys.h"

namespace server {
namespace {

constexpr const char* kInsert = R"(
insert into access.api_keys (tenant_id, key_id, name, role, key_sha256, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6::timestamptz, $7::timestamptz))";

constexpr const char* kFind = R"(
select key_id, name, role, key_sha256, (extract(epoch from created_at) * 1000)::bigint,
       (extract(epoch from expires_at) * 1000)::bigint, (extract(epoch from revoked_at) * 1000)::bigint
from access.api_keys where tenant_id = $1 and key_id = $2)";

constexpr const char* kAll = R"(
select key_id, name, role, key_sha256, (extract(epoch from created_at) * 1000)::bigint,
       (extract(epoch from expires_at) * 1000)::bigint, (extract(epoch from revoked_at) * 1000)::bigint
from access.api_keys where tenant_id = $1 and created_at is not null order by created_at, key_id)";

constexpr const char* kRevoke = R"(
update access.api_keys set revoked_at = $3::timestamptz
where tenant_id = $1 and key_id = $2 and revoked_at is null)";

constexpr const char* kExpire = R"(
update access.api_keys set expires_at = least(expires_at, $3::timestamptz) where tenant_id = $1 and key_id = $2)";

std::optional<core::Instant> instant(const pqxx::field& field) {
    return field.is_null() ? std::nullopt
                           : std::optional(core::Instant(std::chrono::milliseconds(field.as<std::int64_t>())));
}

ApiKey key_of(const core::TenantId& tenant, const pqxx::row& row) {
    return {tenant,
            row[0].as<std::string>(),
            row[1].as<std::string>(),
            row[2].as<std::string>(),
            row[3].as<std::string>(),
            *instant(row[4]),
            instant(row[5]),
            instant(row[6])};
}

}  // namespace

void store_api_key(core::db::TenantTransaction& transaction, const ApiKey& key) {
    const auto expires_at = key.expires_at ? std::optional(core::format_rfc3339(*key.expires_at)) : std::nullopt;
    core::db::run(transaction, kInsert, transaction.tenant().text(), key.number, key.name, key.role, key.key_sha256,
                  core::format_rfc3339(key.created_at), expires_at);
}

std::optional<ApiKey> find_api_key(core::db::TenantTransaction& transaction, const std::string& number) {
    const auto rows = core::db::run(transaction, kFind, transaction.tenant().text(), number);
    return rows.empty() ? std::nullopt : std::optional(key_of(transaction.tenant(), rows[0]));
}

std::vector<ApiKey> all_api_keys(core::db::TenantTransaction& transaction) {
    std::vector<ApiKey> keys;
    for (const auto& row : core::db::run(transaction, kAll, transaction.tenant().text())) {
        keys.push_back(key_of(transaction.tenant(), row));
    }
    return keys;
}

bool revoke_api_key(core::db::TenantTransaction& transaction, const std::string& number, core::Instant now) {
    return core::db::run(transaction, kRevoke, transaction.tenant().text(), number, core::format_rfc3339(now))
               .affected_rows() == 1;
}

void expire_api_key(core::db::TenantTransaction& transaction, const std::string& number, core::Instant at) {
    core::db::run(transaction, kExpire, transaction.tenant().text(), number, core::format_rfc3339(at));
}

}  // namespace server
