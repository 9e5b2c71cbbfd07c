// An API key's text: made, taken apart, and where it stands in a request.
#include <algorithm>

#include "core/crypto/digest.h"
#include "core/crypto/random.h"
#include "server/api_keys.h"

namespace server {
namespace {

constexpr std::string_view kPrefix = "dz_";
constexpr std::size_t kNumberSize = 12;
constexpr std::size_t kSecretSize = 43;  // 43 of 62 characters: 256 bits

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_token(std::string_view text, std::size_t size) {
    return text.size() == size && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
           });
}

}  // namespace

std::optional<std::string_view> bearer_token(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";
    if (authorization.size() <= kScheme.size() || !std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                                                              [](char a, char b) { return a == lower(b); })) {
        return std::nullopt;
    }
    const auto token = authorization.substr(kScheme.size());
    return token.find(' ') == std::string_view::npos ? std::optional(token) : std::nullopt;
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

}  // namespace server
