#include "server/api_keys.h"

#include <algorithm>
#include <array>

#include "core/crypto/digest.h"

namespace server {
namespace {

constexpr std::size_t kRememberedMax = 10'000;

}  // namespace

std::span<const Role> roles() {
    static const std::array<Role, 3> all = {{
        {"shop",
         "registers orders, reads them, tells when they are fulfilled, and charges what customers use",
         {Right::read_orders, Right::register_orders, Right::read_usage, Right::charge_usage}},
        {"reader", "reads everything", {Right::read_orders, Right::read_books, Right::read_usage}},
        {"accountant",
         "reads everything, posts and reverses entries, holds amounts, sets limits, books what was prepaid, pays "
         "parties,"
         " closes",
         {Right::read_orders, Right::read_books, Right::read_usage, Right::post_entries, Right::close_books}},
    }};
    return all;
}

bool Role::may(Right right) const { return std::find(rights.begin(), rights.end(), right) != rights.end(); }

const Role* find_role(std::string_view name) {
    const auto all = roles();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Role& role) { return role.name == name; });
    return found == all.end() ? nullptr : &*found;
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
