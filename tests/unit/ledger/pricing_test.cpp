#include "ledger/pricing.h"

#include <gtest/gtest.h>

#include <random>

namespace ledger {
namespace {

const core::Currency kCny = *core::Currency::from_code("CNY");

core::BusinessDay day(const char* text) { return *core::parse_day(text); }
core::Instant instant(const char* text) { return *core::parse_rfc3339(text); }

// 0.15 a call up to ten, 0.09 up to twenty, then 0.04.
const config::PlanPrice kTiered{"call", 100, {{10, 15}, {20, 9}, {std::nullopt, 4}}};

struct Row {
    const char* name;
    config::PlanPrice price;
    core::Rounding rounding;
    std::int64_t volume;
    std::optional<std::int64_t> minor;
};

class PriceOf : public testing::TestWithParam<Row> {};

TEST_P(PriceOf, TheWholeVolume) {
    const auto& row = GetParam();
    EXPECT_EQ(price_of(row.price, row.rounding, row.volume), row.minor);
}

constexpr auto kUp = core::Rounding::half_up;
const config::PlanPrice kEach{"call", 1, {{std::nullopt, 250}}};
const config::PlanPrice kThird{"call", 3, {{std::nullopt, 1}}};
const config::PlanPrice kHalf{"call", 2, {{std::nullopt, 1}}};
const config::PlanPrice kDear{"call", 1, {{std::nullopt, core::kMinorMax}}};
const config::PlanPrice kGraduated{"call", 1, {{10, 15}, {20, 9}, {std::nullopt, 4}}};

INSTANTIATE_TEST_SUITE_P(
    , PriceOf,
    testing::Values(Row{"None", kEach, kUp, 0, 0}, Row{"One", kEach, kUp, 1, 250}, Row{"Many", kEach, kUp, 7, 1750},
                    Row{"BelowATiersEnd", kGraduated, kUp, 9, 135}, Row{"AtATiersEnd", kGraduated, kUp, 10, 150},
                    Row{"BehindATiersEnd", kGraduated, kUp, 11, 159}, Row{"AtTheNext", kGraduated, kUp, 20, 240},
                    Row{"BehindTheNext", kGraduated, kUp, 21, 244}, Row{"FarBehind", kGraduated, kUp, 1020, 4240},
                    Row{"AThird", kThird, kUp, 1, 0}, Row{"TwoThirds", kThird, kUp, 2, 1},
                    Row{"AThirdUp", kThird, core::Rounding::up, 1, 1},
                    Row{"TwoThirdsDown", kThird, core::Rounding::down, 2, 0},
                    Row{"WholeUp", kThird, core::Rounding::up, 3, 1}, Row{"AHalfUp", kHalf, kUp, 1, 1},
                    Row{"AHalfToEven", kHalf, core::Rounding::half_even, 1, 0},
                    Row{"ThreeHalvesToEven", kHalf, core::Rounding::half_even, 3, 2},
                    Row{"TheMost", kDear, kUp, 1, core::kMinorMax}, Row{"MoreThanTheMost", kDear, kUp, 2, {}},
                    Row{"TheLargestVolume", kThird, kUp, config::kVolumeMax, 333'333'333'333},
                    Row{"DearAndLarge", kDear, kUp, config::kVolumeMax, {}},
                    Row{"BeyondTheLargestVolume", kThird, kUp, config::kVolumeMax + 1, {}},
                    Row{"BelowZero", kThird, kUp, -1, {}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(PriceOfNext, AddsUpToThePriceOfTheWholeHoweverItIsCharged) {
    constexpr std::uint64_t kSeed = 20261118;
    std::mt19937_64 random(kSeed);
    const auto below = [&](std::uint64_t end) { return static_cast<std::int64_t>(random() % end); };
    for (int plan = 0; plan < 300; ++plan) {
        SCOPED_TRACE("seed " + std::to_string(kSeed) + ", plan " + std::to_string(plan));
        config::PlanPrice price{"call", below(2000) + 1, {}};
        for (std::int64_t tier = below(4), up_to = 0; tier > 0; --tier) {
            up_to += below(300) + 1;
            price.tiers.push_back({up_to, below(3000)});
        }
        price.tiers.push_back({std::nullopt, below(3000)});
        const auto rounding = static_cast<core::Rounding>(plan % 4);
        std::int64_t volume = 0;
        std::int64_t charged = 0;
        for (int i = 0; i < 200; ++i) {
            const auto quantity = i % 2 == 0 ? 1 : below(40) + 1;
            const auto next = price_of_next(price, rounding, volume, quantity);
            ASSERT_TRUE(next);
            ASSERT_GE(*next, 0) << "M3";
            volume += quantity;
            charged += *next;
            ASSERT_EQ(charged, price_of(price, rounding, volume)) << "M2, at " << volume;
        }
    }
}

TEST(PriceOfNext, IsNothingWhereAVolumeLeavesItsBounds) {
    EXPECT_EQ(price_of_next(kTiered, kUp, config::kVolumeMax, 1), std::nullopt);
    EXPECT_EQ(price_of_next(kTiered, kUp, config::kVolumeMax - 100, 100), 4);
    EXPECT_EQ(price_of_next(kTiered, kUp, 1, INT64_MAX), std::nullopt);
}

TEST(Minimum, IsWhatLacks) {
    config::Plan plan{.name = "api", .currency = kCny, .minimum_minor = 500};
    EXPECT_EQ(lacking_to_minimum(plan, 0), 500);
    EXPECT_EQ(lacking_to_minimum(plan, 499), 1);
    EXPECT_EQ(lacking_to_minimum(plan, 500), 0);
    EXPECT_EQ(lacking_to_minimum(plan, 501), 0);
}

TEST(Periods, AreDaysOrMonthsOfThePlansZone) {
    config::Plan plan{.name = "api", .currency = kCny, .time_zone = "Asia/Shanghai"};
    EXPECT_EQ(period_of(plan, instant("2026-11-30T15:59:59Z")), day("2026-11-01"));
    EXPECT_EQ(period_of(plan, instant("2026-11-30T16:00:00Z")), day("2026-12-01"));
    EXPECT_EQ(period_end(plan, day("2026-11-01")), instant("2026-11-30T16:00:00Z"));
    EXPECT_EQ(period_end(plan, day("2026-12-01")), instant("2026-12-31T16:00:00Z"));
    plan.period = config::BillingPeriod::day;
    EXPECT_EQ(period_of(plan, instant("2026-11-30T15:59:59Z")), day("2026-11-30"));
    EXPECT_EQ(period_end(plan, day("2026-11-30")), instant("2026-11-30T16:00:00Z"));
}

// A period has one version: the newest that was valid when it began.
TEST(Plans, AreInForceFromThePeriodThatBeginsOnOrAfterTheirDay) {
    const config::Plan first{.name = "api", .currency = kCny, .minimum_minor = 1};
    const config::Plan second{.name = "api", .currency = kCny, .valid_from = day("2026-11-15"), .minimum_minor = 2};
    const config::Plan third{.name = "api", .currency = kCny, .valid_from = day("2027-01-01"), .minimum_minor = 3};
    const std::vector<config::Plan> plans{third, first, second};
    const auto version = [&](const char* at) { return plan_in_force(plans, "api", instant(at))->minimum_minor; };
    EXPECT_EQ(version("2026-11-14T00:00:00Z"), 1);
    EXPECT_EQ(version("2026-11-30T23:59:59Z"), 1) << "the period began before";
    EXPECT_EQ(version("2026-12-01T00:00:00Z"), 2);
    EXPECT_EQ(version("2027-01-01T00:00:00Z"), 3);
    EXPECT_EQ(plan_in_force(plans, "other", instant("2027-01-01T00:00:00Z")), nullptr);
    EXPECT_EQ(plan_in_force({third}, "api", instant("2026-12-31T00:00:00Z")), nullptr);
}

}  // namespace
}  // namespace ledger
