// Requests that were good until something was done to them: for asking whether anything that can be done to one makes a
// server see what is not there.
#pragma once

#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace wire {

struct Mutant {
    std::string bytes;
    int requests_max = 1;  // of how many good requests it was made
};

// Each body holds a whole request, so that a reader who ends the body too early or leaves it unread would see one. No
// length that is put in says where it begins.
class Mutator {
public:
    explicit Mutator(unsigned seed) : random_(seed) {}

    Mutant next() {
        Mutant mutant = good();
        const std::size_t times = 1 + below(3);
        for (std::size_t i = 0; i < times; ++i) {
            mutate(mutant.bytes);
        }
        if (below(2) == 0) {
            mutant.bytes += kTail;
            ++mutant.requests_max;
        }
        return mutant;
    }

    std::size_t below(std::size_t end) { return random_() % end; }

private:
    static constexpr std::string_view kGhost = "GET /ghost HTTP/1.1\r\nHost: ghost\r\n\r\n";
    static constexpr std::string_view kTail = "GET /tail HTTP/1.1\r\nHost: tail\r\n\r\n";

    static std::string body() { return std::string(64, 'x') + std::string(kGhost) + std::string(70, 'y'); }
    static std::string length() { return "Content-Length: " + std::to_string(body().size()) + "\r\n"; }

    Mutant good() {
        static const std::vector<Mutant> kGood = {
            {"POST /callbacks/acme/stripe?a=b HTTP/1.1\r\nHost: pay.example\r\nContent-Type: application/json\r\n" +
             length() + "Stripe-Signature: t=1,v1=0a1b2c\r\n\r\n" + body()},
            {"POST /callbacks/a/wechatpay HTTP/1.1\r\nHost: a\r\n" + length() + "X: y\r\nConnection: close\r\n\r\n" +
             body()},
            {"PUT /a%20b/c HTTP/1.0\r\n" + length() + "Connection: keep-alive\r\nX:  y \r\n\r\n" + body()},
            {"POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n" + length() + "\r\n" + body()},
            {"GET /a/b%20c?d=e HTTP/1.1\r\nHost: a\r\nAccept: text/html, */*\r\nX-Note: \xe5\xaf\xb9\r\n\r\n"},
            {"HEAD /a HTTP/1.1\r\nHost: [::1]:80\r\nX: y\r\n\r\n"},
            {"GET /one HTTP/1.1\r\nHost: a\r\n\r\nPOST /two HTTP/1.1\r\nHost: a\r\n" + length() + "\r\n" + body(), 2},
        };
        return kGood[below(kGood.size())];
    }

    void mutate(std::string& bytes) {
        static constexpr std::array<void (Mutator::*)(std::string&), 12> kWays = {
            &Mutator::change_byte,   &Mutator::insert_byte,  &Mutator::erase_range,  &Mutator::repeat_range,
            &Mutator::insert_field,  &Mutator::insert_field, &Mutator::repeat_line,  &Mutator::swap_lines,
            &Mutator::change_ending, &Mutator::change_case,  &Mutator::insert_token, &Mutator::cut_off,
        };
        if (bytes.size() > 8) {
            (this->*kWays[below(kWays.size())])(bytes);
        }
    }

    // Mostly within the head, since a body has nothing to be misread.
    std::size_t place(const std::string& bytes) {
        const std::size_t head = bytes.find("\r\n\r\n");
        return below(head == std::string::npos || below(10) == 0 ? bytes.size() : head + 4);
    }
    // Where a line of the head begins, that of the request left out.
    std::size_t line(const std::string& bytes) {
        const std::size_t end = bytes.find("\r\n", place(bytes));
        return end == std::string::npos ? bytes.size() : end + 2;
    }
    static std::size_t line_end(const std::string& bytes, std::size_t begin) {
        const std::size_t end = bytes.find("\r\n", begin);
        return end == std::string::npos ? bytes.size() : end + 2;
    }
    char odd() {
        static constexpr std::string_view kOdd("\r\n\0 \t:,;0159aZ+-/%\x80\x7f\v?=\"\\#", 27);
        return below(8) == 0 ? static_cast<char>(random_()) : kOdd[below(kOdd.size())];
    }

