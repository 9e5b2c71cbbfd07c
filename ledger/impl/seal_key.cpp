#include "ledger/impl/said.h"
#include "ledger/seals.h"

namespace ledger {
namespace {

// Each purpose has a key of its own, so that one that leaks opens nothing else.
core::KeyBytes seed_from(const core::KeyBytes& master_key) {
    const auto mac = core::crypto::hmac_sha256(master_key.reveal(), "duizhang seal key 1");
    return core::KeyBytes(std::string(mac.begin(), mac.end()));
}

std::string message(std::string_view purpose, const std::string& digest) {
    return Said(std::string(purpose) + " signature").text(bytes_of_hex(digest)).bytes();
}

}  // namespace

SealKey::SealKey(const core::KeyBytes& master_key) : key_(seed_from(master_key)) {}

std::string SealKey::sign(std::string_view purpose, const std::string& digest) const {
    return core::crypto::hex_encode(key_.sign(message(purpose, digest)));
}

std::string SealKey::public_key() const { return core::crypto::hex_encode(key_.public_key()); }

bool is_signed(const std::string& public_key, std::string_view purpose, const std::string& digest,
               const std::string& signature) {
    return core::crypto::verifies_ed25519(bytes_of_hex(public_key), message(purpose, digest), bytes_of_hex(signature));
}

}  // namespace ledger
