// The client's side of TLS, for tests.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

#include "core/time.h"
#include "server/http/tls.h"
#include "tests/integration/http/certificates.h"

namespace wire {

using Session = std::unique_ptr<SSL, certificates::FreeWith<SSL_free>>;

// How a client wants it. Unlike most of the tests' clients, it checks the certificate's name.
struct TlsWishes {
    int version_min = TLS1_2_VERSION;
    int version_max = TLS1_3_VERSION;
    const char* suites_of_tls12 = nullptr;  // nothing: what the library has
    const char* suites_of_tls13 = nullptr;
    std::string protocols = {};  // of ALPN, each with its length before it
    std::string name = "localhost";
    bool weak = false;  // may be as weak as the library allows
};

class TlsClients {
public:
    // Trusts one authority, or none at all.
    explicit TlsClients(X509* authority, TlsWishes wishes = {})
        : wishes_(std::move(wishes)), context_(SSL_CTX_new(TLS_client_method())) {
        SSL_CTX* context = context_.get();
        SSL_CTX_set_security_level(context, wishes_.weak ? 0 : 2);
        SSL_CTX_set_min_proto_version(context, wishes_.version_min);
        SSL_CTX_set_max_proto_version(context, wishes_.version_max);
        if (wishes_.suites_of_tls12 != nullptr) {
            certificates::require(SSL_CTX_set_cipher_list(context, wishes_.suites_of_tls12) == 1);
        }
        if (wishes_.suites_of_tls13 != nullptr) {
            certificates::require(SSL_CTX_set_ciphersuites(context, wishes_.suites_of_tls13) == 1);
        }
        if (!wishes_.protocols.empty()) {
            SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(wishes_.protocols.data()),
                                    static_cast<unsigned>(wishes_.protocols.size()));
        }
        if (authority != nullptr) {
            X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority);
        }
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
        // A read gives up after whatever came, also when that was no data (session tickets).
        SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
    }

    Session session() const {
        Session session(SSL_new(context_.get()));
        std::string name = wishes_.name;
        SSL_ctrl(session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
        SSL_set1_host(session.get(), wishes_.name.c_str());
        return session;
    }

    // The first bytes that a client sends.
    std::string hello() const {
        const Session client = session();
        BIO* out = BIO_new(BIO_s_mem());
        SSL_set_bio(client.get(), BIO_new(BIO_s_mem()), out);
        SSL_connect(client.get());
        char* bytes = nullptr;
        const long size = BIO_get_mem_data(out, &bytes);
        return {bytes, static_cast<std::size_t>(size)};
    }

private:
    TlsWishes wishes_;
    std::unique_ptr<SSL_CTX, certificates::FreeWith<SSL_CTX_free>> context_;
};

inline std::shared_ptr<const server::http::Tls> tls_of(const certificates::Pair& pair) {
    auto made = server::http::Tls::make(pair.certificate, core::KeyBytes(pair.key), core::SystemClock().now());
    certificates::require(static_cast<bool>(made));
    return *made;
}

inline server::http::TlsSource always(std::shared_ptr<const server::http::Tls> tls) {
    return [tls] { return tls; };
}

}  // namespace wire
