#include "core/crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <sodium.h>

#include "core/crypto/encoding.h"
#include "core/crypto/impl/openssl.h"
#include "core/failure.h"

namespace core::crypto {

namespace {

using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;

std::string digest_of(std::string_view bytes, const EVP_MD* algorithm) {
    std::string digest(static_cast<std::size_t>(EVP_MD_get_size(algorithm)), '\0');
    unsigned length = 0;
    const int done = EVP_Digest(bytes_of(bytes), bytes.size(), bytes_of(digest), &length, algorithm, nullptr);
    require(done == 1 && length == digest.size(), "compute a digest");
    return digest;
}

EVP_MAC* hmac_algorithm() {
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    require(algorithm != nullptr, "fetch HMAC");
    return algorithm;
}

EVP_MD_CTX* as_context(void* context) { return static_cast<EVP_MD_CTX*>(context); }

void begin(void* context) {
    require(EVP_DigestInit_ex2(as_context(context), sha256_algorithm(), nullptr) == 1, "begin a digest");
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
    Sha256 digest{};
    unsigned length = 0;
    const int done = EVP_Digest(bytes_of(bytes), bytes.size(), digest.data(), &length, sha256_algorithm(), nullptr);
    require(done == 1 && length == digest.size(), "compute a digest");
    return digest;
}

std::string sha256_hex(std::string_view bytes) { return hex_encode(digest_of(bytes, sha256_algorithm())); }

std::string sha1_hex(std::string_view bytes) { return hex_encode(digest_of(bytes, sha1_algorithm())); }

std::string sm3(std::string_view bytes) { return digest_of(bytes, sm3_algorithm()); }

std::string sm3_hex(std::string_view bytes) { return hex_encode(sm3(bytes)); }

Sha256 hmac_sha256(std::string_view key, std::string_view message) {
    ensure(!key.empty(), "a message is authenticated with a key that is not empty");
    const MacContext context(EVP_MAC_CTX_new(hmac_algorithm()));
    require(context != nullptr, "make an HMAC context");
    std::string digest_name = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), digest_name.size()),
        OSSL_PARAM_construct_end()};
    Sha256 code{};
    std::size_t length = 0;
    const bool done = EVP_MAC_init(context.get(), bytes_of(key), key.size(), parameters.data()) == 1 &&
                      EVP_MAC_update(context.get(), bytes_of(message), message.size()) == 1 &&
                      EVP_MAC_final(context.get(), code.data(), &length, code.size()) == 1;
    require(done && length == code.size(), "compute an HMAC");
    return code;
}

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
    require(context_ != nullptr, "make a digest context");
    begin(context_);
}

Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(as_context(context_)); }

void Sha256Stream::add(std::string_view bytes) {
    require(EVP_DigestUpdate(as_context(context_), bytes_of(bytes), bytes.size()) == 1, "add to a digest");
}

std::string Sha256Stream::finish_hex() {
    std::string digest(sizeof(Sha256), '\0');
    unsigned length = 0;
    const int done = EVP_DigestFinal_ex(as_context(context_), bytes_of(digest), &length);
    require(done == 1 && length == digest.size(), "finish a digest");
    begin(context_);
    return hex_encode(digest);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(bytes_of(a), bytes_of(b), a.size()) == 0;
}

}  // namespace core::crypto
