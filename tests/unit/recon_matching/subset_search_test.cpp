#include "reconciliation/matching/subset_search.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

namespace reconciliation::matching {
namespace {

using Kind = SubsetAnswer::Kind;
using Amounts = std::vector<std::int64_t>;

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();

SubsetAnswer ask(const Amounts& left, const Amounts& right, std::int64_t tolerance = 0,
                 std::uint64_t budget = 1U << 24) {
    return search_subsets({left, right, tolerance, budget});
}

struct Case {
    const char* name;
    Amounts left;
    Amounts right;
    std::int64_t tolerance;
    Kind kind;
    Subset members;
};

class SubsetSearch : public testing::TestWithParam<Case> {};

TEST_P(SubsetSearch, AnswersWithKindAndMembers) {
    const auto& param = GetParam();

    const auto answer = ask(param.left, param.right, param.tolerance);

    EXPECT_EQ(answer.kind, param.kind);
    EXPECT_EQ(answer.members, param.members);
}

INSTANTIATE_TEST_SUITE_P(
    , SubsetSearch,
    testing::Values(
        Case{"OneToMany", {100}, {30, 45, 70}, 0, Kind::found, {{0}, {0, 2}}},
        Case{"ManyToOne", {30, 45, 70}, {75}, 0, Kind::found, {{0, 1}, {0}}},
        Case{"ManyToMany", {10, 20, 999}, {12, 18, 555}, 0, Kind::found, {{0, 1}, {0, 1}}},
        Case{"NothingFits", {100}, {30, 45}, 0, Kind::proved_none, {}},
        Case{"AnEmptySide", {100}, {}, 0, Kind::proved_none, {}},
        Case{"AmountsThatCancelOnOneSideOnly", {5, -5}, {7}, 0, Kind::proved_none, {}},
        Case{"TwoEqualCandidates", {50}, {50, 50}, 0, Kind::ambiguous, {}},
        Case{"OneOrTwoRecords", {30}, {30, 10, 20}, 0, Kind::ambiguous, {}},
        Case{"PairsInsideTheWhole", {3, 5}, {5, 3}, 0, Kind::found, {{0, 1}, {0, 1}}},
        Case{"PairsInsideTheirUnion", {3, 5, 40}, {3, 5, 100}, 0, Kind::found, {{0, 1}, {0, 1}}},
        Case{"AtTheTolerance", {100}, {60, 37}, 3, Kind::found, {{0}, {0, 1}}},
        Case{"BeyondTheTolerance", {100}, {60, 36}, 3, Kind::proved_none, {}},
        Case{"TheCloserOfTwo", {100}, {98, 99}, 5, Kind::found, {{0}, {1}}},
        Case{"AsFarAboveAsBelow", {100}, {99, 101}, 5, Kind::ambiguous, {}},
        Case{"RefundsAndPayments", {100, -30}, {70, 1000}, 0, Kind::found, {{0, 1}, {0}}},
        Case{"LargestAmounts", {kLargest, kLargest}, {kLargest, kLargest, 1}, 0, Kind::found, {{0, 1}, {0, 1}}},
        Case{"SmallestAmounts", {kSmallest, 1}, {kSmallest, 3}, 0, Kind::found, {{0}, {0}}},
        Case{"OppositeEnds", {kLargest}, {kSmallest}, kLargest, Kind::proved_none, {}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SubsetSearchLists, AllThatAreEquallyGood) {
    const auto answer = ask({50}, {50, 20, 30, 50});

    ASSERT_EQ(answer.kind, Kind::ambiguous);
    EXPECT_EQ(answer.equally_good_count, 3);
    ASSERT_EQ(answer.equally_good.size(), 3);
    for (const auto& subset : answer.equally_good) {
        std::int64_t sum = 0;
        for (const auto i : subset.right) {
            sum += Amounts{50, 20, 30, 50}[i];
        }
        EXPECT_EQ(sum, 50);
    }
}

TEST(SubsetSearchProves, APowersOfTwoSumAmongSixtyOfThem) {
    Amounts powers(60);
    for (std::size_t i = 0; i < powers.size(); ++i) {
        powers[i] = std::int64_t{1} << i;
    }
    const std::int64_t target = 0x0A5A'5A5A'5A5A'5A5A;

    const auto answer = ask({target}, powers);

    ASSERT_EQ(answer.kind, Kind::found);
    std::int64_t sum = 0;
    for (const auto i : answer.members.right) {
        sum += powers[i];
    }
    EXPECT_EQ(sum, target);
    EXPECT_LT(answer.sums_tried, 5000U);
}

TEST(SubsetSearchProves, NoneAmongTwoThousandEqualAmounts) {
    const auto answer = ask({1001}, Amounts(2000, 10));

    EXPECT_EQ(answer.kind, Kind::proved_none);
}

TEST(SubsetSearchCounts, AsFarAsItCan) {
    const auto answer = ask({1000}, Amounts(2000, 10));

    EXPECT_EQ(answer.kind, Kind::ambiguous);
    EXPECT_EQ(answer.equally_good_count, std::numeric_limits<std::uint32_t>::max());
    EXPECT_EQ(answer.equally_good.size(), 8U);
}

TEST(SubsetSearchTakes, ManyRecordsThatAddUpAsAWholeWithoutTrying) {
    Amounts parts(100'000, 7);

    const auto answer = ask({700'000}, parts);

    EXPECT_EQ(answer.kind, Kind::found);
    EXPECT_EQ(answer.members.right.size(), parts.size());
    EXPECT_EQ(answer.sums_tried, 0U);
}

TEST(SubsetSearchSays, ThatItsBudgetIsSpentAndHowFarItCame) {
    Amounts amounts(60);
    std::int64_t next = 1'000'003;
    for (auto& amount : amounts) {
        amount = next =
            static_cast<std::int64_t>((static_cast<std::uint64_t>(next) * 6'364'136'223'846'793'005U) >> 20U);
    }

    const auto answer = ask({std::int64_t{30} << 43U}, amounts, 0, 10'000);

    EXPECT_EQ(answer.kind, Kind::budget_spent);
    EXPECT_EQ(answer.sums_tried, 10'000U);
    EXPECT_GT(answer.amounts_joined, 10U);
    EXPECT_LT(answer.amounts_joined, 61U);
}

}  // namespace
}  // namespace reconciliation::matching
