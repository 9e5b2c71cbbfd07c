// The first stage where the machine has nothing better: a byte at a time.
#include <bit>

#include "audit/impl/scan_masks.h"

namespace audit::impl {
namespace {

DUIZHANG_INLINE Masks masks(const char* bytes) {
    Masks m{};
    for (unsigned i = 0; i < 64; ++i) {
        const auto byte = static_cast<std::uint8_t>(bytes[i]);
        const auto set = [i](std::uint64_t& mask, bool holds) { mask |= std::uint64_t{holds} << i; };
        const auto folded = static_cast<std::uint8_t>(byte | 0x20U);
        const auto separator = kSeparators.of(byte);
        const auto quad = kQuads.of(byte);
        set(m.digit, byte >= '0' && byte <= '9');
        set(m.three, byte == '3');
        set(m.single, (separator & kSingle) != 0);
        set(m.compound, (separator & kCompound) != 0);
        set(m.escape, (separator & kEscape) != 0);
        set(m.newline, byte == '\n');
        set(m.quad[0], (quad & kQuad0) != 0);
        set(m.quad[1], (quad & kQuad1) != 0);
        set(m.quad[2], (quad & kQuad2) != 0);
        set(m.quad[3], (quad & kQuad3) != 0);
        set(m.wide, byte == 0xEF);
        set(m.gzip, byte == 0x1F);
        set(m.dash, byte == '-');
        set(m.underscore, byte == '_');
        set(m.c, folded == 'c');
        set(m.e, folded == 'e');
        set(m.k, folded == 'k');
        set(m.v, folded == 'v');
        set(m.y, folded == 'y');
        set(m.r, folded == 'r');
        set(m.b, folded == 'b');
    }
    return m;
}

#include "audit/impl/scan_walk.inc"

}  // namespace

std::size_t find_triggers_plain(std::string_view text, std::size_t from, std::size_t until, std::vector<Trigger>& out) {
    return walk(text, from, until, out);
}

}  // namespace audit::impl
