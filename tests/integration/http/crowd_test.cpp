// Crowds of clients that mean no good, and what good ones notice of them.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <iostream>

#include "edge.h"
#include "server_process.h"

namespace {

using namespace wire;
using server::http::Options;

class EdgeInACrowd : public Edge {
protected:
    // How long `count` good clients waited for their answers, one after the other, each on a connection of its own.
    // Sorted.
    static std::vector<std::chrono::microseconds> waits(std::uint16_t port, int count) {
        std::vector<std::chrono::microseconds> all;
        for (int i = 0; i < count; ++i) {
            const Time begin = std::chrono::steady_clock::now();
            const auto answer = connect(port).ask(post("/a", "whole"), 10s);
            all.push_back(
                std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin));
            EXPECT_EQ(answer.value_or(Answer{}).body, "POST /a whole");
        }
        std::sort(all.begin(), all.end());
        return all;
    }
};

INSTANTIATE_TEST_SUITE_P(, EdgeInACrowd, testing::Values(Over::plain, Over::tls), over_name);

// What this process may open while it stands; never more than it is allowed to ask for.
class DescriptorLimit {
public:
    explicit DescriptorLimit(rlim_t wanted) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit now{std::min(wanted, before_.rlim_max), before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &now);
    }
    ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    DescriptorLimit(const DescriptorLimit&) = delete;
    DescriptorLimit& operator=(const DescriptorLimit&) = delete;

private:
    rlimit before_{};
};

// A thousand that have begun: with nothing, half a handshake, half a head, half a body.
std::vector<Client> half_open(std::uint16_t port, bool secured) {
    const std::string hello = Secured::one().clients.hello();
    const TlsClients* const clients = secured ? &Secured::one().clients : nullptr;
    std::vector<Client> all;
    all.reserve(1000);
    for (int i = 0; i < 1000; ++i) {
        const bool before_handshake = secured && i % 4 < 2;
        all.emplace_back(port, before_handshake ? nullptr : clients);
        EXPECT_TRUE(all.back().connected());
        if (before_handshake) {
            all.back().send(hello.substr(0, i % 4 == 0 ? hello.size() / 2 : hello.size()));
        } else if (i % 4 != 0) {
            all.back().send(i % 2 == 0 ? "POST /a HTTP/1.1\r\nHo"
                                       : "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\nhalf");
        }
    }
    return all;
}

TEST_P(EdgeInACrowd, OfAThousandHalfOpenConnectionsGoodOnesAreAnsweredAsEver) {
    const DescriptorLimit both_ends(4096);
    Options options;
    options.header_deadline = 60s;  // so that none of them goes while it is measured
    options.body_deadline = 60s;
    const auto port = start(options);
    (void)waits(port, 50);  // warm
    const auto alone = waits(port, 300);
    std::vector<Client> crowd = half_open(port, secured());
    // One byte a second from each of a hundred of them, as long as good ones come.
    std::atomic<bool> over = false;
    auto dripping = std::async(std::launch::async, [&] {
        for (std::size_t i = 0; !over; i = (i + 1) % 100) {
            crowd[crowd.size() - 1 - i].send("a");
            std::this_thread::sleep_for(10ms);
        }
    });
    const auto crowded = waits(port, 300);
    const Time begin = std::chrono::steady_clock::now();
    EXPECT_EQ(connect(port).ask(get("/livez")).value_or(Answer{}).status, 200);
    EXPECT_LT(since(begin), 1s);
    over = true;
    dripping.get();
    for (const auto* waits : {&alone, &crowded}) {
        std::cout << (waits == &alone ? "alone:   " : "crowded: ") << "median " << (*waits)[150].count() << " us, p99 "
                  << (*waits)[297].count() << " us\n";
    }
    // Twice as long, or what a busy machine adds.
    EXPECT_LT(crowded[150], std::max(2 * alone[150], 10'000us + alone[150]));
    EXPECT_LT(crowded[297], std::max(2 * alone[297], 50'000us + alone[297]));
    EXPECT_EQ(handler_.handled, 650);
}

TEST_P(EdgeInACrowd, OfSlowClientsEachIsToldSoAndGoes) {
    const DescriptorLimit both_ends(4096);
    Options options;
    options.header_deadline = 1'500ms;
    options.body_deadline = 1'500ms;
    const auto port = start(options);
    std::vector<Client> crowd = half_open(port, secured());
    int told = 0;
    for (auto& client : crowd) {
        told += client.session() == nullptr && secured()              ? 0
                : client.answer(10s).value_or(Answer{}).status == 408 ? 1
                                                                      : 0;
        ASSERT_TRUE(client.closed(10s));
    }
    EXPECT_EQ(told, secured() ? 500 : 750);  // all who had said something that a server can answer
    EXPECT_EQ(handler_.handled, 0);
    EXPECT_EQ(connect(port).ask(get("/a")).value_or(Answer{}).status, 200);
}

// Nobody else in the process: the server's descriptors run out, and not its clients'.
TEST_P(EdgeInACrowd, OfMoreThanThereAreDescriptorsItComesBack) {
    const ServerProcess server({}, source(), [] { limit_to(RLIMIT_NOFILE, 64); });
    std::vector<Client> crowd;
    for (int i = 0; i < 200; ++i) {
        crowd.emplace_back(server.port());  // the system takes them, the server can't
        ASSERT_TRUE(crowd.back().connected());
        crowd.back().send("GET /");
    }
    const auto before = server.processor_time();
    std::this_thread::sleep_for(500ms);
    EXPECT_LT(server.processor_time() - before, 250ms) << "spins";
    // One behind all of them still has its turn, since those that wait longest have to go.
    EXPECT_EQ(connect(server.port()).ask(get("/livez"), 10s).value_or(Answer{}).status, 200);
    crowd.clear();
    const Time begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually([&] { return connect(server.port()).ask(get("/a"), 1s).value_or(Answer{}).status == 200; }));
    EXPECT_LT(since(begin), 2s);
    EXPECT_TRUE(server.lives());
}

// 300 bodies of which a last piece is missing would be more than it may have, were they all kept.
TEST_P(EdgeInACrowd, OfMoreLargeBodiesThanThereIsMemoryGoodOnesAreAnsweredAsEver) {
    Options options;
    options.all_bodies_bytes_max = 32U << 20U;
    options.body_deadline = 60s;
    const ServerProcess server(options, source(), [] { limit_to(RLIMIT_AS, address_space() + (rlim_t{160} << 20U)); });
    const std::string body(1'000'000, 'b');
    const std::string most = post("/a", body).substr(0, body.size());
    std::vector<Client> crowd;
    for (int i = 0; i < 300; ++i) {
        crowd.push_back(connect(server.port()));
        crowd.back().send(most);
    }
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(connect(server.port()).ask(post("/a", "whole")).value_or(Answer{}).body, "POST /a whole");
    }
    int refused = 0;
    for (auto& client : crowd) {
        refused += client.answer(50ms).value_or(Answer{}).status == 503 ? 1 : 0;
    }
    EXPECT_GE(refused, 260);
    crowd.clear();
    EXPECT_TRUE(
        eventually([&] { return connect(server.port()).ask(post("/a", body)).value_or(Answer{}).status == 200; }));
    EXPECT_TRUE(server.lives());
}

}  // namespace
