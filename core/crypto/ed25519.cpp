#include "core/crypto/ed25519.h"

#include <sodium.h>

#include "core/failure.h"

namespace core::crypto {
namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

Ed25519Key::Ed25519Key(const KeyBytes& seed) : public_key_(crypto_sign_PUBLICKEYBYTES, '\0') {
    ensure(seed.reveal().size() == crypto_sign_SEEDBYTES, "an Ed25519 key is made of 32 bytes");
    std::string secret(crypto_sign_SECRETKEYBYTES, '\0');
    crypto_sign_seed_keypair(bytes_of(public_key_), bytes_of(secret), bytes_of(seed.reveal()));
    secret_ = KeyBytes(std::move(secret));
}

std::string Ed25519Key::sign(std::string_view message) const {
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(bytes_of(signature), nullptr, bytes_of(message), message.size(), bytes_of(secret_.reveal()));
    return signature;
}

bool verifies_ed25519(std::string_view public_key, std::string_view message, std::string_view signature) {
    return public_key.size() == crypto_sign_PUBLICKEYBYTES && signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(bytes_of(signature), bytes_of(message), message.size(), bytes_of(public_key)) ==
               0;
}

}  // namespace core::crypto
