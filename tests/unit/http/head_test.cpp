#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "reading.h"
#include "server/http/second_reader.h"

namespace {

using reading::head_of;
using reading::repeated;
using reading::status_of;
using server::http::Head;
using server::http::HeadReader;
using server::http::second_reader_agrees;

struct Row {
    const char* name;
    std::string bytes;
    int status;
};

class HeadIsRead : public testing::TestWithParam<Row> {};

TEST_P(HeadIsRead, WithThisStatus) { EXPECT_EQ(status_of(GetParam().bytes), GetParam().status); }

// A reader that saw the bytes in other pieces must not come to another conclusion.
TEST_P(HeadIsRead, ByteForByteAlike) { EXPECT_EQ(status_of(GetParam().bytes, 1), GetParam().status); }

std::string get(const std::string& fields) { return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }
std::string post(const std::string& fields) { return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }

std::string name_of(const testing::TestParamInfo<Row>& row) { return row.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Lines, HeadIsRead,
    testing::Values(Row{"Plain", get(""), 200}, Row{"NothingYet", "", 0}, Row{"HalfARequestLine", "GET / HT", 0},
                    Row{"HeadWithoutItsEnd", "GET / HTTP/1.1\r\nHost: a\r\n", 0},
                    Row{"OnlyLineFeeds", "GET / HTTP/1.1\nHost: a\n\n", 400},
                    Row{"OneLineFeedAlone", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
                    Row{"CarriageReturnAlone", get("X: a\rb\r\n"), 400},
                    Row{"TwoCarriageReturns", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 400},
                    Row{"EmptyLineFirst", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Row{"NulInValue", get(std::string("X: a\0b\r\n", 8)), 400},
                    Row{"TabInValue", get("X: a\tb\r\n"), 400}, Row{"DeleteInValue", get("X: a\x7f\r\n"), 400},
                    Row{"EscapeInValue", get("X: a\x1b[1m\r\n"), 400},
                    Row{"NulInTarget", std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28), 400},
                    Row{"Utf8InValue", get("X: \xe5\xaf\xb9\r\n"), 200},
                    Row{"Utf8InTarget", "GET /\xe5\xaf\xb9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Row{"HelloOfTls", std::string("\x16\x03\x01\x02\x00\x01", 6), 400}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    RequestLine, HeadIsRead,
    testing::Values(Row{"Http10", "GET / HTTP/1.0\r\n\r\n", 200}, Row{"Http09", "GET /\r\n", 400},
                    Row{"Http12", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
                    Row{"Http2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
                    Row{"PrefaceOfHttp2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
                    Row{"VersionInSmallLetters", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
                    Row{"VersionWithMoreDigits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
                    Row{"TwoBlanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Row{"BlankAtTheEnd", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
                    Row{"BlankInTarget", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Row{"NoMethod", " / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Row{"UnknownMethod", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
                    Row{"MethodInSmallLetters", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
                    Row{"Connect", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
                    Row{"Trace", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
                    Row{"MethodThatIsNoToken", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Row{"AbsoluteForm", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Row{"AuthorityForm", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Row{"AsteriskForm", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    Row{"LongestTarget", "GET /" + repeated("a", 511) + " HTTP/1.1\r\nHost: a\r\n\r\n", 200},
                    Row{"TargetTooLong", "GET /" + repeated("a", 512) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
                    Row{"TargetWithoutEnd", "GET /" + repeated("a", 600), 414}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Fields, HeadIsRead,
    testing::Values(Row{"BlankBeforeColon", get("X : a\r\n"), 400}, Row{"NoColon", get("X\r\n"), 400},
                    Row{"NoName", get(": a\r\n"), 400}, Row{"NameThatIsNoToken", get("X(y): a\r\n"), 400},
                    Row{"FoldedWithBlank", get("X: a\r\n b\r\n"), 400},
                    Row{"FoldedWithTab", get("X: a\r\n\tb\r\n"), 400},
                    Row{"FirstLineFolded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
                    Row{"EncodedWord", get("X: =?utf-8?Q?a=0D=0Ainj=3A1?=\r\n"), 400},
                    Row{"EncodedWordInside", get("X: a =?\r\n"), 400}, Row{"EmptyValue", get("X:\r\n"), 200},
                    Row{"MostFields", get(repeated("X: a\r\n", 19)), 200},
                    Row{"TooManyFields", get(repeated("X: a\r\n", 20)), 431},
                    // 28 bytes are around the value, so the head is as large as may be, and one byte larger.
                    Row{"LargestHead", get("X: " + repeated("a", 2048 - 32) + "\r\n"), 200},
                    Row{"HeadTooLarge", get("X: " + repeated("a", 2048 - 31) + "\r\n"), 431}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Framing, HeadIsRead,
    testing::Values(
        Row{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400}, Row{"TwoHosts", get("Host: b\r\n"), 400},
        Row{"TwoEqualHosts", get("host: a\r\n"), 400},
        Row{"TwoHostsOn10", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        Row{"EmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        Row{"HostWithPath", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        Row{"HostWithUser", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
        Row{"HostList", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
        Row{"HostOfIpv6", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200},
        Row{"Length", post("Content-Length: 5\r\n"), 200}, Row{"LengthZero", post("Content-Length: 0\r\n"), 200},
        Row{"NoLength", post(""), 411}, Row{"NoLengthOnPut", "PUT / HTTP/1.1\r\nHost: a\r\n\r\n", 411},
        Row{"NoLengthOnDelete", "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", 200},
        Row{"NoLengthOn10", "POST / HTTP/1.0\r\n\r\n", 411},
        Row{"TwoLengths", post("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
        Row{"TwoEqualLengths", post("Content-Length: 5\r\ncontent-length: 5\r\n"), 400},
        Row{"LengthList", post("Content-Length: 5, 5\r\n"), 400},
        Row{"LengthMinus", post("Content-Length: -5\r\n"), 400}, Row{"LengthPlus", post("Content-Length: +5\r\n"), 400},
        Row{"LengthTail", post("Content-Length: 5abc\r\n"), 400},
        Row{"LengthHex", post("Content-Length: 0x5\r\n"), 400},
        Row{"LengthLeadingZero", post("Content-Length: 05\r\n"), 400},
        Row{"LengthEmpty", post("Content-Length:\r\n"), 400},
        Row{"LengthBlankInside", post("Content-Length: 5 5\r\n"), 400},
        Row{"Length20Digits", post("Content-Length: 18446744073709551621\r\n"), 400},
        Row{"Length18Digits", post("Content-Length: 999999999999999999\r\n"), 413},
        Row{"LargestBody", post("Content-Length: 1000\r\n"), 200},
        Row{"BodyTooLarge", post("Content-Length: 1001\r\n"), 413}, Row{"BodyOnGet", get("Content-Length: 5\r\n"), 400},
        Row{"NoBodyOnGet", get("Content-Length: 0\r\n"), 200},
        Row{"Chunked", post("Transfer-Encoding: chunked\r\n"), 411},
        Row{"ChunkedGet", get("Transfer-Encoding: Chunked\r\n"), 411},
        Row{"ChunkedWithLength", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
        Row{"LengthAfterChunked", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
        Row{"ChunkedOn10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Row{"GzipChunked", post("Transfer-Encoding: gzip, chunked\r\n"), 400},
        Row{"ChunkedTwice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        Row{"Identity", post("Transfer-Encoding: identity\r\n"), 400},
        Row{"ChunkedMisspelt", post("Transfer-Encoding: xchunked\r\n"), 400},
        Row{"BlankBeforeColonOfCoding", post("Transfer-Encoding : chunked\r\nContent-Length: 5\r\n"), 400},
        Row{"Expect", post("Content-Length: 5\r\nExpect: 100-Continue\r\n"), 200},
        Row{"ExpectOther", post("Content-Length: 5\r\nExpect: tea\r\n"), 417},
        Row{"ExpectTwice", post("Content-Length: 5\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n"), 417},
        // Size comes before what else may be wrong with the request.
        Row{"TooLargeAndExpecting", post("Content-Length: 1001\r\nExpect: tea\r\n"), 413}),
    name_of);

TEST(Head, SaysWhatWasAsked) {
    const auto head =
        head_of("POST /a/%e5%af%b9?x=%2f HTTP/1.1\r\nHost: a\r\nX-One:  two words \r\nContent-Length: 7\r\n\r\n");
    ASSERT_TRUE(head);
    EXPECT_EQ(head->request.method, "POST");
    EXPECT_EQ(head->request.target, "/a/%e5%af%b9?x=%2f");
    EXPECT_EQ(head->request.path, "/a/对");
    EXPECT_EQ(head->request.query, "x=%2f");
    EXPECT_EQ(head->request.header("x-one"), "two words");
    EXPECT_EQ(head->request.content_length, 7U);
    EXPECT_EQ(head->body_bytes, 7U);
    EXPECT_FALSE(head->head_only);
}

TEST(Head, ShowsHeadAsGet) {
    const auto head = head_of("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(head);
    EXPECT_EQ(head->request.method, "GET");
    EXPECT_TRUE(head->head_only);
}

TEST(Head, IsKeptAliveByItsVersionAndTheConnectionField) {
    const auto kept = [](std::string_view bytes) {
        const auto head = head_of(bytes);
        return head && head->keep_alive;
    };
    EXPECT_TRUE(kept(get("")));
    EXPECT_FALSE(kept(get("Connection: close\r\n")));
    EXPECT_FALSE(kept(get("Connection: x\r\nConnection: y , Close\r\n")));
    EXPECT_TRUE(kept(get("Connection: closed\r\n")));
    EXPECT_FALSE(kept("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(kept("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
    EXPECT_FALSE(kept("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"));
}

TEST(Head, ExpectsToContinueOnlyWithABodyAndOn11) {
    EXPECT_TRUE(head_of(post("Content-Length: 5\r\nExpect: 100-continue\r\n"))->expects_continue);
    EXPECT_FALSE(head_of(post("Content-Length: 0\r\nExpect: 100-continue\r\n"))->expects_continue);
    const auto old = head_of("POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    ASSERT_TRUE(old);
    EXPECT_FALSE(old->expects_continue);
}

TEST(Head, EndsWhereTheNextRequestBegins) {
    const std::string first = get("");
    HeadReader reader(reading::kLimits);
    const auto progress = reader.read(first + "GET /second");
    ASSERT_TRUE(progress);
    EXPECT_EQ(*progress, HeadReader::Progress::complete);
    EXPECT_EQ(reader.size(), first.size());
    EXPECT_EQ(reader.head().request.path, "/");
}

Head read_well(const std::string& bytes) {
    HeadReader reader(reading::kLimits);
    const auto progress = reader.read(bytes);
    EXPECT_TRUE(progress && *progress == HeadReader::Progress::complete);
    return reader.take();
}

TEST(SecondReader, AgreesOnGoodRequests) {
    const std::array good = {
        get(""),
        get("X: a\r\nY:  b  \r\nx: c\r\nAccept:\r\n"),
        post("Content-Length: 7\r\nContent-Type: application/json\r\n"),
        std::string("HEAD /a%20b?c=d&e HTTP/1.0\r\n\r\n"),
        get("Cookie: a=b; c=d\r\nUser-Agent: \xe5\xaf\xb9\r\nConnection: keep-alive, Upgrade\r\nUpgrade: h2c\r\n"),
    };
    for (const auto& bytes : good) {
        EXPECT_TRUE(second_reader_agrees(bytes, read_well(bytes))) << bytes;
    }
}

TEST(SecondReader, DisagreesWhenAnythingDiffers) {
    const std::string bytes = get("X: a\r\n");
    const Head good = read_well(bytes);
    ASSERT_TRUE(second_reader_agrees(bytes, good));
    Head other = good;
    other.request.headers.back().second = "b";
    EXPECT_FALSE(second_reader_agrees(bytes, other));
    other = good;
    other.request.headers.pop_back();
    EXPECT_FALSE(second_reader_agrees(bytes, other));
    other = good;
    other.request.target = "/x";
    EXPECT_FALSE(second_reader_agrees(bytes, other));
    other = good;
    other.request.method = "POST";
    EXPECT_FALSE(second_reader_agrees(bytes, other));
    other = good;
    other.http_1_1 = false;
    EXPECT_FALSE(second_reader_agrees(bytes, other));
    EXPECT_FALSE(second_reader_agrees(bytes + "GET", good));
}

}  // namespace
