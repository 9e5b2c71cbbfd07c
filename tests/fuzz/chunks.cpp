// The chunks of a kept statement, as somebody with the database may have left them. Each line of the input is a chunk
// to open: its number in the stream as it was sealed (0 to 3), and behind it what was done to it: nothing, "x" and a
// byte's place (that byte is another one), "-" (its end is cut off), "+" and what stands behind it, "=" and what stands
// there instead, "i" (another statement's).
#include <array>

#include "core/crypto/envelope.h"
#include "tests/fuzz/fuzz.h"

namespace {

namespace crypto = core::crypto;

constexpr std::size_t kChunks = 4;
constexpr const char* kIdentity = "statement";

struct Stream {
    Stream() : key(std::string(crypto::kEnvelopeKeyBytes, 'k')) {
        crypto::ChunkSealer sealer(key);
        header = sealer.header();
        for (std::size_t i = 0; i < kChunks; ++i) {
            plain.at(i) = std::string(i * 7, static_cast<char>('a' + i));
            sealed.at(i) = sealer.seal(plain.at(i), kIdentity, i + 1 == kChunks);
        }
    }
    core::KeyBytes key;
    std::string header;
    std::array<std::string, kChunks> plain;
    std::array<std::string, kChunks> sealed;
};

const Stream& stream() {
    static const Stream one;
    return one;
}

std::string tampered(std::string chunk, std::string_view how) {
    if (how.empty()) {
        return chunk;
    }
    const auto rest = how.substr(1);
    switch (how.front()) {
        case 'x':
            if (!rest.empty()) {
                auto& byte = chunk.at(static_cast<unsigned char>(rest.front()) % chunk.size());
                byte = static_cast<char>(byte ^ (1 + static_cast<unsigned char>(rest.back()) % 255));
            }
            return chunk;
        case '-':
            return chunk.substr(0, chunk.size() - 1);
        case '+':
            return chunk.append(rest);
        case '=':
            return std::string(rest);
        default:
            return chunk;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto& genuine = stream();
    fuzz::Input input(data, size);
    crypto::ChunkOpener opener(genuine.key, genuine.header);
    std::size_t next = 0;
    bool may_open = true;
    while (!input.empty()) {
        const auto line = input.line();
        const auto number = line.empty() ? 0 : static_cast<unsigned char>(line.front()) % kChunks;
        const auto how = line.empty() ? line : line.substr(1);
        const auto chunk = tampered(genuine.sealed.at(number), how);
        const bool is_another = how.starts_with('i');
        const bool is_next = may_open && next < kChunks && !is_another && chunk == genuine.sealed.at(next);
        const auto opened = opener.open(chunk, is_another ? "another" : kIdentity);
        fuzz::promise(opened.has_value() == is_next,
                      "what opens is the next chunk, as it was sealed, and nothing else");
        if (opened) {
            fuzz::promise(opened->bytes == genuine.plain.at(next), "it says what was sealed");
            fuzz::promise(opened->last == (next + 1 == kChunks), "the last is the last");
            ++next;
        } else if (chunk.size() >= 17) {
            may_open = false;
        }
    }
    return 0;
}
