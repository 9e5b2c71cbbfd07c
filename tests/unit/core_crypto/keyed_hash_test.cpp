#include "core/crypto/keyed_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace core::crypto {
namespace {

TEST(KeyedHash, OfSeveralTextsAtOnceIsThatOfEach) {
    const KeyedHash hash(KeyedHash::Key{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    std::string letters;
    for (int i = 0; i < 400; ++i) {
        letters.push_back(static_cast<char>(i * 37));
    }
    for (std::size_t size = 0; size <= 300; ++size) {
        KeyedHash::Texts texts;
        for (std::size_t lane = 0; lane < KeyedHash::kAtOnce; ++lane) {
            const std::size_t others = lane % 3 == 0 ? size : size * lane / 5;
            texts[lane] = std::string_view(letters).substr(lane, std::min<std::size_t>(others, 300));
        }
        const auto several = hash.of(texts);
        const auto several_short = hash.short_of(texts);
        for (std::size_t lane = 0; lane < KeyedHash::kAtOnce; ++lane) {
            const Hash128 one = hash.of(texts[lane]);
            ASSERT_EQ(several[lane].first, one.first) << size << ", " << lane;
            ASSERT_EQ(several[lane].second, one.second) << size << ", " << lane;
            ASSERT_EQ(several_short[lane], hash.short_of(texts[lane])) << size << ", " << lane;
        }
    }
}

}  // namespace
}  // namespace core::crypto
