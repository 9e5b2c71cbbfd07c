#include "reconciliation/matching/marks.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace reconciliation::matching {

namespace {

constexpr std::size_t kStride = 64;

#if defined(__SSE2__)
// Bit i: byte i is `a` or `b`.
std::uint64_t bits_of(const char* bytes, char a, char b) {
    const __m128i first = _mm_set1_epi8(a);
    const __m128i second = _mm_set1_epi8(b);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < kStride; i += 16) {
        const __m128i chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i));
        const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(chunk, first), _mm_cmpeq_epi8(chunk, second));
        bits |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(hits))) << i;
    }
    return bits;
}
#else
std::uint64_t bits_of(const char* bytes, char a, char b) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < kStride; ++i) {
        bits |= static_cast<std::uint64_t>(bytes[i] == a || bytes[i] == b) << i;
    }
    return bits;
}
#endif

bool has_lone_return(std::string_view text) {
    for (auto at = text.find('\r'); at != std::string_view::npos; at = text.find('\r', at + 2)) {
        if (at + 1 == text.size() || text[at + 1] != '\n') {
            return true;
        }
    }
    return false;
}

}  // namespace

void Marks::find(std::string_view text, char separator) {
    if (capacity_ < text.size()) {  // every byte could be one
        capacity_ = text.size();
        positions_ = std::make_unique_for_overwrite<std::uint32_t[]>(capacity_ + 1);
        positions_[0] = ~std::uint32_t{0};
    }
    std::uint32_t* const first = positions_.get() + 1;
    std::uint32_t* out = first;
    for (std::size_t at = 0; at < text.size(); at += kStride) {
        std::uint64_t bits = bits_of(text.data() + at, separator, '\n');
        if (text.size() - at < kStride) {
            bits &= (std::uint64_t{1} << (text.size() - at)) - 1;
        }
        while (bits != 0) {
            *out++ = static_cast<std::uint32_t>(at) + static_cast<std::uint32_t>(std::countr_zero(bits));
            bits &= bits - 1;
        }
    }
    size_ = static_cast<std::size_t>(out - first);
}

std::uint64_t count_line_ends(std::string_view text) {
    std::uint64_t count = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    for (; static_cast<std::size_t>(end - at) >= kStride; at += kStride) {
        count += static_cast<std::uint64_t>(std::popcount(bits_of(at, '\n', '\n')));
    }
    count += static_cast<std::uint64_t>(std::count(at, end, '\n'));
    if (text.find('\r') != std::string_view::npos) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            count += text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n') ? 1 : 0;
        }
    }
    return count;
}

bool is_plain(std::string_view text) {
    return text.find('"') == std::string_view::npos && text.find('\0') == std::string_view::npos &&
           !has_lone_return(text);
}

}  // namespace reconciliation::matching
