// Reads the head of a request as it comes in, and refuses it at the first byte that can't be part of one.
//
// Stricter than the protocol asks for, since every leniency is one that a proxy in front may not share:
//   H1  Lines end in CR LF; neither stands alone. No other control character, no tab and no NUL, stands anywhere.
//   H2  The request line is METHOD SP TARGET SP VERSION with single blanks.
//   H3  A field is NAME ":" VALUE; nothing stands between name and colon, and no line is folded.
//   H4  No value holds "=?", which readers that know RFC 2047 decode, line ends included.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/result.h"
#include "server/http/head.h"

namespace server::http {

class HeadReader {
public:
    enum class Progress { more, complete };

    explicit HeadReader(const HeadLimits& limits) : limits_(limits) {}

    // `received` is everything since the head began: what was there at the last call and what came since. Bytes behind
    // the head are left alone. Refused: 400, 414, 431, 501 (method), 505 (version). Not called again after that.
    core::Result<Progress, Refusal> read(std::string_view received);

    // Once complete: its length, with the empty line, and what it says. Framing is not settled yet.
    std::size_t size() const { return line_begin_; }
    const Head& head() const { return head_; }
    Head take() { return std::move(head_); }

private:
    core::Result<Progress, Refusal> over_limit() const;
    bool take_character(char c);
    std::optional<Refusal> take_line(std::string_view line);
    std::optional<Refusal> take_request_line(std::string_view line);
    std::optional<Refusal> take_method(std::string_view method);
    std::optional<Refusal> take_target(std::string_view target);
    std::optional<Refusal> take_field(std::string_view line);

    HeadLimits limits_;
    Head head_;
    std::size_t seen_ = 0;        // bytes looked at
    std::size_t line_begin_ = 0;  // of the line that isn't complete yet
    bool after_cr_ = false;
};

}  // namespace server::http
