// API keys: who may call the API, for which tenant, and as what.
//
//     dz_acme_7F3qXk29LmPq_...43 characters...
//        |    |            256 random bits, [A-Za-z0-9]
//        |    the key's number within the tenant
//        the tenant, so that the key is looked up behind that tenant's wall
//
//   K1  The text is given out once. What is stored is its SHA-256, which is compared in constant time.
//   K2  Who has no right is refused: a role has the rights that the table of roles gives it, an unknown one none.
//   K3  A key that is revoked, or whose time is over, is refused within kKeyRemembered of that, by every process.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/db/database.h"
#include "core/ids.h"
#include "core/secret.h"
#include "core/time.h"

namespace server {

// What a caller may do. Each route of the API needs one of them.
enum class Right { read_orders, register_orders, read_books, post_entries, read_usage, charge_usage, close_books };

struct Role {
    std::string_view name;
    std::string_view does;  // for people
    std::vector<Right> rights;

    bool may(Right right) const;
};
std::span<const Role> roles();
// nullptr for a name that is none of theirs.
const Role* find_role(std::string_view name);

using ApiKeyText = core::Secret<struct ApiKeyTextTag>;

struct ApiKey {
    core::TenantId tenant;
    std::string number;
    std::string name;
    std::string role;
    std::string key_sha256;
    core::Instant created_at;
    std::optional<core::Instant> expires_at;
    std::optional<core::Instant> revoked_at;

    // "acme_7F3qXk29LmPq": what commands and logs call it. It opens nothing.
    std::string id() const { return tenant.text() + "_" + number; }
    bool is_good(core::Instant now) const { return !revoked_at && (!expires_at || now < *expires_at); }
};

// A key's text, or its id where there is no secret, taken apart. Nothing for what can be neither.
struct ApiKeyParts {
    core::TenantId tenant;
    std::string number;

    std::string id() const { return tenant.text() + "_" + number; }
};
std::optional<ApiKeyParts> parse_api_key(std::string_view text);
std::optional<ApiKeyParts> parse_api_key_id(std::string_view id);

// What stands behind "Bearer " in an Authorization header, whatever the case of that word; nothing for any other scheme
// or form.
std::optional<std::string_view> bearer_token(std::string_view authorization);

struct NewApiKey {
    ApiKey key;
    ApiKeyText text;
};
NewApiKey make_api_key(const core::TenantId& tenant, std::string name, std::string role, core::Instant now,
                       std::optional<core::Instant> expires_at);

// In the caller's transaction.
void store_api_key(core::db::TenantTransaction& transaction, const ApiKey& key);
std::optional<ApiKey> find_api_key(core::db::TenantTransaction& transaction, const std::string& number);
std::vector<ApiKey> all_api_keys(core::db::TenantTransaction& transaction);  // oldest first
// False when there is no such key, or it is revoked already.
bool revoke_api_key(core::db::TenantTransaction& transaction, const std::string& number, core::Instant now);
// Never later than it would have expired anyway.
void expire_api_key(core::db::TenantTransaction& transaction, const std::string& number, core::Instant at);

constexpr std::chrono::seconds kKeyRemembered{2};

// Whose key a text is, with what was looked up kept for a moment. Safe to share between threads.
class ApiKeys {
public:
    explicit ApiKeys(core::db::Database& database) : database_(database) {}

    // The good key that this is the text of. Throws core::OutsideFailure when the database is away.
    std::optional<ApiKey> holder(std::string_view text, core::Instant now);
    // It was asked for and is a key, good or not.
    bool knows(const ApiKeyParts& key) const;

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Remembered {
        ApiKey key;
        Time looked_up;
    };

    std::optional<ApiKey> remembered(const std::string& id, Time now);
    void remember(const ApiKey& key, Time now);

    core::db::Database& database_;
    mutable std::mutex mutex_;
    std::map<std::string, Remembered> known_;
};

}  // namespace server
