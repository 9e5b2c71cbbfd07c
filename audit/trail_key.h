// The key that signs the trail: each record when it is written, and heads of a tenant's tree, which are published, so
// that whoever has one can tell a trail that was rewritten, cut short or taken back from one that goes on.
//
// A record's signature is of "duizhang trail record signature 1", a line feed, the key's id and the leaf's 32 bytes; a
// head's of "duizhang trail head signature 2", a line feed, origin, key's id, tenant, size, microseconds since 1970 in
// UTC, and the root's 32 bytes. Texts and bytes stand behind their length, numbers are 8 bytes, big-endian.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/merkle_tree.h"
#include "core/crypto/ed25519.h"
#include "core/time.h"

namespace audit {

struct TreeHead {
    std::string origin;  // the installation's name
    std::string tenant;
    std::uint64_t size = 0;  // records
    TreeHash root{};
    core::Instant at;
};

// The first 16 hex digits of SHA-256 of the 32 bytes.
std::string key_id_of(std::string_view public_key);

// Of its own, derived from the master key, which the database doesn't have.
class TrailKey {
public:
    explicit TrailKey(const core::KeyBytes& master_key);

    const std::string& id() const noexcept { return id_; }
    const std::string& public_key() const noexcept { return key_.public_key(); }  // 32 bytes
    std::string sign(const TreeHash& leaf) const;                                 // 64 bytes, as the next
    std::string sign(const TreeHead& head) const;

private:
    core::crypto::Ed25519Key key_;
    std::string id_;
};

bool is_signed(std::string_view public_key, const TreeHash& leaf, std::string_view signature);
bool is_signed(std::string_view public_key, const TreeHead& head, std::string_view signature);

}  // namespace audit
