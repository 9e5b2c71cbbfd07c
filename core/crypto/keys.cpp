#include "core/crypto/keys.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

#include "core/crypto/impl/openssl.h"
#include "core/crypto/impl/pem.h"
#include "core/failure.h"

namespace core::crypto {

namespace {

constexpr std::size_t kPemBytesMax = std::size_t{64} * 1024;

DigestContext make_context() {
    DigestContext context(EVP_MD_CTX_new());
    require(context != nullptr, "make a signature context");
    return context;
}

bool is_a(const KeyHandle& key, const char* kind) { return EVP_PKEY_is_a(key.get(), kind) == 1; }

// PKCS#1 v1.5 is what the library does by default for RSA; saying so keeps it so.
bool uses_pkcs1(EVP_PKEY_CTX* context) { return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1; }

bool verifies_rsa(const KeyHandle& key, const EVP_MD* algorithm, std::string_view message, std::string_view signature) {
    if (!is_a(key, "RSA") || signature.empty()) {
        return false;
    }
    const QuietErrors quiet;
    const DigestContext context = make_context();
    EVP_PKEY_CTX* options = nullptr;
    require(EVP_DigestVerifyInit(context.get(), &options, algorithm, nullptr, key.get()) == 1 && uses_pkcs1(options),
            "begin a verification");
    // Negative answers are errors and not "true": only 1 says that the signature holds.
    return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) ==
           1;
}

std::string finished_signature(EVP_MD_CTX* context, std::string_view message) {
    std::size_t length = 0;
    require(EVP_DigestSign(context, nullptr, &length, bytes_of(message), message.size()) == 1, "size a signature");
    std::string signature(length, '\0');
    require(EVP_DigestSign(context, bytes_of(signature), &length, bytes_of(message), message.size()) == 1, "sign");
    signature.resize(length);
    return signature;
}

std::string sign_rsa(const KeyHandle& key, const EVP_MD* algorithm, std::string_view message) {
    ensure(is_a(key, "RSA"), "RSA signatures are made with RSA keys");
    const DigestContext context = make_context();
    EVP_PKEY_CTX* options = nullptr;
    require(EVP_DigestSignInit(context.get(), &options, algorithm, nullptr, key.get()) == 1 && uses_pkcs1(options),
            "begin a signature");
    return finished_signature(context.get(), message);
}

// The key's context, with the signer's id set before the digest starts: SM2 hashes the id in front of the message.
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;

KeyContext sm2_context(const KeyHandle& key, std::string_view signer_id, EVP_MD_CTX* digest) {
    KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    require(context != nullptr &&
                EVP_PKEY_CTX_set1_id(context.get(), bytes_of(signer_id), static_cast<int>(signer_id.size())) == 1,
            "set a signer's id");
    EVP_MD_CTX_set_pkey_ctx(digest, context.get());
    return context;
}

KeyHandle decoded_public_key(std::string_view der) {
    const unsigned char* at = bytes_of(der);
    KeyHandle key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
    return at == bytes_of(der) + der.size() ? std::move(key) : nullptr;
}

KeyHandle decoded_private_key(std::string_view der) {
    const unsigned char* at = bytes_of(der);
    KeyHandle key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
    return at == bytes_of(der) + der.size() ? std::move(key) : nullptr;
}

BioHandle make_memory() {
    BioHandle memory(BIO_new(BIO_s_mem()));
    require(memory != nullptr, "make a buffer");
    return memory;
}

}  // namespace

std::optional<PublicKey> PublicKey::from_pem(std::string_view pem) {
    if (pem.size() > kPemBytesMax) {
        return std::nullopt;
    }
    const QuietErrors quiet;
    const auto der = unwrap_pem(pem, "PUBLIC KEY");
    auto key = der ? decoded_public_key(der->reveal()) : nullptr;
    if (!is_accepted_key(key.get())) {
        return std::nullopt;
    }
    return PublicKey(std::make_shared<const Impl>(Impl{std::move(key)}));
}

