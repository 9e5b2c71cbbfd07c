// search_subsets() against looking at every subset there is.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "reconciliation/matching/subset_search.h"

namespace reconciliation::matching {
namespace {

using Kind = SubsetAnswer::Kind;
__extension__ using Wide = __int128;

struct Truth {
    std::vector<std::uint32_t> closest;  // bits: left's first, then right's
    Wide distance = -1;
};

Wide difference_of(const std::vector<std::int64_t>& left, const std::vector<std::int64_t>& right, std::uint32_t bits) {
    Wide sum = 0;
    for (std::size_t i = 0; i < left.size() + right.size(); ++i) {
        if ((bits >> i & 1U) != 0) {
            sum += i < left.size() ? Wide{left[i]} : -Wide{right[i - left.size()]};
        }
    }
    return sum;
}

Truth every_subset(const std::vector<std::int64_t>& left, const std::vector<std::int64_t>& right,
                   std::int64_t tolerance) {
    Truth truth;
    const std::uint32_t left_bits = (1U << left.size()) - 1;
    for (std::uint32_t bits = 0; bits < 1U << (left.size() + right.size()); ++bits) {
        const Wide sum = difference_of(left, right, bits);
        const Wide distance = sum < 0 ? -sum : sum;
        if ((bits & left_bits) == 0 || (bits & ~left_bits) == 0 || distance > tolerance) {
            continue;
        }
        if (truth.distance < 0 || distance < truth.distance) {
            truth = {{}, distance};
        }
        if (distance == truth.distance) {
            truth.closest.push_back(bits);
        }
    }
    return truth;
}

std::uint32_t bits_of(const Subset& subset, std::size_t left) {
    std::uint32_t bits = 0;
    for (const auto i : subset.left) {
        bits |= 1U << i;
    }
    for (const auto i : subset.right) {
        bits |= 1U << (left + i);
    }
    return bits;
}

void expect_truth(const std::vector<std::int64_t>& left, const std::vector<std::int64_t>& right,
                  std::int64_t tolerance) {
    const Truth truth = every_subset(left, right, tolerance);
    const auto answer = search_subsets({left, right, tolerance});
    if (truth.closest.empty()) {
        ASSERT_EQ(answer.kind, Kind::proved_none);
        return;
    }
    std::uint32_t all = 0;
    for (const auto bits : truth.closest) {
        all |= bits;
    }
    const bool one_holds_all = std::find(truth.closest.begin(), truth.closest.end(), all) != truth.closest.end();
    ASSERT_EQ(answer.kind, one_holds_all ? Kind::found : Kind::ambiguous);
    if (one_holds_all) {
        ASSERT_EQ(bits_of(answer.members, left.size()), all);
        ASSERT_EQ(Wide{answer.difference}, difference_of(left, right, all));
        return;
    }
    ASSERT_EQ(answer.equally_good_count, truth.closest.size());
    ASSERT_EQ(answer.equally_good.size(), std::min<std::size_t>(8, truth.closest.size()));
    std::set<std::uint32_t> listed;
    for (const auto& subset : answer.equally_good) {
        const auto bits = bits_of(subset, left.size());
        ASSERT_NE(std::find(truth.closest.begin(), truth.closest.end(), bits), truth.closest.end());
        listed.insert(bits);
    }
    ASSERT_EQ(listed.size(), answer.equally_good.size());
}

// All cases of up to three amounts a side out of -2 to 4, at each small tolerance.
TEST(EverySmallCase, IsAnsweredAsLookingAtEverySubsetDoes) {
    constexpr std::int64_t kLow = -2;
    constexpr std::int64_t kRange = 7;
    const auto amounts = [](std::size_t count, std::int64_t number) {
        std::vector<std::int64_t> result;
        for (; count > 0; --count, number /= kRange) {
            result.push_back(kLow + number % kRange);
        }
        return result;
    };
    const auto cases = [](std::size_t count) { return count == 1 ? kRange : count == 2 ? 49 : 343; };
    for (std::size_t left = 1; left <= 3; ++left) {
        for (std::size_t right = 1; right <= 3 && left + right < 6; ++right) {
            for (std::int64_t l = 0; l < cases(left); ++l) {
                for (std::int64_t r = 0; r < cases(right); ++r) {
                    ASSERT_NO_FATAL_FAILURE(expect_truth(amounts(left, l), amounts(right, r), (l + r) % 3));
                }
            }
        }
    }
}

TEST(RandomCases, AreAnsweredAsLookingAtEverySubsetDoes) {
    std::mt19937_64 random(20261123);
    const std::vector<std::int64_t> widths = {3, 20, 1000, 1'000'000'000'000, INT64_MAX};
    for (int round = 0; round < 3000; ++round) {
        const auto width = widths[random() % widths.size()];
        const auto amounts = [&] {
            std::vector<std::int64_t> result(1 + random() % 6);
            for (auto& amount : result) {
                amount = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(width)) + 1;
                amount = random() % 8 == 0 ? -amount : amount;
            }
            return result;
        };
        auto left = amounts();
        auto right = amounts();
        if (random() % 2 == 0) {
            right[0] = left[0];
        }
        const auto tolerance =
            static_cast<std::int64_t>(random() % 4 == 0 ? random() % static_cast<std::uint64_t>(width) : 0);
        ASSERT_NO_FATAL_FAILURE(expect_truth(left, right, tolerance)) << "round " << round;
    }
}

TEST(TheOrderOfAmounts, ChangesOnlyTheirIndices) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 300; ++round) {
        std::vector<std::int64_t> left(8);
        std::vector<std::int64_t> right(6);
        for (auto* side : {&left, &right}) {
            for (auto& amount : *side) {
                amount = static_cast<std::int64_t>(random() % 60) + 1;
            }
        }
        const auto before = search_subsets({left, right, 1});
        const auto amounts = [&](const SubsetAnswer& answer) {
            std::multiset<std::int64_t> all;
            for (const auto i : answer.members.left) {
                all.insert(left[i]);
            }
            for (const auto i : answer.members.right) {
                all.insert(-right[i]);
            }
            return all;
        };
        const auto members = amounts(before);
        std::shuffle(left.begin(), left.end(), random);
        std::shuffle(right.begin(), right.end(), random);
        const auto after = search_subsets({left, right, 1});
        ASSERT_EQ(after.kind, before.kind);
        ASSERT_EQ(after.equally_good_count, before.equally_good_count);
        ASSERT_EQ(after.sums_tried, before.sums_tried);
        ASSERT_EQ(amounts(after), members);
    }
}

}  // namespace
}  // namespace reconciliation::matching
