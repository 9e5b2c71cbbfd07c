#include "audit/trail_key.h"

#include "core/crypto/digest.h"
#include "core/crypto/said.h"

namespace audit {
namespace {

core::KeyBytes seed_from(const core::KeyBytes& master_key) {
    const auto mac = core::crypto::hmac_sha256(master_key.reveal(), "duizhang trail key 1");
    return core::KeyBytes(std::string(mac.begin(), mac.end()));
}

std::string_view bytes_of(const TreeHash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

std::string message(const std::string& key_id, const TreeHash& leaf) {
    return core::crypto::Said("trail record signature").text(key_id).text(bytes_of(leaf)).bytes();
}

std::string message(const std::string& key_id, const TreeHead& head) {
    return core::crypto::Said("trail head signature", 2)
        .text(head.origin)
        .text(key_id)
        .text(head.tenant)
        .number(static_cast<std::int64_t>(head.size))
        .time(head.at)
        .text(bytes_of(head.root))
        .bytes();
}

}  // namespace

std::string key_id_of(std::string_view public_key) { return core::crypto::sha256_hex(public_key).substr(0, 16); }

TrailKey::TrailKey(const core::KeyBytes& master_key) : key_(seed_from(master_key)), id_(key_id_of(key_.public_key())) {}

std::string TrailKey::sign(const TreeHash& leaf) const { return key_.sign(message(id_, leaf)); }
std::string TrailKey::sign(const TreeHead& head) const { return key_.sign(message(id_, head)); }

bool is_signed(std::string_view public_key, const TreeHash& leaf, std::string_view signature) {
    return core::crypto::verifies_ed25519(public_key, message(key_id_of(public_key), leaf), signature);
}
bool is_signed(std::string_view public_key, const TreeHead& head, std::string_view signature) {
    return core::crypto::verifies_ed25519(public_key, message(key_id_of(public_key), head), signature);
}

}  // namespace audit
