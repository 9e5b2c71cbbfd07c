#include <gtest/gtest.h>

#include "core/failure.h"
#include "server/http/message.h"
#include "server/http/response_writer.h"

namespace {

using server::http::Framing;
using server::http::has_body;
using server::http::http_date;
using server::http::RequestHead;
using server::http::Response;
using server::http::write_head;

const core::Instant kNow = *core::parse_rfc3339("2026-11-22T08:49:07Z");

TEST(ResponseHead, IsWrittenWithTheServersOwnFields) {
    EXPECT_EQ(write_head({200, {{"X-A", "b"}}, "four"}, Framing{false, true}, kNow),
              "HTTP/1.1 200 OK\r\n"
              "X-A: b\r\n"
              "X-Content-Type-Options: nosniff\r\n"
              "Content-Length: 4\r\n"
              "Date: Sun, 22 Nov 2026 08:49:07 GMT\r\n"
              "Connection: keep-alive\r\n"
              "\r\n");
}

TEST(ResponseHead, DoesNotLetTheHandlerSayWhereItEnds) {
    const auto head = write_head({200,
                                  {{"content-length", "99"},
                                   {"Transfer-Encoding", "chunked"},
                                   {"Connection", "keep-alive"},
                                   {"Date", "never"},
                                   {"x-content-type-options", "other"}},
                                  ""},
                                 Framing{}, kNow);
    EXPECT_EQ(head,
              "HTTP/1.1 200 OK\r\n"
              "x-content-type-options: other\r\n"
              "Content-Length: 0\r\n"
              "Date: Sun, 22 Nov 2026 08:49:07 GMT\r\n"
              "Connection: close\r\n"
              "\r\n");
}

TEST(ResponseHead, HasNoLengthWhereThereIsNoBody) {
    for (const int status : {204, 304}) {
        const Response response{status, {}, "ignored"};
        EXPECT_EQ(write_head(response, {}, kNow).find("Content-Length"), std::string::npos) << status;
        EXPECT_FALSE(has_body(response, {}));
    }
    const Response response{200, {}, "four"};
    EXPECT_NE(write_head(response, Framing{true, false}, kNow).find("Content-Length: 4\r\n"), std::string::npos);
    EXPECT_FALSE(has_body(response, Framing{true, false}));
    EXPECT_TRUE(has_body(response, {}));
}

TEST(ResponseHead, CannotBeSplit) {
    const auto with = [](std::string name, std::string value) {
        return write_head({200, {{std::move(name), std::move(value)}}, ""}, {}, kNow);
    };
    EXPECT_NO_THROW(with("X", "a b"));
    EXPECT_THROW(with("X", "a\r\nSet-Cookie: b"), core::BrokenRule);
    EXPECT_THROW(with("X", std::string("a\0b", 3)), core::BrokenRule);
    EXPECT_THROW(with("X: y\r\nZ", "a"), core::BrokenRule);
    EXPECT_THROW(with("", "a"), core::BrokenRule);
}

TEST(ResponseHead, HasAFinalStatus) {
    for (const int status : {0, 100, 199, 600, -1}) {
        EXPECT_THROW(write_head({status, {}, ""}, {}, kNow), core::BrokenRule) << status;
    }
    EXPECT_NO_THROW(write_head({599, {}, ""}, {}, kNow));
}

TEST(HttpDate, IsTheFixedFormInEnglish) {
    EXPECT_EQ(http_date(*core::parse_rfc3339("1994-11-06T08:49:37Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(*core::parse_rfc3339("2024-02-29T23:59:59.999Z")), "Thu, 29 Feb 2024 23:59:59 GMT");
}

TEST(Message, FindsAFieldWhateverItsCase) {
    RequestHead head;
    head.headers = {{"Content-Type", "a"}, {"X", "1"}, {"x", "2"}, {"Empty", ""}};
    EXPECT_EQ(head.header("content-type"), "a");
    EXPECT_EQ(head.header("EMPTY"), "");
    EXPECT_EQ(head.header("Y"), std::nullopt);
    // Which of the two would be meant?
    EXPECT_EQ(head.header("X"), std::nullopt);
}

TEST(Message, ProblemIsRfc9457) {
    const auto response = Response::problem(404, "not \"found\"");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.headers.front().second, "application/problem+json");
    EXPECT_EQ(response.body, R"({"type":"about:blank","title":"not \"found\"","status":404})");
    EXPECT_NE(Response::problem(400, "a", "b").body.find(R"("detail":"b")"), std::string::npos);
}

TEST(Message, KnowsThePhraseOfEveryStatusTheEdgeSends) {
    for (const int status : {400, 408, 411, 413, 414, 417, 431, 500, 501, 503, 505}) {
        EXPECT_NE(server::http::reason_phrase(status), "Unknown") << status;
    }
    EXPECT_EQ(server::http::reason_phrase(299), "Unknown");
}

}  // namespace