    void change_byte(std::string& bytes) { bytes[place(bytes)] = odd(); }
    void insert_byte(std::string& bytes) { bytes.insert(place(bytes), 1, odd()); }
    void erase_range(std::string& bytes) { bytes.erase(place(bytes), 1 + below(below(4) == 0 ? 16 : 1)); }
    void repeat_range(std::string& bytes) {
        const std::string range = bytes.substr(place(bytes), 1 + below(32));
        bytes.insert(place(bytes), range);
    }
    void repeat_line(std::string& bytes) {
        const std::size_t begin = line(bytes);
        const std::string repeated = bytes.substr(begin, line_end(bytes, begin) - begin);
        bytes.insert(line(bytes), repeated);
    }
    void swap_lines(std::string& bytes) {
        const std::size_t begin = line(bytes);
        const std::string moved = bytes.substr(begin, line_end(bytes, begin) - begin);
        bytes.erase(begin, moved.size());
        bytes.insert(line(bytes), moved);
    }
    void change_case(std::string& bytes) {
        const std::size_t begin = place(bytes);
        for (std::size_t at = begin; at < std::min(bytes.size(), begin + 12); ++at) {
            const char c = bytes[at];
            bytes[at] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? static_cast<char>(c ^ 0x20) : c;
        }
    }
    void change_ending(std::string& bytes) {
        static const std::vector<std::string> kEndings = {"\n",     "\r",    "\r\r\n", "\n\r", "\r\n ",
                                                          "\r\n\t", " \r\n", "\0\r\n", "\n\n", "\r\n\n"};
        const std::size_t begin = bytes.find("\r\n", place(bytes));
        if (begin != std::string::npos) {
            bytes.replace(begin, 2, kEndings[below(kEndings.size())]);
        }
    }
    void cut_off(std::string& bytes) {
        if (below(4) == 0) {
            bytes.resize(1 + below(bytes.size()));
        }
    }
    void insert_field(std::string& bytes) {
        static const std::vector<std::string> kFields = {"Transfer-Encoding: chunked",
                                                         "Transfer-Encoding : chunked",
                                                         "Transfer-Encoding: gzip, chunked",
                                                         "Transfer-Encoding: identity",
                                                         "transfer-encoding:chunked",
                                                         "Transfer-Encoding: \x0b"
                                                         "chunked",
                                                         "Transfer-Encoding:",
                                                         "TE: trailers, chunked",
                                                         "Content-Length: 0",
                                                         "Content-Length: 5",
                                                         "Content-Length: -5",
                                                         "Content-Length: +5",
                                                         "Content-Length: 5abc",
                                                         "Content-Length: 5, 5",
                                                         "Content-Length: 0x5",
                                                         "Content-Length: 005",
                                                         "Content-Length: 18446744073709551621",
                                                         "Content-Length : 5",
                                                         "Content-Length:",
                                                         "content-length: 1",
                                                         "Content_Length: 5",
                                                         "Host: other",
                                                         "Host: a b",
                                                         "Host:",
                                                         "Host : a",
                                                         "Connection: keep-alive, close",
                                                         "Connection: Content-Length",
                                                         "Expect: 100-continue",
                                                         "Expect: tea",
                                                         "X: =?utf-8?Q?a=0D=0Ainj=3A1?=",
                                                         " folded: yes",
                                                         "\tfolded: yes",
                                                         ": nameless",
                                                         "no colon",
                                                         "X:y",
                                                         "Upgrade: h2c",
                                                         "Trailer: Host"};
        bytes.insert(line(bytes), kFields[below(kFields.size())] + "\r\n");
    }
    void insert_token(std::string& bytes) {
        static const std::vector<std::string> kTokens = {
            "HTTP/1.1",  "HTTP/1.0", "HTTP/2.0", "http/1.1", " ",         "  ", "\r\n\r\n", "..",          "/../",
            "%00",       "%2e%2e",   "%2f",      "//",       "#",         "\\", ":",        "0",           "chunked",
            "0\r\n\r\n", "GET ",     "POST ",    "HEAD ",    "http://b/", "*",  "Host:",    "\xef\xbb\xbf"};
        bytes.insert(place(bytes), kTokens[below(kTokens.size())]);
    }

    std::mt19937 random_;
};

}  // namespace wire
