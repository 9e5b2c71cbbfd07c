// What is only there under TLS: who is let in, how long a handshake may take, and certificates that are renewed.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <random>

#include "edge.h"

namespace {

using namespace wire;
using server::http::Options;
using server::http::Server;

class SecuredEdge : public testing::Test {
protected:
    void SetUp() override {
        std::signal(SIGPIPE, SIG_IGN);
        core::set_log_sink([this](std::string_view line) {
            const std::lock_guard lock(log_mutex_);
            log_ += line;
        });
    }
    void TearDown() override {
        handler_.open();
        server_.reset();
        core::set_log_sink(nullptr);
    }
    std::uint16_t start(const Options& options = {}, server::http::TlsSource source = always(Secured::one().tls)) {
        server_ = std::make_unique<Server>(options, handler_, std::move(source));
        return server_->port();
    }
    static TlsClients clients(TlsWishes wishes) {
        return TlsClients(Secured::one().authority.certificate(), std::move(wishes));
    }
    static bool is_good(Client& client) { return client.ask(get("/a")).value_or(Answer{}).status == 200; }
    std::string log() {
        const std::lock_guard lock(log_mutex_);
        return log_;
    }

    const TlsClients& good_ = Secured::one().clients;
    CountingHandler handler_;
    std::unique_ptr<Server> server_;

private:
    std::mutex log_mutex_;
    std::string log_;
};

struct Version {
    const char* name;
    int number;
    bool taken;
};
void PrintTo(const Version& row, std::ostream* out) { *out << row.name; }

class VersionOfTls : public SecuredEdge, public testing::WithParamInterface<Version> {};

TEST_P(VersionOfTls, IsTakenOrRefused) {
    const auto weak = clients({.version_min = GetParam().number,
                               .version_max = GetParam().number,
                               .suites_of_tls12 = "ALL:@SECLEVEL=0",
                               .weak = true});
    Client client(start(), &weak);
    EXPECT_EQ(client.connected(), GetParam().taken);
    if (GetParam().taken) {
        EXPECT_EQ(SSL_version(client.session()), GetParam().number);
        EXPECT_TRUE(is_good(client));
    } else {
        EXPECT_TRUE(eventually([&] { return log().find("unsupported protocol") != std::string::npos; })) << log();
        EXPECT_EQ(handler_.heads, 0);
    }
}

INSTANTIATE_TEST_SUITE_P(, VersionOfTls,
                         testing::Values(Version{"Tls10", TLS1_VERSION, false}, Version{"Tls11", TLS1_1_VERSION, false},
                                         Version{"Tls12", TLS1_2_VERSION, true},
                                         Version{"Tls13", TLS1_3_VERSION, true}),
                         [](const auto& row) { return std::string(row.param.name); });

class WeakSuite : public SecuredEdge, public testing::WithParamInterface<const char*> {};

TEST_P(WeakSuite, IsRefused) {
    const auto rsa = Secured::one().authority.issue_pair({}, certificates::rsa_key(2048));
    const auto weak = clients({.version_max = TLS1_2_VERSION, .suites_of_tls12 = GetParam(), .weak = true});
    const Client client(start({}, always(tls_of(rsa))), &weak);
    EXPECT_FALSE(client.connected());
    EXPECT_TRUE(eventually([&] { return log().find("no shared cipher") != std::string::npos; })) << log();
}

// Without forward secrecy, without authenticated encryption, without a certificate, without encryption.
INSTANTIATE_TEST_SUITE_P(, WeakSuite,
                         testing::Values("AES128-GCM-SHA256:@SECLEVEL=0", "AES256-SHA:@SECLEVEL=0",
                                         "ECDHE-RSA-AES128-SHA256:@SECLEVEL=0", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0",
                                         "aNULL:@SECLEVEL=0", "eNULL:@SECLEVEL=0", "CAMELLIA128-SHA:@SECLEVEL=0"));

TEST_F(SecuredEdge, ChoosesTheSuiteItself) {
    const auto port = start();
    const auto older = clients({.version_max = TLS1_2_VERSION,
                                .suites_of_tls12 = "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:"
                                                   "ECDHE-ECDSA-AES128-GCM-SHA256"});
    EXPECT_STREQ(SSL_get_cipher_name(Client(port, &older).session()), "ECDHE-ECDSA-AES128-GCM-SHA256");
    const auto newer = clients({.suites_of_tls13 = "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"});
    EXPECT_STREQ(SSL_get_cipher_name(Client(port, &newer).session()), "TLS_AES_128_GCM_SHA256");
}

TEST_F(SecuredEdge, NeitherCompressesNorNegotiatesAnew) {
    const auto older = clients({.version_max = TLS1_2_VERSION});
    Client client(start(), &older);
    ASSERT_TRUE(is_good(client));
    EXPECT_EQ(SSL_get_current_compression(client.session()), nullptr);
    EXPECT_EQ(SSL_get_secure_renegotiation_support(client.session()), 1);
    SSL_renegotiate(client.session());
    EXPECT_NE(SSL_do_handshake(client.session()), 1);
}

TEST_F(SecuredEdge, SpeaksHttp11AndNoOtherProtocol) {
    const auto port = start();
    const auto both = clients({.protocols = "\x02h2\x08http/1.1"});
    Client client(port, &both);
    ASSERT_TRUE(is_good(client));
    const unsigned char* chosen = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(client.session(), &chosen, &length);
    EXPECT_EQ(std::string(chosen, chosen + length), "http/1.1");
    const auto other = clients({.protocols = "\x04imap"});
    EXPECT_FALSE(Client(port, &other).connected());
}

TEST_F(SecuredEdge, IsRefusedByClientsThatLookForAnotherNameOrAuthority) {
    const auto port = start();
    const auto elsewhere = clients({.name = "pay.example"});
    const Client wrong_name(port, &elsewhere);
    EXPECT_FALSE(wrong_name.connected());
    EXPECT_EQ(SSL_get_verify_result(wrong_name.session()), X509_V_ERR_HOSTNAME_MISMATCH);
    const certificates::Authority other("Another authority");
    const TlsClients strangers(other.certificate());
    const Client wrong_authority(port, &strangers);
    EXPECT_FALSE(wrong_authority.connected());
    EXPECT_EQ(SSL_get_verify_result(wrong_authority.session()), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
    Client right(port, &good_);
    EXPECT_TRUE(is_good(right));
    EXPECT_EQ(handler_.heads, 1);
}

TEST_F(SecuredEdge, SendsWhatLeadsToTheRoot) {
    const certificates::Authority root("Root");
    const certificates::Authority middle("Middle", &root);
    auto pair = middle.issue_pair();
    pair.certificate += middle.pem();
    const TlsClients trusting(root.certificate());
    Client client(start({}, always(tls_of(pair))), &trusting);
    EXPECT_TRUE(is_good(client));
}

TEST_F(SecuredEdge, ClosesPlainHttpCleanly) {
    const auto port = start();
    for (const std::string& bytes :
         {get("/a"), post("/a", std::string(20'000, 'b')), std::string("\r\n\r\n\r\n\r\n")}) {
        Client plain(port);
        const Time begin = std::chrono::steady_clock::now();
        plain.send(bytes);
        EXPECT_TRUE(plain.closed());
        EXPECT_FALSE(plain.was_reset());
        EXPECT_EQ(plain.take_received().find("HTTP"), std::string::npos);
        EXPECT_LT(since(begin), 1s);
    }
    EXPECT_EQ(handler_.heads, 0);
    EXPECT_TRUE(eventually([&] { return log().find("http request") != std::string::npos; })) << log();
}

TEST_F(SecuredEdge, IsNotPutOutByJunkForAHandshake) {
    const auto port = start();
    const std::string hello = good_.hello();
    std::mt19937 random(20261122);
    for (int i = 0; i < 500; ++i) {
        std::string bytes = hello;
        for (int change = 0; change < 1 + i % 4; ++change) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        Client client(port);
        client.send(bytes.substr(0, i % 3 == 0 ? random() % bytes.size() : bytes.size()));
        client.cut_sending();
        ASSERT_TRUE(client.closed()) << i;
    }
    EXPECT_EQ(handler_.heads, 0);
    Client client(port, &good_);
    EXPECT_TRUE(is_good(client));
}

// A body that was cut short below TLS, by whoever can do that, is not taken for a whole one.
TEST_F(SecuredEdge, TakesNoRequestThatWasCutOff) {
    Client client(start(), &good_);
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nhalf");
    ASSERT_TRUE(eventually([&] { return handler_.heads == 1; }));
    client.cut_sending();
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(client.take_received().find("200 OK"), std::string::npos);
    EXPECT_EQ(handler_.handled, 0);
}

TEST_F(SecuredEdge, SaysGoodByeBeforeItCloses) {
    Options options;
    options.idle_deadline = 200ms;
    const auto port = start(options);
    for (const bool asked_to : {true, false}) {
        Client client(port, &good_);
        ASSERT_EQ(client.ask(get("/a", asked_to ? "Connection: close\r\n" : "")).value_or(Answer{}).status, 200);
        EXPECT_TRUE(client.closed());
        EXPECT_NE(SSL_get_shutdown(client.session()) & SSL_RECEIVED_SHUTDOWN, 0) << "cut off";
    }
}

TEST_F(SecuredEdge, CutsOffASlowHandshake) {
    Options options;
    options.header_deadline = 400ms;
    const auto port = start(options);
    const std::string hello = good_.hello();
    Client silent(port);
    Client begun(port);
    begun.send(hello);
    Client slow(port);
    const Time begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < hello.size() && !slow.closed(20ms); ++i) {
        slow.send(hello.substr(i, 1));
    }
    EXPECT_GE(since(begin), 350ms);
    EXPECT_LT(since(begin), 3s);
    EXPECT_TRUE(silent.closed(1s));
    EXPECT_TRUE(begun.closed(1s));
    EXPECT_EQ(handler_.heads, 0);
}

// The handshake and the head have one deadline, not one each.
TEST_F(SecuredEdge, CountsTheHandshakeAsPartOfTheHead) {
    Options options;
    options.header_deadline = 800ms;
    const auto port = start(options);
    const Time begin = std::chrono::steady_clock::now();
    Client client(port, &good_, 500ms);
    ASSERT_TRUE(client.connected());
    EXPECT_TRUE(client.closed(3s));
    EXPECT_GE(since(begin), 700ms);
    EXPECT_LT(since(begin), 1'200ms);
}

TEST_F(SecuredEdge, CountsHalfOpenHandshakesAsConnections) {
    Options options;
    options.connections_max = 20;
    options.header_deadline = 60s;
    const auto port = start(options);
    std::vector<Client> half;
    for (int i = 0; i < 20; ++i) {
        half.emplace_back(port);
        half.back().send(good_.hello().substr(0, i % 2 == 0 ? 50 : std::string::npos));
    }
    // They have a moment of grace; until then there is no place.
    Client early(port, &good_);
    ASSERT_TRUE(early.connected());
    EXPECT_EQ(early.status_of_last_answer(), 503);
    std::this_thread::sleep_for(400ms);
    for (int i = 0; i < 10; ++i) {
        Client client(port, &good_);
        EXPECT_TRUE(is_good(client));
    }
    EXPECT_TRUE(half.front().closed(500ms));
}

TEST_F(SecuredEdge, LetsClientsComeBackWithATicketUntilItIsRenewed) {
    auto in_force = Secured::one().tls;
    const auto port = start({}, [&] { return in_force; });
    SSL_SESSION* ticket = nullptr;
    {
        Client first(port, &good_);
        ASSERT_TRUE(is_good(first));  // the ticket comes with the answer
        ticket = SSL_get1_session(first.session());
        first.end_sending();  // else it doesn't come back to this session
    }
    const auto came_back = [&] {
        Client client(port, &good_, 0ms, ticket);
        EXPECT_TRUE(is_good(client));
        client.end_sending();
        return SSL_session_reused(client.session()) == 1;
    };
    EXPECT_TRUE(came_back());
    in_force = tls_of(Secured::one().authority.issue_pair());
    EXPECT_FALSE(came_back());
    SSL_SESSION_free(ticket);
}

// Ends what goes on until then, also when a test ends early.
struct EndOf {
    explicit EndOf(std::atomic<bool>& flag) : over(flag) {}
    ~EndOf() { over = true; }
    EndOf(const EndOf&) = delete;
    EndOf& operator=(const EndOf&) = delete;
    std::atomic<bool>& over;
};

// Clients without a pause, on connections that are kept and on new ones, while the certificate is renewed 40 times.
TEST_F(SecuredEdge, TakesARenewedCertificateWithoutARequestThatFails) {
    std::mutex mutex;
    auto in_force = Secured::one().tls;
    const auto port = start({}, [&] {
        const std::lock_guard lock(mutex);
        return in_force;
    });
    std::atomic<bool> over = false;
    std::atomic<int> good = 0;
    std::atomic<int> bad = 0;
    std::vector<std::future<void>> running;
    for (int c = 0; c < 6; ++c) {
        running.push_back(std::async(std::launch::async, [&, c] {
            while (!over) {
                Client client(port, &good_);
                for (int i = 0; i < (c % 2 == 0 ? 1 : 50) && !over; ++i) {
                    const auto answer = client.ask(post("/a", "body"), 10s);
                    (answer && answer->body == "POST /a body" ? good : bad) += 1;
                }
            }
        }));
    }
    const EndOf end_of(over);
    std::vector<std::string> serials;
    for (int i = 0; i < 40; ++i) {
        {
            const std::lock_guard lock(mutex);
            in_force = tls_of(Secured::one().authority.issue_pair());
        }
        std::this_thread::sleep_for(10ms);
        const Client client(port, &good_);
        const X509* shown = SSL_get0_peer_certificate(client.session());
        ASSERT_NE(shown, nullptr);
        serials.push_back(std::to_string(ASN1_INTEGER_get(X509_get0_serialNumber(shown))));
    }
    over = true;
    for (auto& client : running) {
        client.get();
    }
    std::sort(serials.begin(), serials.end());
    EXPECT_EQ(std::unique(serials.begin(), serials.end()), serials.end()) << "an old one was shown";
    EXPECT_EQ(bad, 0);
    EXPECT_GT(good, 40);
    EXPECT_EQ(handler_.handled, good);
}

}  // namespace
