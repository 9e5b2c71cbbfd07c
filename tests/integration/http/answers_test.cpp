// Good requests and their answers.
#include <gtest/gtest.h>

#include <future>

#include "core/log.h"
#include "wire.h"

namespace {

using namespace wire;
using server::http::Options;
using server::http::Response;
using server::http::Server;

class EdgeAnswers : public testing::Test {
protected:
    void SetUp() override {
        core::set_log_sink([this](std::string_view line) {
            const std::lock_guard lock(mutex_);
            log_ += line;
        });
    }
    void TearDown() override {
        handler_.open();
        server_.reset();
        core::set_log_sink(nullptr);
    }
    std::uint16_t start(const Options& options = {}) {
        server_ = std::make_unique<Server>(options, handler_);
        return server_->port();
    }
    std::string log() {
        const std::lock_guard lock(mutex_);
        return log_;
    }

    CountingHandler handler_;
    std::mutex mutex_;
    std::string log_;
    std::unique_ptr<Server> server_;
};

TEST_F(EdgeAnswers, OnAKeptConnection) {
    Client client(start());
    for (const std::string body : {"one", "", "three"}) {
        const auto answer = client.ask(post("/a%20b?c", body));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 200);
        EXPECT_EQ(answer->body, "POST /a b " + body);
        EXPECT_TRUE(answer->says("Connection: keep-alive\r\n"));
        EXPECT_TRUE(answer->says("X-Content-Type-Options: nosniff\r\n"));
        EXPECT_TRUE(answer->says("Date: "));
    }
}

TEST_F(EdgeAnswers, PipelinedRequestsInTheirOrder) {
    Client client(start());
    std::string bytes;
    for (int i = 0; i < 50; ++i) {
        bytes += i % 2 == 0 ? post("/p" + std::to_string(i), "x") : get("/g" + std::to_string(i));
    }
    client.send(bytes);
    for (int i = 0; i < 50; ++i) {
        const auto answer = client.answer();
        ASSERT_TRUE(answer) << i;
        const std::string number = std::to_string(i);
        EXPECT_EQ(answer->body, i % 2 == 0 ? "POST /p" + number + " x" : "GET /g" + number + " ");
    }
    EXPECT_EQ(handler_.handled, 50);
}

TEST_F(EdgeAnswers, OneRequestOfAConnectionAtATime) {
    Client client(start());
    client.send(get("/wait") + get("/after"));
    ASSERT_TRUE(eventually([&] { return handler_.running == 1; }));
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(handler_.handled, 1);
    handler_.open();
    EXPECT_EQ(client.answer().value_or(Answer{}).body, "GET /wait ");
    EXPECT_EQ(client.answer().value_or(Answer{}).body, "GET /after ");
}

TEST_F(EdgeAnswers, ByteForByteSentRequests) {
    Client client(start());
    for (const char c : post("/slow", "body")) {
        ASSERT_TRUE(client.send(std::string_view(&c, 1)));
    }
    EXPECT_EQ(client.answer().value_or(Answer{}).body, "POST /slow body");
}

TEST_F(EdgeAnswers, ABodyAsLargeAsAllowedAndNoLarger) {
    Options options;
    options.body_bytes_max = 300'000;
    const auto port = start(options);
    const std::string body(300'000, 'b');
    const auto answer = Client(port).ask(post("/a", body));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body.size(), body.size() + 8);
    EXPECT_EQ(Client(port).ask(post("/a", body + "b")).value_or(Answer{}).status, 413);
}

TEST_F(EdgeAnswers, HeadLikeGetWithoutTheBody) {
    Client client(start());
    client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto answer = client.answer(5s, false);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_TRUE(answer->says("Content-Length: 7\r\n"));
    // Were there a body, it would stand before this answer.
    EXPECT_EQ(client.ask(get("/b")).value_or(Answer{}).body, "GET /b ");
}

TEST_F(EdgeAnswers, AsTheClientWantsTheConnectionToGoOn) {
    const auto port = start();
    Client closing(port);
    EXPECT_TRUE(closing.ask(get("/a", "Connection: close\r\n")).value_or(Answer{}).says("Connection: close\r\n"));
    EXPECT_TRUE(closing.closed(500ms));
    Client old(port);
    EXPECT_TRUE(old.ask("GET /a HTTP/1.0\r\n\r\n").value_or(Answer{}).says("Connection: close\r\n"));
    EXPECT_TRUE(old.closed(500ms));
    Client old_but_kept(port);
    const std::string request = "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    EXPECT_TRUE(old_but_kept.ask(request).value_or(Answer{}).says("Connection: keep-alive\r\n"));
    EXPECT_EQ(old_but_kept.ask(request).value_or(Answer{}).status, 200);
}

