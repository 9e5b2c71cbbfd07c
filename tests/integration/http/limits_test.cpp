// Slow, silent and too many clients; and how the server ends.
#include <gtest/gtest.h>

#include <future>

#include "edge.h"

namespace {

using namespace wire;
using server::http::Options;
using server::http::Server;

class EdgeHolds : public Edge {};

INSTANTIATE_TEST_SUITE_P(, EdgeHolds, testing::Values(Over::plain, Over::tls), over_name);

// Sends a byte every 20 ms until the server has closed. How long that took.
std::chrono::milliseconds drip(Client& client, std::string_view bytes) {
    const Time begin = std::chrono::steady_clock::now();
    for (const char c : bytes) {
        if (client.closed(20ms) || !client.send(std::string_view(&c, 1))) {
            break;
        }
    }
    return since(begin);
}

TEST_P(EdgeHolds, AgainstAHeadThatComesAByteAtATime) {
    Options options;
    options.header_deadline = 300ms;
    Client client = connect(start(options));
    const auto took = drip(client, get("/a", "X: " + std::string(400, 'a') + "\r\n"));
    EXPECT_GE(took, 250ms);
    EXPECT_LT(took, 3s);
    EXPECT_EQ(client.answer().value_or(Answer{}).status, 408);
    EXPECT_EQ(handler_.heads, 0);
}

TEST_P(EdgeHolds, AgainstABodyThatComesAByteAtATime) {
    Options options;
    options.body_deadline = 300ms;
    Client client = connect(start(options));
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\n");
    const auto took = drip(client, std::string(400, 'a'));
    EXPECT_GE(took, 250ms);
    EXPECT_LT(took, 3s);
    EXPECT_EQ(client.answer().value_or(Answer{}).status, 408);
    EXPECT_EQ(handler_.handled, 0);
}

struct Large : CountingHandler {
    server::http::Response handle(const server::http::Request&) override {
        return server::http::Response::text(200, std::string(64U << 20U, 'a'));
    }
};

TEST_P(EdgeHolds, AgainstAClientThatDoesNotTakeItsAnswer) {
    Options options;
    options.write_deadline = 300ms;
    Client client = connect(start(options, std::make_unique<Large>()));
    client.send(get("/a"));
    std::this_thread::sleep_for(600ms);
    EXPECT_FALSE(client.answer());
    EXPECT_TRUE(client.closed());
}

TEST_P(EdgeHolds, KeptConnectionsOnlyForTheIdleDeadline) {
    Options options;
    options.idle_deadline = 400ms;
    Client client = connect(start(options));
    const Time begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(client.ask(get("/a")).value_or(Answer{}).status, 200);
        std::this_thread::sleep_for(200ms);
    }
    ASSERT_GE(since(begin), 600ms);
    ASSERT_EQ(client.ask(get("/a")).value_or(Answer{}).status, 200);
    const Time idle = std::chrono::steady_clock::now();
    EXPECT_TRUE(client.closed());
    EXPECT_GE(since(idle), 300ms);
    EXPECT_LT(since(idle), 3s);
}

TEST_P(EdgeHolds, SilentConnectionsOnlyForTheHeaderDeadline) {
    Options options;
    options.header_deadline = 200ms;
    Client client = connect(start(options));
    EXPECT_FALSE(client.answer());
    EXPECT_TRUE(client.closed(1ms));
}

TEST_P(EdgeHolds, AFullQueueOffWith503) {
    Options options;
    options.workers = 2;
    options.queue_max = 3;
    const auto port = start(options);
    std::vector<Client> waiting;
    waiting.reserve(5);
    for (int i = 0; i < 5; ++i) {
        waiting.push_back(connect(port));
        waiting.back().send(get("/wait"));
    }
    ASSERT_TRUE(eventually([&] { return handler_.running == 2 && handler_.heads == 5; }));
    std::this_thread::sleep_for(50ms);
    const Time begin = std::chrono::steady_clock::now();
    const auto refused = connect(port).ask(get("/a"));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 503);
    EXPECT_TRUE(refused->says("Retry-After: "));
    EXPECT_LT(since(begin), 1s);
    // What is answered before the body needs no worker.
    EXPECT_EQ(connect(port).ask(get("/livez")).value_or(Answer{}).status, 200);
    handler_.open();
    for (auto& client : waiting) {
        EXPECT_EQ(client.answer().value_or(Answer{}).status, 200);
    }
}

TEST_P(EdgeHolds, TooManyConnectionsOffWith503) {
    Options options;
    options.connections_max = 3;
    const auto port = start(options);
    std::vector<Client> busy;
    busy.reserve(3);
    for (int i = 0; i < 3; ++i) {
        busy.push_back(connect(port));
        busy.back().send(get("/wait"));
    }
    ASSERT_TRUE(eventually([&] { return handler_.running == 3; }));
    for (int i = 0; i < 20; ++i) {
        Client client = connect(port);
        const auto refused = client.ask(get("/a"));
        ASSERT_TRUE(refused);
        EXPECT_EQ(refused->status, 503);
        EXPECT_TRUE(refused->says("Retry-After: "));
    }
    handler_.open();
    for (auto& client : busy) {
        EXPECT_EQ(client.answer().value_or(Answer{}).status, 200);
    }
    EXPECT_EQ(handler_.handled, 3);
}

