#include "server/http/tls.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "server/http/tls_impl.h"
#include "tests/integration/http/certificates.h"

namespace {

using certificates::Authority;
using certificates::Pair;
using certificates::pem_of;
using certificates::Wanted;
using server::http::Tls;
using server::http::TlsRefusal;

constexpr long kDay = 24L * 3600;

core::Result<std::shared_ptr<const Tls>, TlsRefusal> made(const std::string& certificate, const std::string& key) {
    return Tls::make(certificate, core::KeyBytes(key), core::SystemClock().now());
}
core::Result<std::shared_ptr<const Tls>, TlsRefusal> made(const Pair& pair) { return made(pair.certificate, pair.key); }

std::string refusal_of(const std::string& certificate, const std::string& key) {
    const auto tls = made(certificate, key);
    // The next to use TLS on this thread would take what is left for its own.
    EXPECT_EQ(ERR_peek_error(), 0U);
    if (tls) {
        return "taken";
    }
    const bool is_key = tls.error().part == TlsRefusal::Part::key;
    return (is_key ? "key: " : "certificate: ") + std::string(tls.error().reason);
}
std::string refusal_of(const Pair& pair) { return refusal_of(pair.certificate, pair.key); }

TEST(Tls, TakesACertificateWithItsKey) {
    const Authority authority;
    EXPECT_EQ(refusal_of(authority.issue_pair()), "taken");
    EXPECT_EQ(refusal_of(authority.issue_pair({}, certificates::rsa_key(2048))), "taken");
    EXPECT_EQ(refusal_of(authority.issue_pair({.purpose = "serverAuth"})), "taken");
    // Self-signed, as people make them to try something.
    const auto key = certificates::elliptic_key();
    EXPECT_EQ(refusal_of(pem_of(certificates::issue({}, key.get(), nullptr, key.get()).get()), pem_of(key.get())),
              "taken");
}

TEST(Tls, TakesAChainInItsOrderOnly) {
    const Authority root("Root");
    const Authority middle("Middle", &root);
    const Pair pair = middle.issue_pair();
    EXPECT_EQ(refusal_of(pair.certificate + middle.pem(), pair.key), "taken");
    EXPECT_EQ(refusal_of(pair.certificate + middle.pem() + root.pem(), pair.key), "taken");
    constexpr const char* kOutOfOrder =
        "certificate: is followed by one that did not issue it; the server's comes first";
    EXPECT_EQ(refusal_of(middle.pem() + pair.certificate, pair.key), kOutOfOrder);
    EXPECT_EQ(refusal_of(pair.certificate + root.pem(), pair.key), kOutOfOrder);
    EXPECT_EQ(refusal_of(pair.certificate + pair.certificate, pair.key), kOutOfOrder);
    std::string many = pair.certificate;
    for (int i = 0; i < 8; ++i) {
        many += root.pem();
    }
    EXPECT_EQ(refusal_of(many, pair.key), "certificate: holds more certificates than a chain has");
}

TEST(Tls, RefusesWhatIsNoCertificate) {
    const Pair pair = Authority().issue_pair();
    EXPECT_EQ(refusal_of("", pair.key), "certificate: holds no certificate in PEM");
    EXPECT_EQ(refusal_of("nothing of the kind\n", pair.key), "certificate: holds no certificate in PEM");
    std::string damaged = pair.certificate;
    damaged.replace(damaged.size() / 2, 4, "!!!!");
    EXPECT_EQ(refusal_of(damaged, pair.key), "certificate: holds a certificate that can't be read");
    EXPECT_EQ(refusal_of(pair.certificate.substr(0, 200), pair.key),
              "certificate: holds a certificate that can't be read");
    EXPECT_EQ(refusal_of(pair.certificate + damaged, pair.key), "certificate: holds a certificate that can't be read");
    EXPECT_EQ(refusal_of(pair.certificate + pair.key, pair.key),
              "certificate: holds a private key, which belongs into a file of its own");
}

TEST(Tls, RefusesWhatIsNotItsKey) {
    const Pair pair = Authority().issue_pair();
    const auto key = certificates::elliptic_key();
    EXPECT_EQ(refusal_of(pair.certificate, pem_of(key.get())), "key: does not belong to the certificate");
    EXPECT_EQ(refusal_of(pair.certificate, ""), "key: is no unencrypted private key in PEM");
    EXPECT_EQ(refusal_of(pair.certificate, pair.certificate), "key: is no unencrypted private key in PEM");
    // Without asking for the password on the terminal.
    EXPECT_EQ(refusal_of(pair.certificate, pem_of(key.get(), "password")), "key: is no unencrypted private key in PEM");
}

TEST(Tls, RefusesACertificateThatClientsWouldRefuse) {
    const Authority authority;
    EXPECT_EQ(refusal_of(authority.issue_pair({.begins_seconds = -2 * kDay, .ends_seconds = -kDay})),
              "certificate: has expired");
    EXPECT_EQ(refusal_of(authority.issue_pair({.begins_seconds = kDay, .ends_seconds = 2 * kDay})),
              "certificate: is not valid yet");
    EXPECT_EQ(refusal_of(authority.issue_pair({.purpose = "clientAuth"})), "certificate: is not for servers");
    constexpr const char* kWeak =
        "certificate: has a key or a signature that is too weak or of a kind that TLS doesn't know";
    EXPECT_EQ(refusal_of(authority.issue_pair({}, certificates::rsa_key(1024))), kWeak);
    EXPECT_EQ(refusal_of(authority.issue_pair({.digest = EVP_sha1()})), kWeak);
}

TEST(Tls, KnowsWhenItEnds) {
    const Authority root;  // for 30 days
    const auto now = core::SystemClock().now();
    const auto in_days = [&](const Pair& pair, const std::string& behind = {}) {
        const auto tls = made(pair.certificate + behind, pair.key);
        return tls ? (((*tls)->not_after() - now) + std::chrono::hours(12)) / std::chrono::hours(24) : -1;
    };
    EXPECT_EQ(in_days(root.issue_pair({.ends_seconds = 5 * kDay})), 5);
    EXPECT_EQ(in_days(root.issue_pair({.ends_seconds = 90 * kDay}), root.pem()), 30);
}

// The system's configuration may ask for the same; here it is asked for whatever that says.
TEST(Tls, HasRulesOfItsOwn) {
    const auto tls = made(Authority().issue_pair());
    ASSERT_TRUE(tls);
    SSL_CTX* const context = (*tls)->impl().context.native_handle();
    EXPECT_EQ(SSL_CTX_get_min_proto_version(context), TLS1_2_VERSION);
    EXPECT_EQ(SSL_CTX_get_max_proto_version(context), TLS1_3_VERSION);
    EXPECT_EQ(SSL_CTX_get_security_level(context), 2);
    constexpr auto kOptions = SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION;
    EXPECT_EQ(SSL_CTX_get_options(context) & kOptions, kOptions);
    EXPECT_EQ(SSL_CTX_get_max_early_data(context), 0U);
    const STACK_OF(SSL_CIPHER)* suites = SSL_CTX_get_ciphers(context);
    ASSERT_EQ(sk_SSL_CIPHER_num(suites), 9);
    for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i) {
        const SSL_CIPHER* suite = sk_SSL_CIPHER_value(suites, i);
        const std::string name = SSL_CIPHER_get_name(suite);
        EXPECT_EQ(SSL_CIPHER_is_aead(suite), 1) << name;
        EXPECT_TRUE(name.starts_with("TLS_") || name.starts_with("ECDHE-")) << name;
    }
}

}  // namespace
