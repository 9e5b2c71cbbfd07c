#include "tests/fuzz/seeds/seeds.h"

namespace fuzz::seeds {
namespace {

const std::string kPost =
    "POST /callbacks/acme/stripe?x=1 HTTP/1.1\r\nHost: pay.example:8443\r\nContent-Type: application/json\r\n"
    "Content-Length: 2\r\n\r\n{}";
const std::string kGet = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kOld = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
const std::string kHead = "HEAD /a%20b/%E4%B8%AD HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n";
const std::string kChunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
const std::string kBothLengths =
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
const std::string kTwice = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\nx";
const std::string kExpect = "PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
const std::string kFolded = "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n";
const std::string kSmuggled = "GET / HTTP/1.1\r\nHost: a\r\nX: =?utf-8?q?=0D=0A?=\r\nContent-Length : 0\r\n\r\n";
const std::string kEarly = "POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n" + kGet;
const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace

void write_http(Writer& writer) {
    const std::vector<std::string> requests = {kPost,  kGet,    kOld,    kHead,     kChunked, kBothLengths,
                                               kTwice, kExpect, kFolded, kSmuggled, kEarly,   kPreface};
    writer.add("http_head", "000", requests);
    writer.add("http_head", "013", requests);
    writer.add("http_head", "1",
               {"/a/b%20c?q=1&r", "/", "/a//b", "/a/../b", "/%2e%2e/", "/%2f", "*", "http://a/", "/a%", "/%C3%A9/x/"});
    writer.add("http_exchange", "", requests);
    writer.add("http_exchange",
               {kPost + kGet + kOld, kGet + kChunked + kGet, kPost.substr(0, 30) + "\xFE" + kPost.substr(30),
                kExpect +
                    "\xFE"
                    "abc" +
                    kGet,
                kPost.substr(0, kPost.size() - 1) + "\xFE}" + kEarly});
}

}  // namespace fuzz::seeds
