// Known texts, looked for byte for byte in whatever may have kept them.
//
// For proving that what was sent on purpose is nowhere: many texts at once, at the speed of reading, in files of any
// size. The scanner (scan.h) finds what looks like card data; this finds what is known to have been there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

struct Needle {
    std::string text;  // at least Needles::kShortest bytes
    std::size_t of;    // a number of the caller's
};

class Needles {
public:
    static constexpr std::size_t kShortest = 8;

    // Texts that are too short are an error of the program.
    explicit Needles(std::vector<Needle> needles);

    struct Hit {
        std::uint64_t at;
        std::size_t needle;  // its place in the list given
    };
    // All places of all needles in the text, in order; `base` is added to each.
    void find(std::string_view text, std::uint64_t base, std::vector<Hit>& hits) const;
    // In a file, in pieces. Throws core::OutsideFailure when it can't be read.
    std::vector<Hit> find_in_file(const std::string& path, std::uint64_t& bytes) const;

    const Needle& operator[](std::size_t place) const { return needles_[place]; }
    std::size_t size() const noexcept { return needles_.size(); }

private:
    std::vector<Needle> needles_;
    std::vector<std::uint64_t> may_begin_;  // a bit for each hash of eight bytes
    std::vector<std::uint32_t> first_;      // by hash: the first needle in by_hash_, and behind the last
    std::vector<std::uint32_t> by_hash_;
    std::size_t longest_ = 0;
};

// The ways in which a text may come to stand somewhere: as it is, in UTF-16 of both orders, in hexadecimal of both
// cases, percent-encoded, in base64 at each of three offsets (what doesn't depend on what stands beside it); digits
// also in groups of four, and full-width.
struct Disguise {
    std::string way;
    std::string text;
};
std::vector<Disguise> disguises_of(std::string_view text);

}  // namespace audit
