// After a configuration was read, used and dropped, nothing of its keys is left in the process: what would be in a core
// dump or on a page that is swapped out. While it is used, keys lie only where both leave them out
// (core_base/secret_test.cpp).
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <sstream>

#include "configuration.h"
#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"
#include "core/crypto/random.h"

namespace config {
namespace {

constexpr char kMask = 0x5a;

// Itself never in memory as what it is looked for as.
std::string masked(std::string_view text) {
    std::string changed(text);
    for (char& c : changed) {
        c = static_cast<char>(c ^ kMask);
    }
    return changed;
}

int count_in(std::string_view memory, const std::string& masked_text) {
    int count = 0;
    for (std::size_t at = 0; at + masked_text.size() <= memory.size(); ++at) {
        std::size_t same = 0;
        while (same < masked_text.size() && static_cast<char>(memory[at + same] ^ kMask) == masked_text[same]) {
            ++same;
        }
        count += same == masked_text.size() ? 1 : 0;
    }
    return count;
}

// How often it stands in what this process may write to.
int times_in_memory(const std::string& masked_text) {
    std::ifstream maps("/proc/self/maps");
    std::ifstream memory("/proc/self/mem", std::ios::binary);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    for (std::string line; std::getline(maps, line);) {
        std::istringstream words(line);
        std::string range;
        std::string rights;
        words >> range >> rights;
        if (rights.starts_with("rw")) {
            const auto dash = range.find('-');
            ranges.emplace_back(std::stoull(range.substr(0, dash), nullptr, 16),
                                std::stoull(range.substr(dash + 1), nullptr, 16));
        }
    }
    int count = 0;
    std::string piece;
    for (const auto& [from, until] : ranges) {
        piece.resize(until - from);
        memory.clear();
        memory.seekg(static_cast<std::streamoff>(from));
        memory.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        const auto got = static_cast<std::size_t>(memory.gcount());
        count += count_in(std::string_view(piece).substr(0, got), masked_text);
        core::wipe(piece.data(), piece.size());
    }
    return count;
}

class KeyMemory : public Configuration {
protected:
    KeyMemory() {
        auto key = core::crypto::random_bytes(32);
        raw_ = masked(key);
        auto hex = core::crypto::hex_encode(key);
        hex_ = masked(hex);
        core::wipe(key.data(), key.size());
        hex += '\n';
        core::write_file(path("master.key"), hex, 0600);
        core::wipe(hex.data(), hex.size());
    }

    std::string raw_;
    std::string hex_;
};

TEST_F(KeyMemory, HoldsNoKeyOnceTheConfigurationIsGone) {
    {
        const auto settings = load(kBase);
        ASSERT_GT(times_in_memory(raw_), 0) << "the test doesn't see what is there";
        const auto wrapped = core::crypto::wrap_key(settings.wrapping_key, "", core::crypto::random_key());
        ASSERT_TRUE(core::crypto::unwrap_key(settings.wrapping_key, "", wrapped));
        (void)core::crypto::hmac_sha256(settings.master_key.reveal(), "a purpose");
    }
    EXPECT_EQ(times_in_memory(raw_), 0);
    EXPECT_EQ(times_in_memory(hex_), 0);
}

}  // namespace
}  // namespace config
