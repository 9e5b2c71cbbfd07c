#include "server/api_keys.h"

#include <algorithm>
#include <array>

#include "core/crypto/digest.h"
#include "core/crypto/random.h"

namespace server {
namespace {

constexpr std::string_view kPrefix = "dz_";
constexpr std::size_t kNumberSize = 12;
constexpr std::size_t kSecretSize = 43;  // 43 of 62 characters: 256 bits
constexpr std::size_t kRememberedMax = 10'000;

bool is_token(std::string_view text, std::size_t size) {
    return text.size() == size && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
           });
}

}  // namespace

std::span<const Role> roles() {
    static const std::array<Role, 3> all = {{
        {"shop", "registers orders and reads them", {Right::read_orders, Right::register_orders}},
        {"reader", "reads everything", {Right::read_orders, Right::read_books}},
        {"accountant",
         "reads everything, and posts and reverses entries",
         {Right::read_orders, Right::read_books, Right::post_entries}},
    }};
    return all;
}

bool Role::may(Right right) const { return std::find(rights.begin(), rights.end(), right) != rights.end(); }

const Role* find_role(std::string_view name) {
    const auto all = roles();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Role& role) { return role.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::optional<ApiKeyParts> parse_api_key_id(std::string_view id) {
    const auto between = id.find('_');  // no tenant has one in its name
    if (between == std::string_view::npos || !is_token(id.substr(between + 1), kNumberSize)) {
        return std::nullopt;
    }
    std::string tenant(id.substr(0, between));
    if (!core::is_tenant_id(tenant)) {
        return std::nullopt;
    }
    return ApiKeyParts{core::TenantId(std::move(tenant)), std::string(id.substr(between + 1))};
}

std::optional<ApiKeyParts> parse_api_key(std::string_view text) {
    const auto before_secret = text.rfind('_');
    if (!text.starts_with(kPrefix) || before_secret <= kPrefix.size() ||
        !is_token(text.substr(before_secret + 1), kSecretSize)) {
        return std::nullopt;
    }
    return parse_api_key_id(text.substr(kPrefix.size(), before_secret - kPrefix.size()));
}

NewApiKey make_api_key(const core::TenantId& tenant, std::string name, std::string role, core::Instant now,
                       std::optional<core::Instant> expires_at) {
    ApiKey key{tenant, core::crypto::random_token(kNumberSize), std::move(name), std::move(role), {}, now, expires_at,
               {}};
    ApiKeyText text(std::string(kPrefix) + key.id() + "_" + core::crypto::random_token(kSecretSize));
    key.key_sha256 = core::crypto::sha256_hex(text.reveal());
    return {std::move(key), std::move(text)};
}

std::optional<ApiKey> ApiKeys::remembered(const std::string& id, Time now) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(id);
    if (found == known_.end() || now - found->second.looked_up >= kKeyRemembered) {
        return std::nullopt;
    }
    return found->second.key;
}

void ApiKeys::remember(const ApiKey& key, Time now) {
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kRememberedMax) {
        std::erase_if(known_, [&](const auto& item) { return now - item.second.looked_up >= kKeyRemembered; });
    }
    if (known_.size() < kRememberedMax) {
        known_.insert_or_assign(key.id(), Remembered{key, now});
    }
}

bool ApiKeys::knows(const ApiKeyParts& key) const {
    const std::lock_guard lock(mutex_);
    return known_.contains(key.id());
}

std::optional<ApiKey> ApiKeys::holder(std::string_view text, core::Instant now) {
    const auto parts = parse_api_key(text);
    if (!parts) {
        return std::nullopt;
    }
    const auto at = std::chrono::steady_clock::now();
    auto key = remembered(parts->id(), at);
    if (!key) {
        core::db::TenantTransaction transaction(database_, parts->tenant);
        key = find_api_key(transaction, parts->number);
        if (!key) {
            return std::nullopt;
        }
        remember(*key, at);
    }
    const bool is_its_text = core::crypto::equal_in_constant_time(core::crypto::sha256_hex(text), key->key_sha256);
    return is_its_text && key->is_good(now) ? key : std::nullopt;
}

}  // namespace server
