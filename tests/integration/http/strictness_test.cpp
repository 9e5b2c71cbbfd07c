// Rows of what other servers let through, each over a real socket: refused with its status, closed, and never more than
// what was refused is understood as a request.
#include <gtest/gtest.h>

#include <random>

#include "core/log.h"
#include "wire.h"

namespace {

using namespace wire;
using server::http::Options;
using server::http::Server;

class EdgeRefuses : public testing::Test {
protected:
    void SetUp() override {
        core::set_log_sink([](std::string_view) {});
        server_ = std::make_unique<Server>(Options{}, handler_);
    }
    void TearDown() override {
        server_.reset();
        core::set_log_sink(nullptr);
    }

    CountingHandler handler_;
    std::unique_ptr<Server> server_;
};

struct Row {
    const char* name;
    std::string bytes;
    int status;
};

const std::string kGhost = get("/ghost");

std::string post_with(const std::string& fields) { return "POST /a HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }
std::string get_with(const std::string& fields) { return "GET /a HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }
std::string large(std::size_t bytes) { return std::string(bytes, 'a'); }

std::string many_fields(int count) {
    std::string fields;
    for (int i = 0; i < count; ++i) {
        fields += "X: a\r\n";
    }
    return fields;
}

// After each row comes a good request, so that a server that goes on reading is seen to.
const std::vector<Row>& rows() {
    static const std::vector<Row> kRows = {
        {"length and chunked", post_with("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400},
        {"two lengths", post_with("Content-Length: 0\r\nContent-Length: 60\r\n"), 400},
        {"two equal lengths", post_with("Content-Length: 0\r\nContent-Length: 0\r\n"), 400},
        {"length -5", post_with("Content-Length: -5\r\n"), 400},
        {"length +5", post_with("Content-Length: +5\r\n") + "aaaaa", 400},
        {"length 5abc", post_with("Content-Length: 5abc\r\n") + "aaaaa", 400},
        {"length of 20 digits", post_with("Content-Length: 18446744073709551621\r\n") + "aaaaa", 400},
        {"length list", post_with("Content-Length: 5, 5\r\n") + "aaaaa", 400},
        {"gzip, chunked", post_with("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n", 400},
        {"blank before colon", post_with("Transfer-Encoding : chunked\r\nContent-Length: 0\r\n"), 400},
        {"chunked", post_with("Transfer-Encoding: chunked\r\n") + "5\r\naaaaa\r\n0\r\n\r\n", 411},
        {"chunked GET", get_with("Transfer-Encoding: chunked\r\n") + "0\r\n\r\n", 411},
        {"chunked on 1.0", "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"chunk of no size", post_with("Transfer-Encoding: chunked\r\n") + "ZZ\r\n", 411},
        {"no length", post_with(""), 411},
        {"early answer with body", post("/early", kGhost), 404},
        {"early answer of two", post("/early", "") + kGhost, 404},
        {"encoded word", get_with("X: =?utf-8?Q?a=0D=0Ainj=3A1?=\r\n"), 400},
        {"bare line feeds", "GET /a HTTP/1.1\nHost: a\n\n", 400},
        {"no host", "GET /a HTTP/1.1\r\n\r\n", 400},
        {"two hosts", get_with("Host: b\r\n"), 400},
        {"NUL in value", get_with(std::string("X: a\0b\r\n", 8)), 400},
        {"folded line", get_with("X: a\r\n b\r\n"), 400},
        {"121 headers", get_with(many_fields(120)), 431},
        {"17 kB value", get_with("X: " + large(17'000) + "\r\n"), 431},
        {"20 kB target", "GET /" + large(20'000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
        {"body of 1 MiB and a byte", post_with("Content-Length: 1048577\r\n"), 413},
        {"body on GET", get_with("Content-Length: " + std::to_string(kGhost.size()) + "\r\n"), 400},
        {"unknown expectation", post_with("Content-Length: 5\r\nExpect: tea\r\n") + "aaaaa", 417},
        {"absolute form", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"escaped NUL", "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"escaped slash", "GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"dot segments", "GET /a/%2e%2e/b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"unknown method", "BREW /a HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"HTTP/0.9", "GET /\r\n", 400},
        {"hello of TLS", std::string("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 11), 400},
        {"empty line first", "\r\n", 400},
    };
    return kRows;
}

TEST_F(EdgeRefuses, EachRowWithItsStatusAndNothingBehindIt) {
    for (const auto& row : rows()) {
        Client client(server_->port());
        client.send(row.bytes + kGhost + kGhost);
        EXPECT_EQ(client.status_of_last_answer(), row.status) << row.name;
    }
    EXPECT_EQ(handler_.handled, 0) << "ghost requests";
}

TEST_F(EdgeRefuses, EachRowAlsoAfterAGoodRequestAndInPieces) {
    int good = 0;
    for (const auto& row : rows()) {
        Client client(server_->port());
        ASSERT_EQ(client.ask(get("/good")).value_or(Answer{}).status, 200);
        ++good;
        const std::string bytes = row.bytes + kGhost;
        const std::size_t half = row.bytes.size() / 2;
        client.send(std::string_view(bytes).substr(0, half));
        std::this_thread::sleep_for(2ms);
        client.send(std::string_view(bytes).substr(half));
        EXPECT_EQ(client.status_of_last_answer(), row.status) << row.name;
    }
    EXPECT_EQ(handler_.handled, good) << "ghost requests";
}

TEST_F(EdgeRefuses, ABodyThatEndsEarly) {
    Client client(server_->port());
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\naaaa");
    client.end_sending();
    EXPECT_EQ(client.status_of_last_answer(), 400);
    EXPECT_EQ(handler_.handled, 0);
}

TEST_F(EdgeRefuses, AHeadThatEndsEarly) {
    Client client(server_->port());
    client.send("GET /a HTTP/1.1\r\nHost");
    client.end_sending();
    EXPECT_EQ(client.status_of_last_answer(), 400);
    EXPECT_EQ(handler_.heads, 0);
}

TEST_F(EdgeRefuses, A16MegabyteHeadAfterReadingAFractionOfIt) {
    Client client(server_->port());
    client.send("GET /a HTTP/1.1\r\nHost: a\r\nX: ");
    const std::string piece = large(1U << 16U);
    int taken = 0;
    while (taken < 256 && client.send(piece)) {
        ++taken;
    }
    EXPECT_LT(taken, 256);
    EXPECT_EQ(client.answer().value_or(Answer{}).status, 431);
    EXPECT_EQ(handler_.heads, 0);
}

// The answer must arrive although the body was never read.
TEST_F(EdgeRefuses, ALargeBodyWithAnAnswerThatArrives) {
    for (int i = 0; i < 20; ++i) {
        Client client(server_->port());
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" + large(60'000));
        EXPECT_EQ(client.status_of_last_answer(), 413);
    }
}

// Of whatever bytes, none makes the server fall over or see a request that isn't there. The seed is fixed.
TEST_F(EdgeRefuses, BinaryJunk) {
    std::mt19937 random(20261122);
    for (int i = 0; i < 300; ++i) {
        std::string junk(random() % 400 + 4, '\0');
        for (char& c : junk) {
            c = static_cast<char>(random());
        }
        junk.front() = '\x01';  // not even the beginning of a request line
        Client client(server_->port());
        client.send(junk + kGhost);
        EXPECT_EQ(client.status_of_last_answer(), 400);
    }
    EXPECT_EQ(handler_.handled, 0);
}

// Good requests with one byte changed, put in or taken out: at most as many requests as were sent are understood.
TEST_F(EdgeRefuses, ToSeeMoreRequestsThanThereAre) {
    std::mt19937 random(7);
    const std::string good = post("/a", get("/ghost"), "X: b\r\n");
    constexpr std::string_view kBytes("\r\n\0 \t:,;0159aZ+-/%\x80", 19);
    for (int i = 0; i < 1500; ++i) {
        std::string bytes = good;
        const std::size_t at = random() % (good.size() - kGhost.size());
        const char c = kBytes[random() % kBytes.size()];
        switch (random() % 3) {
            case 0:
                bytes[at] = c;
                break;
            case 1:
                bytes.insert(at, 1, c);
                break;
            default:
                bytes.erase(at, 1);
                break;
        }
        const int before = handler_.handled;
        Client client(server_->port());
        client.send(bytes);
        client.end_sending();
        ASSERT_TRUE(client.closed()) << i;
        ASSERT_LE(handler_.handled - before, 1) << i;
    }
}

}  // namespace