TEST_F(EdgeAnswers, AClientThatHasEndedSending) {
    Client client(start());
    client.send(get("/a"));
    client.end_sending();
    EXPECT_EQ(client.answer().value_or(Answer{}).status, 200);
    EXPECT_TRUE(client.closed(500ms));
}

TEST_F(EdgeAnswers, ExpectationsBeforeTheBodyIsSent) {
    Client client(start());
    const std::string request = post("/a", "body", "Expect: 100-continue\r\n");
    client.send(request.substr(0, request.size() - 4));
    EXPECT_EQ(client.answer().value_or(Answer{}).status, 100);
    EXPECT_EQ(client.ask("body").value_or(Answer{}).body, "POST /a body");
    // Whoever doesn't wait for the interim answer gets none.
    EXPECT_EQ(client.ask(request).value_or(Answer{}).body, "POST /a body");
}

TEST_F(EdgeAnswers, ExpectationsWithTheRefusalAtOnce) {
    Client client(start());
    client.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.status_of_last_answer(), 404);
}

TEST_F(EdgeAnswers, FailuresOfTheHandlerWithoutTheirText) {
    Client client(start());
    const auto outside = client.ask(get("/throw-outside"));
    ASSERT_TRUE(outside);
    EXPECT_EQ(outside->status, 503);
    EXPECT_TRUE(outside->says("Retry-After: "));
    const auto other = client.ask(get("/throw-other"));
    ASSERT_TRUE(other);
    EXPECT_EQ(other->status, 500);
    EXPECT_EQ((outside->body + other->body + log()).find("62215588"), std::string::npos);
    EXPECT_NE(log().find("request_failed"), std::string::npos);
    // The request was complete, so the connection goes on.
    EXPECT_EQ(client.ask(get("/a")).value_or(Answer{}).status, 200);
}

TEST_F(EdgeAnswers, SplitResponsesWith500) {
    Client client(start());
    const auto answer = client.ask(get("/split"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 500);
    EXPECT_FALSE(answer->says("Injected"));
}

struct OwnForm : CountingHandler {
    Response refused(int status, std::string_view path, std::string_view reason) override {
        return Response::json(200, std::to_string(status) + " " + std::string(path) + " " + std::string(reason));
    }
};

TEST_F(EdgeAnswers, RefusalsInTheHandlersOwnForm) {
    OwnForm handler;
    Server server({}, handler);
    const auto late = Client(server.port()).ask("POST /callbacks/a HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(late);
    EXPECT_EQ(late->status, 411);
    EXPECT_EQ(late->body, "411 /callbacks/a Content-Length is required");
    const auto early = Client(server.port()).ask("junk\r\n\r\n");
    ASSERT_TRUE(early);
    EXPECT_EQ(early->status, 400);
    EXPECT_EQ(early->body, "400  the request line is malformed");
}

TEST_F(EdgeAnswers, WithoutLoggingWhatIsSecret) {
    Client client(start());
    client.ask(post("/callbacks", "canary-body", "Authorization: canary-field\r\n"));
    client.ask(get("/a?token=canary-query"));
    client.ask("canary-junk\r\n\r\n");
    EXPECT_EQ(log().find("canary"), std::string::npos);
    EXPECT_NE(log().find(R"("path":"/callbacks")"), std::string::npos);
    EXPECT_NE(log().find(R"("status":400)"), std::string::npos);
    EXPECT_NE(log().find(R"("remote":"127.0.0.1")"), std::string::npos);
}

TEST_F(EdgeAnswers, ManyClientsAtOnce) {
    const auto port = start();
    constexpr int kClients = 32;
    constexpr int kRequests = 40;
    std::atomic<int> good = 0;
    std::vector<std::future<void>> clients;
    for (int c = 0; c < kClients; ++c) {
        clients.push_back(std::async(std::launch::async, [&, c] {
            Client client(port);
            for (int r = 0; r < kRequests; ++r) {
                const std::string body = std::to_string(c * kRequests + r);
                const auto answer = client.ask(post("/a", body), 10s);
                good += answer && answer->body == "POST /a " + body ? 1 : 0;
            }
        }));
    }
    for (auto& client : clients) {
        client.get();
    }
    EXPECT_EQ(good, kClients * kRequests);
    EXPECT_EQ(handler_.handled, kClients * kRequests);
}

}  // namespace
