#include "audit/needles.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "tests/support/command.h"

namespace audit {
namespace {

std::vector<std::string> ways_found(const Needles& needles, const std::vector<Disguise>& ways, std::string_view text) {
    std::vector<Needles::Hit> hits;
    needles.find(text, 0, hits);
    std::vector<std::string> found;
    for (const auto& hit : hits) {
        found.push_back(ways[hit.needle].way);
    }
    return found;
}

TEST(Needles, FindEachWayInWhichATextIsWritten) {
    const std::string card = "6221558812340000";
    const auto ways = disguises_of(card);
    std::vector<Needle> list;
    for (const auto& way : ways) {
        list.push_back({way.text, 0});
    }
    const Needles needles(list);
    EXPECT_GE(ways.size(), 10U);
    using Found = std::vector<std::string>;
    EXPECT_EQ(ways_found(needles, ways, "no 6221558812340000."), Found{"plain"});
    EXPECT_EQ(ways_found(needles, ways, "6221 5588 1234 0000"), Found{"grouped"});
    EXPECT_EQ(ways_found(needles, ways, core::crypto::hex_encode(card)), Found{"hex"});
    for (const std::string before : {"", "a", "bc", "def", "{\"n\":\""}) {
        EXPECT_EQ(ways_found(needles, ways, core::crypto::base64_encode(before + card + "\"}")), Found{"base64"});
    }
    EXPECT_TRUE(ways_found(needles, ways, "6221558812340001 622155881234000").empty());
}

// Beside looking at every place.
TEST(Needles, AreFoundWhereverTheyStandInAFile) {
    const test_support::TestFolder folder;
    std::mt19937_64 random(7);
    std::vector<Needle> list;
    for (std::size_t i = 0; i < 60; ++i) {
        std::string text;
        for (auto left = Needles::kShortest + random() % 90; left > 0; --left) {
            text += static_cast<char>('a' + random() % 3);
        }
        list.push_back({text, i});
    }
    const Needles needles(list);
    std::string text;
    while (text.size() < (std::size_t{3} << 20U)) {
        // Some stand across the ends of what is read at a time.
        text += random() % 8 == 0 ? list[random() % list.size()].text : std::string(random() % 4000, 'x');
    }
    for (const std::size_t border : {std::size_t{1} << 20U, std::size_t{2} << 20U}) {
        text.replace(border - 7, list[3].text.size(), list[3].text);
    }
    test_support::write_text(folder.path() / "t", text);
    std::size_t expected = 0;
    for (const auto& needle : list) {
        for (auto at = text.find(needle.text); at != std::string::npos; at = text.find(needle.text, at + 1)) {
            ++expected;
        }
    }
    std::uint64_t bytes = 0;
    const auto hits = needles.find_in_file((folder.path() / "t").string(), bytes);
    EXPECT_EQ(bytes, text.size());
    EXPECT_EQ(hits.size(), expected);
    EXPECT_GT(expected, 30U);
    for (const auto& hit : hits) {
        EXPECT_EQ(text.compare(hit.at, list[hit.needle].text.size(), list[hit.needle].text), 0);
    }
    EXPECT_THROW((void)needles.find_in_file((folder.path() / "none").string(), bytes), core::OutsideFailure);
}

}  // namespace
}  // namespace audit
