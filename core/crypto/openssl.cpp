#include "core/crypto/impl/openssl.h"

#include <openssl/core_names.h>

#include "core/failure.h"

namespace core::crypto {

namespace {

constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr int kRsaExponentBitsMax = 64;

const EVP_MD* fetched_digest(const char* name) {
    const EVP_MD* algorithm = EVP_MD_fetch(nullptr, name, nullptr);
    require(algorithm != nullptr, "fetch a digest");
    return algorithm;
}

const EVP_CIPHER* fetched_cipher(const char* name) {
    const EVP_CIPHER* algorithm = EVP_CIPHER_fetch(nullptr, name, nullptr);
    require(algorithm != nullptr, "fetch a cipher");
    return algorithm;
}

// With exponent 1 every "signature" is its own message; an even exponent belongs to no key at all.
bool has_sane_exponent(const EVP_PKEY* key) {
    BIGNUM* raw = nullptr;
    const bool read = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &raw) == 1;
    const NumberHandle exponent(raw);
    return read && BN_is_odd(raw) == 1 && BN_is_one(raw) == 0 && BN_num_bits(raw) <= kRsaExponentBitsMax;
}

}  // namespace

void require(bool done, std::string_view step) {
    if (!done) {
        ERR_clear_error();
        throw OutsideFailure("the cryptographic library could not " + std::string(step));
    }
}

const EVP_MD* sha1_algorithm() {
    static const EVP_MD* const algorithm = fetched_digest("SHA1");
    return algorithm;
}

const EVP_MD* sha256_algorithm() {
    static const EVP_MD* const algorithm = fetched_digest("SHA256");
    return algorithm;
}

const EVP_MD* sm3_algorithm() {
    static const EVP_MD* const algorithm = fetched_digest("SM3");
    return algorithm;
}

const EVP_CIPHER* aes_256_gcm_algorithm() {
    static const EVP_CIPHER* const algorithm = fetched_cipher("AES-256-GCM");
    return algorithm;
}

const EVP_CIPHER* sm4_ctr_algorithm() {
    static const EVP_CIPHER* const algorithm = fetched_cipher("SM4-CTR");
    return algorithm;
}

bool is_accepted_key(const EVP_PKEY* key) {
    if (key == nullptr) {
        return false;
    }
    if (EVP_PKEY_is_a(key, "SM2") == 1) {
        return true;
    }
    const int bits = EVP_PKEY_get_bits(key);
    return EVP_PKEY_is_a(key, "RSA") == 1 && bits >= kRsaBitsMin && bits <= kRsaBitsMax && has_sane_exponent(key);
}

const unsigned char* bytes_of(std::string_view text) {
    static constexpr unsigned char kNothing = 0;
    return text.data() == nullptr ? &kNothing : reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string_view written_to(BIO* memory) {
    char* start = nullptr;
    const long length = BIO_get_mem_data(memory, &start);
    require(length > 0 && start != nullptr, "write PEM");
    return {start, static_cast<std::size_t>(length)};
}

}  // namespace core::crypto
