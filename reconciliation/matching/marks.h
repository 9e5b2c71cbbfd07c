// Marks: where cells and rows end in a piece of text, many bytes at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace reconciliation::matching {

// The positions of every separator and LF of a text, ascending. What stands before the first, from(0)[-1], is the
// position before the text, modulo 2^32.
class Marks {
public:
    // The text is at most 4 GiB, and 64 bytes behind its end may be read.
    void find(std::string_view padded_text, char separator);

    std::size_t size() const { return size_; }
    std::uint32_t operator[](std::size_t i) const { return positions_[i + 1]; }
    const std::uint32_t* from(std::size_t i) const { return positions_.get() + i + 1; }

private:
    std::unique_ptr<std::uint32_t[]> positions_;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
};

// LF, CRLF and CR count once each.
std::uint64_t count_line_ends(std::string_view text);

// A quote, a NUL, or a CR without its LF: what has one of them is read character by character.
bool is_plain(std::string_view text);

}  // namespace reconciliation::matching
