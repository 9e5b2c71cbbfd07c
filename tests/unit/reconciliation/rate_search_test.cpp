// The rate that would have given the channel's fees.
#include "reconciliation/impl/rate_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace reconciliation {
namespace {

config::FeeRate contract(std::int64_t basis_points, core::Rounding rounding = core::Rounding::half_up,
                         std::int64_t fixed = 0) {
    return {{}, *core::Currency::from_code("CNY"), basis_points, fixed, rounding, {}};
}

struct ChargedFee {
    std::int64_t amount;
    std::int64_t fee;
};

std::optional<FoundRate> find_rate(const std::vector<ChargedFee>& fees, const config::FeeRate& contract) {
    ChargedFees counted;
    for (const auto& one : fees) {
        counted.add(one.amount, one.fee);
    }
    return reconciliation::find_rate(counted, contract);
}

std::vector<ChargedFee> charged(std::int64_t basis_points, core::Rounding rounding, std::int64_t fixed = 0) {
    std::vector<ChargedFee> fees;
    std::mt19937_64 random(7);
    for (int i = 0; i < 60; ++i) {
        const auto amount = std::uniform_int_distribution<std::int64_t>(1, 5'000'000)(random);
        fees.push_back({amount, *core::scaled(amount, basis_points, 10'000, rounding) + fixed});
    }
    return fees;
}

TEST(TheRate, IsFoundWithItsRounding) {
    for (const auto rounding :
         {core::Rounding::half_up, core::Rounding::half_even, core::Rounding::down, core::Rounding::up}) {
        const auto found = find_rate(charged(38, rounding), contract(60));
        ASSERT_TRUE(found);
        EXPECT_EQ(found->basis_points, 38);
        EXPECT_EQ(found->fitting, 60U);
        EXPECT_EQ(found->payments, 60U);
        if (rounding == core::Rounding::down || rounding == core::Rounding::up) {
            EXPECT_EQ(found->rounding, rounding);
            EXPECT_EQ(found->equally_good, 1U);
        }
    }
}

TEST(TheRate, IsFoundWithAndWithoutTheContractsFixedPart) {
    EXPECT_EQ(
        find_rate(charged(290, core::Rounding::half_up, 30), contract(250, core::Rounding::half_up, 30))->fixed_minor,
        30);
    const auto without = find_rate(charged(290, core::Rounding::half_up), contract(290, core::Rounding::half_up, 30));
    ASSERT_TRUE(without);
    EXPECT_EQ(without->fixed_minor, 0);
    EXPECT_EQ(without->basis_points, 290);
}

TEST(TheRate, IsFoundWithAnotherFixedPart) {
    for (const std::int64_t fixed : {35, 12, 500}) {
        for (const auto rounding : {core::Rounding::half_up, core::Rounding::down}) {
            auto fees = charged(310, rounding, fixed);
            for (std::size_t i = 0; i < 20; ++i) {
                fees[i * 3].fee += 7;
            }
            const auto found = find_rate(fees, contract(290, core::Rounding::half_up, 30));
            ASSERT_TRUE(found) << fixed;
            EXPECT_EQ(found->fixed_minor, fixed);
            EXPECT_EQ(found->basis_points, 310);
            EXPECT_EQ(found->fitting, 40U);
            EXPECT_EQ(found->contract_fixed_minor, 30);
        }
    }
}

TEST(TheRate, IsNotMadeOfAFixedPartThatHardlyAnythingAgreesOn) {
    EXPECT_EQ(find_rate({{100'000, 705}, {900'000, 3'105}, {500'000, 1'905}}, contract(60)), std::nullopt)
        << "30 basis points and 405, for three payments";
    EXPECT_TRUE(find_rate({{100'000, 705}, {900'000, 3'105}, {500'000, 1'905}, {700'000, 2'505}}, contract(60)));
}

TEST(TheRate, OfTheContractIsNoAnswer) {
    EXPECT_EQ(find_rate(charged(60, core::Rounding::half_up), contract(60)), std::nullopt);
    auto one_odd = charged(60, core::Rounding::half_up);
    one_odd.front().fee += 1;
    EXPECT_EQ(find_rate(one_odd, contract(60)), std::nullopt);
}

TEST(TheRate, HasToFitMoreThanHalf) {
    auto fees = charged(38, core::Rounding::half_up);
    for (std::size_t i = 0; i < 29; ++i) {
        fees[i].fee += 100'000;
    }
    EXPECT_EQ(find_rate(fees, contract(60))->fitting, 31U);
    fees[29].fee += 100'000;
    EXPECT_EQ(find_rate(fees, contract(60)), std::nullopt);
}

TEST(TheRate, IsTheNearestOfThoseThatFitAsWell) {
    const auto found = find_rate({{1'000, 3}}, contract(60));  // 25 to 34 basis points, rounded to the nearest
    ASSERT_TRUE(found);
    EXPECT_EQ(found->basis_points, 34);
    EXPECT_GT(found->equally_good, 10U);
}

TEST(TheRate, IsTheSameInAnyOrder) {
    auto fees = charged(38, core::Rounding::up);
    const auto found = find_rate(fees, contract(60));
    std::reverse(fees.begin(), fees.end());
    EXPECT_EQ(find_rate(fees, contract(60)), found);
}

TEST(TheRate, IsNotLookedForInNothing) {
    EXPECT_EQ(find_rate(std::vector<ChargedFee>{}, contract(60)), std::nullopt);
    EXPECT_EQ(find_rate({{0, 5}, {-10, 3}}, contract(60)), std::nullopt);
}

}  // namespace
}  // namespace reconciliation
