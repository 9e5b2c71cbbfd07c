#include "reconciliation/impl/movement_set.h"

#include <gmock/gmock.h>

#include <random>
#include <set>

namespace reconciliation {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::map<std::int64_t, MovementSet::Runs> blocks_of(const MovementSet& set) {
    std::map<std::int64_t, MovementSet::Runs> blocks;
    set.each_block([&](std::int64_t block, const MovementSet::Runs& runs) { blocks.emplace(block, runs); });
    return blocks;
}

TEST(MovementSet, TellsRunsOfNumbersByBlock) {
    MovementSet set;
    for (const std::int64_t number : {7, 5, 6, 9, 4095, 4096, 4097, 8192 * 3}) {
        set.add(number);
    }
    EXPECT_THAT(blocks_of(set),
                ElementsAre(Pair(0, ElementsAre(Pair(5, 7), Pair(9, 9), Pair(4095, 4095))),
                            Pair(1, ElementsAre(Pair(4096, 4097))), Pair(6, ElementsAre(Pair(24576, 24576)))));
}

TEST(MovementSet, HoldsANumberOnce) {
    MovementSet set;
    set.add(3);
    set.add(3);
    EXPECT_EQ(set.size(), 1U);
    set.remove(3);
    set.remove(3);
    set.remove(1'000'000);
    EXPECT_EQ(set.size(), 0U);
    EXPECT_TRUE(blocks_of(set).empty()) << "a block without numbers is none";
}

TEST(MovementSet, IsASetForAnyNumbers) {
    std::mt19937_64 random(11);
    MovementSet set;
    std::set<std::int64_t> expected;
    for (int i = 0; i < 20'000; ++i) {
        const auto number = static_cast<std::int64_t>(random() % 50'000);
        if (random() % 3 == 0) {
            set.remove(number);
            expected.erase(number);
        } else {
            set.add(number);
            expected.insert(number);
        }
    }
    EXPECT_EQ(set.size(), expected.size());
    std::set<std::int64_t> told;
    for (const auto& [block, runs] : blocks_of(set)) {
        for (const auto& [first, last] : runs) {
            EXPECT_EQ(first / MovementSet::kBlock, block);
            EXPECT_EQ(last / MovementSet::kBlock, block);
            for (auto number = first; number <= last; ++number) {
                told.insert(number);
                EXPECT_TRUE(set.contains(number));
            }
        }
    }
    EXPECT_EQ(told, expected);
}

}  // namespace
}  // namespace reconciliation
