// Certificates for tests, made when they are needed: an authority, those it issues, and whatever is wrong with them.
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace certificates {

template <auto Free>
struct FreeWith {
    template <typename T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Memory = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;

inline void require(bool done) {
    if (!done) {
        throw std::runtime_error("a certificate for a test can't be made");
    }
}

inline Key elliptic_key() { return Key(EVP_EC_gen("P-256")); }
inline Key rsa_key(unsigned bits) { return Key(EVP_RSA_gen(bits)); }

inline std::string text_of(const Memory& memory) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

inline std::string pem_of(const X509* certificate) {
    const Memory memory(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_X509(memory.get(), certificate) == 1);
    return text_of(memory);
}

inline std::string pem_of(const EVP_PKEY* key, const char* password = nullptr) {
    const Memory memory(BIO_new(BIO_s_mem()));
    const EVP_CIPHER* cipher = password == nullptr ? nullptr : EVP_aes_128_cbc();
    require(PEM_write_bio_PKCS8PrivateKey(memory.get(), key, cipher, password,
                                          password == nullptr ? 0 : static_cast<int>(std::string(password).size()),
                                          nullptr, nullptr) == 1);
    return text_of(memory);
}

// What is wanted of a certificate. By default it is good.
struct Wanted {
    std::string name = "localhost";  // the subject, and what it is for: a DNS name
    long begins_seconds = -3600;     // from now
    long ends_seconds = 30L * 24 * 3600;
    bool authority = false;
    const char* purpose = nullptr;  // "clientAuth"; nothing: any
    const EVP_MD* digest = EVP_sha256();
};

inline void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_nconf_nid(nullptr, &context, kind, value.c_str());
    require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

inline Certificate issue(const Wanted& wanted, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
    static long serial = 1000;
    Certificate made(X509_new());
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), wanted.begins_seconds);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), wanted.ends_seconds);
    const std::string name = wanted.name;
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()), -1,
                               0);
    X509* by = issuer == nullptr ? made.get() : issuer;
    X509_set_issuer_name(made.get(), X509_get_subject_name(by));
    X509_set_pubkey(made.get(), key);
    add_extension(made.get(), by, NID_basic_constraints, wanted.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!wanted.authority) {
        add_extension(made.get(), by, NID_subject_alt_name, "DNS:" + name);
    }
    if (wanted.purpose != nullptr) {
        add_extension(made.get(), by, NID_ext_key_usage, wanted.purpose);
    }
    require(X509_sign(made.get(), issuer_key, wanted.digest) > 0);
    return made;
}

// A certificate with its key, both as PEM.
struct Pair {
    std::string certificate;
    std::string key;
};

class Authority {
public:
    explicit Authority(const std::string& name = "Test authority", const Authority* above = nullptr)
        : key_(elliptic_key()),
          certificate_(issue({.name = name, .authority = true}, key_.get(),
                             above == nullptr ? nullptr : above->certificate_.get(),
                             above == nullptr ? key_.get() : above->key_.get())) {}

    Pair issue_pair(const Wanted& wanted = {}) const { return issue_pair(wanted, elliptic_key()); }
    Pair issue_pair(const Wanted& wanted, const Key& key) const {
        return {pem_of(issue(wanted, key.get(), certificate_.get(), key_.get()).get()), pem_of(key.get())};
    }
    X509* certificate() const { return certificate_.get(); }
    std::string pem() const { return pem_of(certificate_.get()); }

private:
    Key key_;
    Certificate certificate_;
};

}  // namespace certificates
