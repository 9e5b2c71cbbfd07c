// What the sources of core/crypto share: OpenSSL's objects owned, its algorithms fetched once, its errors made ours.
// Nobody outside core/crypto includes this.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/crypto/certificate.h"
#include "core/crypto/keys.h"

namespace core::crypto {

template <auto Free>
struct FreeWith {
    template <typename T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using KeyHandle = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;
using BioHandle = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using NumberHandle = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using CertificateHandle = std::unique_ptr<X509, FreeWith<X509_free>>;

struct PublicKey::Impl {
    KeyHandle key;
};

struct PrivateKey::Impl {
    KeyHandle key;
};

struct Certificate::Impl {
    CertificateHandle certificate;
    Instant not_before;
    Instant not_after;
};

// Takes what OpenSSL put into this thread's error queue off again. Left there, it would be read by the next TLS call
// of the thread, which takes any entry for its own.
class QuietErrors {
public:
    QuietErrors() { ERR_set_mark(); }
    ~QuietErrors() { ERR_pop_to_mark(); }
    QuietErrors(const QuietErrors&) = delete;
    QuietErrors& operator=(const QuietErrors&) = delete;
};

// Throws OutsideFailure unless `done`: for calls that only fail when memory or the library itself is broken.
// The message names the step and never quotes data.
void require(bool done, std::string_view step);

// Fetched at the first use and kept for the life of the process: a fetch takes locks that all threads share.
const EVP_MD* sha1_algorithm();
const EVP_MD* sha256_algorithm();
const EVP_MD* sm3_algorithm();
const EVP_CIPHER* aes_256_gcm_algorithm();
const EVP_CIPHER* sm4_ctr_algorithm();

// RSA from 2048 to 8192 bits with a sane exponent, or SM2. Larger RSA keys only serve to keep a verifier busy.
bool is_accepted_key(const EVP_PKEY* key);

// The address of the bytes, never null (OpenSSL reads null as "not given").
const unsigned char* bytes_of(std::string_view text);
unsigned char* bytes_of(std::string& text);

// What was written into a memory BIO; owned by the BIO.
std::string_view written_to(BIO* memory);

}  // namespace core::crypto
