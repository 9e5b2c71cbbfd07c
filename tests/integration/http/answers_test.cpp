// Good requests and their answers.
#include <gtest/gtest.h>

#include <future>

#include "edge.h"

namespace {

using namespace wire;
using server::http::Options;
using server::http::Response;

class EdgeAnswers : public Edge {};

INSTANTIATE_TEST_SUITE_P(, EdgeAnswers, testing::Values(Over::plain, Over::tls), over_name);

TEST_P(EdgeAnswers, OnAKeptConnection) {
    Client client = connect(start());
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

TEST_P(EdgeAnswers, PipelinedRequestsInTheirOrder) {
    Client client = connect(start());
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

TEST_P(EdgeAnswers, OneRequestOfAConnectionAtATime) {
    Client client = connect(start());
    client.send(get("/wait") + get("/after"));
    ASSERT_TRUE(eventually([&] { return handler_.running == 1; }));
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(handler_.handled, 1);
    handler_.open();
    EXPECT_EQ(client.answer().value_or(Answer{}).body, "GET /wait ");
    EXPECT_EQ(client.answer().value_or(Answer{}).body, "GET /after ");
}

TEST_P(EdgeAnswers, ByteForByteSentRequests) {
    Client client = connect(start());
    for (const char c : post("/slow", "body")) {
        ASSERT_TRUE(client.send(std::string_view(&c, 1)));
    }
    EXPECT_EQ(client.answer().value_or(Answer{}).body, "POST /slow body");
}

TEST_P(EdgeAnswers, ABodyAsLargeAsAllowedAndNoLarger) {
    Options options;
    options.body_bytes_max = 300'000;
    const auto port = start(options);
    const std::string body(300'000, 'b');
    const auto answer = connect(port).ask(post("/a", body));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body.size(), body.size() + 8);
    EXPECT_EQ(connect(port).ask(post("/a", body + "b")).value_or(Answer{}).status, 413);
}

TEST_P(EdgeAnswers, HeadLikeGetWithoutTheBody) {
    Client client = connect(start());
    client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto answer = client.answer(5s, false);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_TRUE(answer->says("Content-Length: 7\r\n"));
    // Were there a body, it would stand before this answer.
    EXPECT_EQ(client.ask(get("/b")).value_or(Answer{}).body, "GET /b ");
}

TEST_P(EdgeAnswers, AsTheClientWantsTheConnectionToGoOn) {
    const auto port = start();
    Client closing = connect(port);
    EXPECT_TRUE(closing.ask(get("/a", "Connection: close\r\n")).value_or(Answer{}).says("Connection: close\r\n"));
    EXPECT_TRUE(closing.closed(500ms));
    Client old = connect(port);
    EXPECT_TRUE(old.ask("GET /a HTTP/1.0\r\n\r\n").value_or(Answer{}).says("Connection: close\r\n"));
    EXPECT_TRUE(old.closed(500ms));
    Client old_but_kept = connect(port);
    const std::string request = "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    EXPECT_TRUE(old_but_kept.ask(request).value_or(Answer{}).says("Connection: keep-alive\r\n"));
    EXPECT_EQ(old_but_kept.ask(request).value_or(Answer{}).status, 200);
}

TEST_P(EdgeAnswers, AClientThatHasEndedSending) {
    Client client = connect(start());
    client.send(get("/a"));
    client.end_sending();
    EXPECT_EQ(client.answer().value_or(Answer{}).status, 200);
    EXPECT_TRUE(client.closed(500ms));
}

TEST_P(EdgeAnswers, ExpectationsBeforeTheBodyIsSent) {
    Client client = connect(start());
    const std::string request = post("/a", "body", "Expect: 100-continue\r\n");
    client.send(request.substr(0, request.size() - 4));
    EXPECT_EQ(client.answer().value_or(Answer{}).status, 100);
    EXPECT_EQ(client.ask("body").value_or(Answer{}).body, "POST /a body");
    // Whoever doesn't wait for the interim answer gets none.
    EXPECT_EQ(client.ask(request).value_or(Answer{}).body, "POST /a body");
}

TEST_P(EdgeAnswers, ExpectationsWithTheRefusalAtOnce) {
    Client client = connect(start());
    client.send("POST /early/404 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.status_of_last_answer(), 404);
}

TEST_P(EdgeAnswers, FailuresOfTheHandlerWithoutTheirText) {
    Client client = connect(start());
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

TEST_P(EdgeAnswers, SplitResponsesWith500) {
    Client client = connect(start());
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

TEST_P(EdgeAnswers, RefusalsInTheHandlersOwnForm) {
    const auto port = start({}, std::make_unique<OwnForm>());
    const auto late = connect(port).ask("POST /callbacks/a HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(late);
    EXPECT_EQ(late->status, 411);
    EXPECT_EQ(late->body, "411 /callbacks/a Content-Length is required");
    const auto early = connect(port).ask("junk\r\n\r\n");
    ASSERT_TRUE(early);
    EXPECT_EQ(early->status, 400);
    EXPECT_EQ(early->body, "400  the request line is malformed");
}

TEST_P(EdgeAnswers, WithoutLoggingWhatIsSecret) {
    Client client = connect(start());
    client.ask(post("/callbacks", "canary-body", "Authorization: canary-field\r\n"));
    client.ask(get("/a?token=canary-query"));
    client.ask("canary-junk\r\n\r\n");
    EXPECT_EQ(log().find("canary"), std::string::npos);
    EXPECT_NE(log().find(R"("path":"/callbacks")"), std::string::npos);
    EXPECT_NE(log().find(R"("status":400)"), std::string::npos);
    EXPECT_NE(log().find(R"("remote":"127.0.0.1")"), std::string::npos);
}

TEST_P(EdgeAnswers, ManyClientsAtOnce) {
    const auto port = start();
    constexpr int kClients = 32;
    constexpr int kRequests = 40;
    std::atomic<int> good = 0;
    std::vector<std::future<void>> clients;
    for (int c = 0; c < kClients; ++c) {
        clients.push_back(std::async(std::launch::async, [&, c] {
            Client client = connect(port);
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