bool PublicKey::verifies_rsa_sha256(std::string_view message, std::string_view signature) const {
    return verifies_rsa(impl_->key, sha256_algorithm(), message, signature);
}

bool PublicKey::verifies_rsa_sha1(std::string_view message, std::string_view signature) const {
    return verifies_rsa(impl_->key, sha1_algorithm(), message, signature);
}

bool PublicKey::verifies_sm2_sm3(std::string_view message, std::string_view signature,
                                 std::string_view signer_id) const {
    if (!is_sm2() || signature.empty()) {
        return false;
    }
    const QuietErrors quiet;
    const DigestContext context = make_context();
    const KeyContext options = sm2_context(impl_->key, signer_id, context.get());
    require(EVP_DigestVerifyInit(context.get(), nullptr, sm3_algorithm(), nullptr, impl_->key.get()) == 1,
            "begin a verification");
    return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) ==
           1;
}

bool PublicKey::is_rsa() const { return is_a(impl_->key, "RSA"); }

bool PublicKey::is_sm2() const { return is_a(impl_->key, "SM2"); }

std::string PublicKey::to_pem() const {
    const BioHandle memory = make_memory();
    require(PEM_write_bio_PUBKEY(memory.get(), impl_->key.get()) == 1, "write a public key");
    return std::string(written_to(memory.get()));
}

PrivateKey PrivateKey::generate_rsa(int bits) {
    KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(bits)));
    ensure(is_accepted_key(key.get()), "an RSA key has 2048 to 8192 bits");
    return PrivateKey(std::make_shared<const Impl>(Impl{std::move(key)}));
}

PrivateKey PrivateKey::generate_sm2() {
    KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2"));
    require(is_accepted_key(key.get()), "generate a key");
    return PrivateKey(std::make_shared<const Impl>(Impl{std::move(key)}));
}

std::optional<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
    if (pem.size() > kPemBytesMax) {
        return std::nullopt;
    }
    const QuietErrors quiet;
    auto der = unwrap_pem(pem, "PRIVATE KEY");
    if (!der) {
        der = unwrap_pem(pem, "RSA PRIVATE KEY");
    }
    auto key = der ? decoded_private_key(der->reveal()) : nullptr;
    if (!is_accepted_key(key.get())) {
        return std::nullopt;
    }
    return PrivateKey(std::make_shared<const Impl>(Impl{std::move(key)}));
}

std::string PrivateKey::sign_rsa_sha256(std::string_view message) const {
    return sign_rsa(impl_->key, sha256_algorithm(), message);
}

std::string PrivateKey::sign_rsa_sha1(std::string_view message) const {
    return sign_rsa(impl_->key, sha1_algorithm(), message);
}

std::string PrivateKey::sign_sm2_sm3(std::string_view message, std::string_view signer_id) const {
    ensure(is_a(impl_->key, "SM2"), "SM2 signatures are made with SM2 keys");
    const DigestContext context = make_context();
    const KeyContext options = sm2_context(impl_->key, signer_id, context.get());
    require(EVP_DigestSignInit(context.get(), nullptr, sm3_algorithm(), nullptr, impl_->key.get()) == 1,
            "begin a signature");
    return finished_signature(context.get(), message);
}

// Through its encoding, so that what verifies holds no private part.
PublicKey PrivateKey::public_key() const {
    unsigned char* der = nullptr;
    const int length = i2d_PUBKEY(impl_->key.get(), &der);
    require(length > 0, "write a public key");
    KeyHandle key = decoded_public_key({reinterpret_cast<const char*>(der), static_cast<std::size_t>(length)});
    OPENSSL_free(der);
    require(key != nullptr, "read a public key back");
    return PublicKey(std::make_shared<const PublicKey::Impl>(PublicKey::Impl{std::move(key)}));
}

KeyBytes PrivateKey::to_pem() const {
    const BioHandle memory = make_memory();
    require(PEM_write_bio_PKCS8PrivateKey(memory.get(), impl_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
            "write a private key");
    return KeyBytes(std::string(written_to(memory.get())));
}

}  // namespace core::crypto