TEST_P(EdgeHolds, APlaceForGoodClientsByClosingTheSlowest) {
    Options options;
    options.connections_max = 20;
    const auto port = start(options);
    std::vector<Client> slow;
    slow.reserve(20);
    for (int i = 0; i < 20; ++i) {
        slow.push_back(connect(port));
        slow.back().send("GET /");
    }
    std::this_thread::sleep_for(400ms);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(connect(port).ask(get("/a")).value_or(Answer{}).status, 200);
    }
    EXPECT_TRUE(slow.front().closed(500ms));
}

TEST_P(EdgeHolds, ItsPortAlone) {
    Options options;
    options.port = start();
    try {
        const Server second(options, handler_);
        FAIL() << "two servers on one port";
    } catch (const core::OutsideFailure& failure) {
        EXPECT_NE(std::string(failure.what()).find("127.0.0.1:" + std::to_string(options.port)), std::string::npos);
    }
}

TEST_P(EdgeHolds, ItsPortUntilItStopsAndNoLonger) {
    const auto port = start();
    EXPECT_EQ(connect(port).ask(get("/a")).value_or(Answer{}).status, 200);
    server_->stop();
    EXPECT_FALSE(connect(port).connected());
    Options options;
    options.port = port;
    EXPECT_EQ(start(options), port);
    EXPECT_EQ(connect(port).ask(get("/a")).value_or(Answer{}).status, 200);
}

TEST_P(EdgeHolds, OnToNoUnknownHost) {
    Options options;
    options.host = "no host, surely";
    EXPECT_THROW(Server(options, handler_), core::UsageError);
}

TEST_P(EdgeHolds, OnToRunningRequestsWhenItStops) {
    const auto port = start();
    Client running = connect(port);
    running.send(get("/wait"));
    Client idle = connect(port);
    idle.ask(get("/a"));
    Client sending = connect(port);
    sending.send("POST /sent HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo");
    ASSERT_TRUE(eventually([&] { return handler_.running == 1 && handler_.heads == 3; }));
    auto stopping = std::async(std::launch::async, [&] { server_->stop(); });
    EXPECT_TRUE(idle.closed(2s));
    EXPECT_FALSE(connect(port).connected());
    EXPECT_EQ(sending.ask("dy").value_or(Answer{}).body, "POST /sent body");
    EXPECT_EQ(stopping.wait_for(50ms), std::future_status::timeout);
    handler_.open();
    const auto answer = running.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "GET /wait ");
    EXPECT_TRUE(answer->says("Connection: close"));
    running.close();
    sending.close();
    const Time begin = std::chrono::steady_clock::now();
    stopping.get();
    EXPECT_LT(since(begin), 2s);
    server_->stop();  // again
}

TEST_P(EdgeHolds, OnNoLongerThanTheDrainDeadline) {
    Options options;
    options.drain_deadline = 200ms;
    Client running = connect(start(options));
    running.send(get("/wait"));
    ASSERT_TRUE(eventually([&] { return handler_.running == 1; }));
    auto stopping = std::async(std::launch::async, [&] { server_->stop(); });
    EXPECT_TRUE(running.closed(2s));
    EXPECT_FALSE(running.answer());
    handler_.open();
    stopping.get();
}

// Whatever was handled is answered, and a client that asks without a pause is told that the connection ends rather
// than cut off. (A client that the system lets wait for longer than the last call may find it closed.)
TEST_P(EdgeHolds, ItsWordWhenItStopsUnderLoad) {
    std::atomic<int> unanswered = 0;
    for (int round = 0; round < 5; ++round) {
        handler_.handled = 0;
        const auto port = start();
        std::atomic<int> answered = 0;
        std::vector<std::future<void>> clients;
        for (int c = 0; c < 8; ++c) {
            clients.push_back(std::async(std::launch::async, [&] {
                Client client = connect(port);
                while (true) {
                    const auto answer = client.ask(post("/a", "b"), 3s);
                    if (!answer) {
                        ++unanswered;
                        return;
                    }
                    answered += answer->status == 200 ? 1 : 0;
                    if (answer->says("Connection: close")) {
                        return;
                    }
                }
            }));
        }
        std::this_thread::sleep_for(60ms);
        server_->stop();
        for (auto& client : clients) {
            client.get();
        }
        EXPECT_GT(answered, 0);
        EXPECT_EQ(handler_.handled, answered);
    }
    EXPECT_LT(unanswered, 6);  // of 40
}

}  // namespace
