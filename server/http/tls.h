// Tls: what connections are secured with: a certificate, its private key, and the rules of the protocol.
//
// What holds for every Tls:
//   T1  TLS 1.2 and 1.3, nothing older; only suites with forward secrecy and authenticated encryption, in our order.
//   T2  No compression, no renegotiation, no early data. A client that speaks of protocols (ALPN) must know HTTP/1.1.
//   T3  The key is the certificate's, the certificate is for servers and valid, and those behind it lead away from it
//       one by one, so that clients with nothing but an authority's root can follow.
//
// It never changes once made, and may be shared between threads. Connections that began with one go on with it when
// another takes its place.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "core/secret.h"
#include "core/time.h"

namespace server::http {

struct TlsRefusal {
    enum class Part { certificate, key };

    Part part;
    std::string_view reason;  // constant text

    bool operator==(const TlsRefusal&) const = default;
};

class Tls {
public:
    // Both as PEM: the server's certificate with those between it and the authority behind it, and an unencrypted
    // private key. Validity is judged at `now`.
    static core::Result<std::shared_ptr<const Tls>, TlsRefusal> make(std::string_view certificates,
                                                                     const core::KeyBytes& key, core::Instant now);

    // When the first of its certificates ends.
    core::Instant not_after() const;

    struct Impl;
    explicit Tls(std::unique_ptr<Impl> impl);
    ~Tls();
    Tls(const Tls&) = delete;
    Tls& operator=(const Tls&) = delete;
    Impl& impl() const { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

// Asked for every new connection, on an I/O thread: must not block, and always knows one.
using TlsSource = std::function<std::shared_ptr<const Tls>()>;

}  // namespace server::http
