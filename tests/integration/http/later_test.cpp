// Handlers that answer later, from a thread of their own, or not at all; and those that work on an I/O thread.
#include <gtest/gtest.h>

#include <future>
#include <map>

#include "edge.h"

namespace {

using namespace wire;
using server::http::Options;
using server::http::Request;
using server::http::Responder;
using server::http::Response;
using server::http::Server;

// /later waits for answer_all(); /twice is answered twice, /never not at all, /throw fails. No worker is used.
class Later : public CountingHandler {
public:
    bool is_quick(const Request& request) override { return request.head.path != "/slow"; }
    void begin(const std::shared_ptr<const Request>& request, const Responder& respond) override {
        ++begun;
        if (request->head.path == "/later") {
            const std::lock_guard lock(mutex_);
            waiting_.emplace_back(request, respond);
        } else if (request->head.path == "/twice") {
            respond(Response::text(200, "first"));
            respond(Response::text(200, "second"));
        } else if (request->head.path == "/throw") {
            throw core::OutsideFailure("the database is away");
        } else if (request->head.path != "/never") {
            CountingHandler::begin(request, respond);
        }
    }
    std::size_t waiting() {
        const std::lock_guard lock(mutex_);
        return waiting_.size();
    }
    // The last first.
    void answer_all() {
        const std::lock_guard lock(mutex_);
        while (!waiting_.empty()) {
            waiting_.back().second(Response::text(200, waiting_.back().first->body));
            waiting_.pop_back();
        }
    }

    std::atomic<int> begun = 0;

private:
    std::mutex mutex_;
    std::vector<std::pair<std::shared_ptr<const Request>, Responder>> waiting_;
};

std::string post(const std::string& path, const std::string& body) {
    return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

class AnswersLater : public Edge {
protected:
    std::uint16_t start_later(Options options = {}) {
        auto later = std::make_unique<Later>();
        later_ = later.get();
        return start(options, std::move(later));
    }
    Later* later_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(, AnswersLater, testing::Values(Over::plain, Over::tls), over_name);

TEST_P(AnswersLater, ManyWithOneWorkerEachItsOwn) {
    constexpr int kMany = 50;
    Options options;
    options.workers = 1;
    options.queue_max = 1;
    const auto port = start_later(options);
    std::vector<Client> clients;
    for (int i = 0; i < kMany; ++i) {
        clients.push_back(connect(port));
        clients.back().send(post("/later", "body " + std::to_string(i)));
    }
    ASSERT_TRUE(eventually([&] { return later_->waiting() == kMany; }));
    EXPECT_EQ(connect(port).ask(get("/slow")).value_or(Answer{}).status, 200) << "the one worker is free";
    std::thread other([this] { later_->answer_all(); });
    for (int i = 0; i < kMany; ++i) {
        const auto answer = clients[static_cast<std::size_t>(i)].answer();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 200);
        EXPECT_EQ(answer->body, "body " + std::to_string(i));
    }
    other.join();
    EXPECT_EQ(clients.front().ask(get("/now")).value_or(Answer{}).status, 200) << "and the connections go on";
}

TEST_P(AnswersLater, TheFirstAnswerCounts) {
    Client client = connect(start_later());
    EXPECT_EQ(client.ask(get("/twice")).value_or(Answer{}).body, "first");
    EXPECT_EQ(client.ask(get("/now")).value_or(Answer{}).body, "GET /now ");
}

TEST_P(AnswersLater, WhatNobodyAnswersIsAFailure) {
    Client client = connect(start_later());
    EXPECT_EQ(client.ask(get("/never")).value_or(Answer{}).status, 500);
    EXPECT_NE(log().find("request_without_answer"), std::string::npos);
    EXPECT_EQ(client.ask(get("/now")).value_or(Answer{}).status, 200);
}

TEST_P(AnswersLater, WhatIsThrownOnAnIoThreadIsAnswered) {
    Client client = connect(start_later());
    const auto answer = client.ask(get("/throw"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503);
    EXPECT_TRUE(answer->says("Retry-After: "));
}

TEST_P(AnswersLater, AnAnswerToAClientThatHasGoneHurtsNobody) {
    const auto port = start_later();
    {
        Client gone = connect(port);
        gone.send(post("/later", "a"));
        ASSERT_TRUE(eventually([&] { return later_->waiting() == 1; }));
    }
    later_->answer_all();
    EXPECT_EQ(connect(port).ask(get("/now")).value_or(Answer{}).status, 200);
}

TEST_P(AnswersLater, TheServerWaitsForThemBeforeItGoes) {
    Options options;
    options.drain_deadline = 100ms;
    Client client = connect(start_later(options));
    client.send(post("/later", "a"));
    ASSERT_TRUE(eventually([&] { return later_->waiting() == 1; }));
    auto stopped = std::async(std::launch::async, [this] { server_->stop(); });
    EXPECT_EQ(stopped.wait_for(500ms), std::future_status::timeout) << "there is a responder that could still be used";
    later_->answer_all();
    EXPECT_EQ(stopped.wait_for(10s), std::future_status::ready);
}

}  // namespace
