#include "server/http/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/failure.h"
#include "server/http/tls_impl.h"

namespace server::http {
namespace {

// T1. AES-128 first: as good as any in practice, and the cheapest where the processor knows it.
constexpr const char* kSuitesOfTls12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kSuitesOfTls13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";
// 112 bits: no RSA below 2048 bits, no SHA-1 in a certificate's signature.
constexpr int kSecurityLevel = 2;
constexpr std::size_t kChainMax = 8;
constexpr std::string_view kHttp11 = "http/1.1";

template <auto Free>
struct FreeWith {
    template <typename T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using Memory = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Problem = std::optional<TlsRefusal>;

TlsRefusal about_certificate(std::string_view reason) { return {TlsRefusal::Part::certificate, reason}; }
TlsRefusal about_key(std::string_view reason) { return {TlsRefusal::Part::key, reason}; }

// OpenSSL's queue of errors is the thread's: what is left in it, the next caller takes for its own.
struct QuietErrors {
    QuietErrors() { ERR_set_mark(); }
    ~QuietErrors() { ERR_pop_to_mark(); }
    QuietErrors(const QuietErrors&) = delete;
    QuietErrors& operator=(const QuietErrors&) = delete;
};

// For what fails only when memory or the library itself is broken.
void require(bool done, std::string_view step) {
    if (!done) {
        throw core::OutsideFailure("the TLS library could not " + std::string(step));
    }
}

Memory reading(std::string_view text) {
    Memory memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    require(memory != nullptr, "read from memory");
    return memory;
}

// Without it OpenSSL would ask for the password of an encrypted key on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

core::Instant instant_of(const ASN1_TIME* time) {
    std::tm parts{};
    require(ASN1_TIME_to_tm(time, &parts) == 1, "read a certificate's time");
    const date::sys_days day = date::year{parts.tm_year + 1900} / (parts.tm_mon + 1) / parts.tm_mday;
    return core::Instant(day + std::chrono::hours{parts.tm_hour} + std::chrono::minutes{parts.tm_min} +
                         std::chrono::seconds{parts.tm_sec});
}

// All of the text's certificates, in its order.
Problem read_certificates(std::string_view text, std::vector<Certificate>& chain) {
    if (text.find("PRIVATE KEY-----") != std::string_view::npos) {
        return about_certificate("holds a private key, which belongs into a file of its own");
    }
    const Memory memory = reading(text);
    while (X509* read = PEM_read_bio_X509(memory.get(), nullptr, no_password, nullptr)) {
        chain.emplace_back(read);
        if (chain.size() > kChainMax) {
            return about_certificate("holds more certificates than a chain has");
        }
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
        return about_certificate("holds a certificate that can't be read");
    }
    return chain.empty() ? Problem(about_certificate("holds no certificate in PEM")) : std::nullopt;
}

// T3, except for the key.
Problem check_chain(const std::vector<Certificate>& chain, core::Instant now) {
    for (const auto& certificate : chain) {
        if (now < instant_of(X509_get0_notBefore(certificate.get()))) {
            return about_certificate("is not valid yet");
        }
        if (now >= instant_of(X509_get0_notAfter(certificate.get()))) {
            return about_certificate("has expired");
        }
    }
    if (X509_check_purpose(chain.front().get(), X509_PURPOSE_SSL_SERVER, 0) != 1) {
        return about_certificate("is not for servers");
    }
    for (std::size_t i = 1; i < chain.size(); ++i) {
        if (X509_check_issued(chain[i].get(), chain[i - 1].get()) != X509_V_OK) {
            return about_certificate("is followed by one that did not issue it; the server's comes first");
        }
    }
    return std::nullopt;
}

Problem put_in(SSL_CTX* context, const std::vector<Certificate>& chain, const core::KeyBytes& key_text) {
    const Memory memory = reading(key_text.reveal());
    const Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_password, nullptr));
    if (key == nullptr) {
        return about_key("is no unencrypted private key in PEM");
    }
    if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
        return about_key("does not belong to the certificate");
    }
    bool strong = SSL_CTX_use_certificate(context, chain.front().get()) == 1;
    for (std::size_t i = 1; i < chain.size(); ++i) {
        strong = strong && SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1;
    }
    if (!strong || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
        return about_certificate("has a key or a signature that is too weak or of a kind that TLS doesn't know");
    }
    return std::nullopt;
}

// T2: a client that names its protocols gets HTTP/1.1 or nothing, so that a message meant for another protocol's
// server is not read as HTTP.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_length,
                    const unsigned char* offered, unsigned int offered_length, void* /*data*/) {
    for (unsigned int at = 0; at < offered_length; at += offered[at] + 1U) {
        const unsigned char length = offered[at];
        const auto* name = offered + at + 1;
        if (length <= offered_length - at - 1 && std::equal(kHttp11.begin(), kHttp11.end(), name, name + length)) {
            *chosen = name;
            *chosen_length = length;
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_rules(SSL_CTX* context) {
    SSL_CTX_set_security_level(context, kSecurityLevel);
    require(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
                SSL_CTX_set_cipher_list(context, kSuitesOfTls12) == 1 &&
                SSL_CTX_set_ciphersuites(context, kSuitesOfTls13) == 1 &&
                SSL_CTX_set1_groups_list(context, kGroups) == 1 && SSL_CTX_set_max_early_data(context, 0) == 1,
            "set its rules");
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    // Clients come back with tickets; their key lives in memory and ends with this context. Nothing is kept for them.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

}  // namespace

core::Result<std::shared_ptr<const Tls>, TlsRefusal> Tls::make(std::string_view certificates, const core::KeyBytes& key,
                                                               core::Instant now) {
    const QuietErrors quiet;
    std::vector<Certificate> chain;
    auto problem = read_certificates(certificates, chain);
    if (!problem) {
        problem = check_chain(chain, now);
    }
    auto impl = std::make_unique<Impl>();
    set_rules(impl->context.native_handle());
    if (!problem) {
        problem = put_in(impl->context.native_handle(), chain, key);
    }
    if (problem) {
        return core::Refused{*problem};
    }
    impl->not_after = instant_of(X509_get0_notAfter(chain.front().get()));
    for (const auto& certificate : chain) {
        impl->not_after = std::min(impl->not_after, instant_of(X509_get0_notAfter(certificate.get())));
    }
    return std::shared_ptr<const Tls>(std::make_shared<Tls>(std::move(impl)));
}

Tls::Tls(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tls::~Tls() = default;

core::Instant Tls::not_after() const { return impl_->not_after; }

}  // namespace server::http
