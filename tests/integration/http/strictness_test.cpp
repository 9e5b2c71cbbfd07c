// Rows of what other servers let through, each over a real socket: refused with its status, closed, and never more than
// what was refused is understood as a request.
#include <gtest/gtest.h>

#include <random>

#include "edge.h"

namespace {

using namespace wire;

class EdgeRefuses : public Edge {
protected:
    void SetUp() override {
        Edge::SetUp();
        start();
    }
};

INSTANTIATE_TEST_SUITE_P(, EdgeRefuses, testing::Values(Over::plain, Over::tls), over_name);

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
        {"chunked and length", post_with("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n") + "0\r\n\r\n", 400},
        {"chunked twice", post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400},
        {"chunked, chunked", post_with("Transfer-Encoding: chunked, chunked\r\n") + "0\r\n\r\n", 400},
        {"chunked, identity", post_with("Transfer-Encoding: identity\r\nContent-Length: 0\r\n"), 400},
        {"chunked behind a control",
         post_with("Transfer-Encoding: \x0b"
                   "chunked\r\n") +
             "0\r\n\r\n",
         400},
        {"no coding", post_with("Transfer-Encoding:\r\n") + "0\r\n\r\n", 400},
        {"chunked cut short", post_with("Transfer-Encoding: chunked\r\n") + "9\r\naaa", 411},
        {"chunked and length on 1.0",
         "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
        {"length 0x5", post_with("Content-Length: 0x5\r\n") + "aaaaa", 400},
        {"length 005", post_with("Content-Length: 005\r\n") + "aaaaa", 400},
        {"length of nothing", post_with("Content-Length: \r\n"), 400},
        {"length with a blank within", post_with("Content-Length: 1 0\r\n") + "aaaaaaaaaa", 400},
        {"length with a tab", post_with("Content-Length:\t5\r\n") + "aaaaa", 400},
        {"blank before the length's colon", post_with("Content-Length : 5\r\n") + "aaaaa", 400},
        {"lengths in two spellings", post_with("Content-Length: 5\r\ncontent-length: 0\r\n") + "aaaaa", 400},
        {"chunk of no size", post_with("Transfer-Encoding: chunked\r\n") + "ZZ\r\n", 411},
        {"no length", post_with(""), 411},
        {"early answer with body", post("/early/404", kGhost), 404},
        {"early answer of two", post("/early/404", "") + kGhost, 404},
        {"encoded word", get_with("X: =?utf-8?Q?a=0D=0Ainj=3A1?=\r\n"), 400},
        {"encoded word in small letters", get_with("X: =?gb18030?b?DQo=?=\r\n"), 400},
        {"bare carriage return", get_with("X: a\rY: b\r\n"), 400},
        {"two carriage returns", get_with("X: a\r\r\n"), 400},
        {"bare line feed in a field", get_with("X: a\nTransfer-Encoding: chunked\r\n"), 400},
        {"bare line feed at the end", "GET /a HTTP/1.1\r\nHost: a\r\n\n", 400},
        {"bare line feeds", "GET /a HTTP/1.1\nHost: a\n\n", 400},
        {"no host", "GET /a HTTP/1.1\r\n\r\n", 400},
        {"two hosts", get_with("Host: b\r\n"), 400},
        {"two equal hosts", get_with("Host: a\r\n"), 400},
        {"host with a path", "GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"host with a user", "GET /a HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
        {"host list", "GET /a HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
        {"blank before the host's colon", "GET /a HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        {"NUL in name", get_with(std::string("X\0: a\r\n", 7)), 400},
        {"NUL in value", get_with(std::string("X: a\0b\r\n", 8)), 400},
        {"folded line", get_with("X: a\r\n b\r\n"), 400},
        {"line folded with a tab", get_with("X: a\r\n\tb\r\n"), 400},
        {"folded first field", "GET /a HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        {"folded coding", post_with("Transfer-Encoding:\r\n chunked\r\n") + "0\r\n\r\n", 400},
        {"field without a name", get_with(": a\r\n"), 400},
        {"field without a colon", get_with("Transfer-Encoding\r\n"), 400},
        {"two blanks in the request line", "GET  /a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"tab in the request line", "GET\t/a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"blank behind the version", "GET /a HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
        {"version in small letters", "GET /a http/1.1\r\nHost: a\r\n\r\n", 400},
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

TEST_P(EdgeRefuses, EachRowWithItsStatusAndNothingBehindIt) {
    for (const auto& row : rows()) {
        Client client = connect(server_->port());
        client.send(row.bytes + kGhost + kGhost);
        EXPECT_EQ(client.status_of_last_answer(), row.status) << row.name;
    }
    EXPECT_EQ(handler_.handled, 0) << "ghost requests";
}

TEST_P(EdgeRefuses, EachRowAlsoAfterAGoodRequestAndInPieces) {
    int good = 0;
    for (const auto& row : rows()) {
        Client client = connect(server_->port());
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

TEST_P(EdgeRefuses, ABodyThatEndsEarly) {
    Client client = connect(server_->port());
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\naaaa");
    client.end_sending();
    EXPECT_EQ(client.status_of_last_answer(), 400);
    EXPECT_EQ(handler_.handled, 0);
}

TEST_P(EdgeRefuses, AHeadThatEndsEarly) {
    Client client = connect(server_->port());
    client.send("GET /a HTTP/1.1\r\nHost");
    client.end_sending();
    EXPECT_EQ(client.status_of_last_answer(), 400);
    EXPECT_EQ(handler_.heads, 0);
}

TEST_P(EdgeRefuses, A16MegabyteHeadAfterReadingAFractionOfIt) {
    Client client = connect(server_->port());
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
TEST_P(EdgeRefuses, ALargeBodyWithAnAnswerThatArrives) {
    for (int i = 0; i < 20; ++i) {
        Client client = connect(server_->port());
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" + large(60'000));
        EXPECT_EQ(client.status_of_last_answer(), 413);
    }
}

// Of whatever bytes, none makes the server fall over or see a request that isn't there. The seed is fixed.
TEST_P(EdgeRefuses, BinaryJunk) {
    std::mt19937 random(20261122);
    for (int i = 0; i < 100; ++i) {
        std::string junk(random() % 400 + 4, '\0');
        for (char& c : junk) {
            c = static_cast<char>(random());
        }
        junk.front() = '\x01';  // not even the beginning of a request line
        Client client = connect(server_->port());
        client.send(junk + kGhost);
        EXPECT_EQ(client.status_of_last_answer(), 400);
    }
    EXPECT_EQ(handler_.handled, 0);
}

// Whatever the answer, it comes before the body was read.
TEST_P(EdgeRefuses, EveryEarlyAnswersBody) {
    for (const int status : {401, 403, 404, 405, 413, 415, 429, 503}) {
        const std::string path = "/early/" + std::to_string(status);
        Client with_body = connect(server_->port());
        with_body.send(post(path, kGhost + kGhost) + kGhost);
        EXPECT_EQ(with_body.status_of_last_answer(), status);
        Client without_yet = connect(server_->port());
        without_yet.send("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n");
        const auto answer = without_yet.answer();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, status);
        without_yet.send(kGhost + kGhost);
        EXPECT_TRUE(without_yet.closed());
        EXPECT_EQ(without_yet.take_received(), "");
    }
    EXPECT_EQ(handler_.handled, 0) << "ghost requests";
}

// However much of a request has come when its sender ends: without the rest it is none.
TEST_P(EdgeRefuses, EveryRequestThatIsNotWhole) {
    const std::string whole = post("/a", "{\"amount\":100}", "X: y\r\n");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        Client client = connect(server_->port());
        client.send(std::string_view(whole).substr(0, size));
        client.end_sending();
        EXPECT_EQ(client.status_of_last_answer(), size == 0 ? 0 : 400) << size;
    }
    EXPECT_EQ(handler_.handled, 0);
    EXPECT_EQ(connect(server_->port()).ask(whole).value_or(Answer{}).status, 200);
}

}  // namespace
