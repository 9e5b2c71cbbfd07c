#include "ledger/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <numeric>

#include "core/failure.h"

namespace ledger {
namespace {

using testing::ElementsAre;

config::SplitShare basis_points(std::int64_t share) {
    return {.to = "payable:seller", .basis_points = share, .fixed_minor = {}, .remainder = false};
}
config::SplitShare fixed(std::int64_t minor) {
    return {.to = "payable:carrier", .basis_points = {}, .fixed_minor = minor, .remainder = false};
}
config::SplitShare between(std::int64_t share, std::optional<std::int64_t> least, std::optional<std::int64_t> most) {
    auto bounded = basis_points(share);
    bounded.at_least = least;
    bounded.at_most = most;
    return bounded;
}
config::SplitShare remainder() {
    return {.to = "income:commission", .basis_points = {}, .fixed_minor = {}, .remainder = true};
}

std::string shares_to_text(const std::vector<config::SplitShare>& shares) { return terms_to_text({"", shares}); }
std::optional<std::vector<config::SplitShare>> shares_from_text(const std::string& text) {
    const auto read = terms_from_text(text);
    return read ? std::optional(read->shares) : std::nullopt;
}

std::vector<std::int64_t> minors(const std::vector<SplitPart>& parts) {
    std::vector<std::int64_t> found;
    for (const auto& part : parts) {
        found.push_back(part.minor);
    }
    return found;
}

std::vector<std::int64_t> split_of(std::int64_t minor, const std::vector<config::SplitShare>& shares) {
    const auto parts = split(minor, shares);
    core::ensure(static_cast<bool>(parts), "the test's split fits");
    return minors(*parts);
}

std::int64_t sum_of(const std::vector<std::int64_t>& numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0});
}

TEST(Split, GivesTheRemainderToItsReceiver) {
    EXPECT_THAT(split_of(1001, {basis_points(9300), remainder()}), ElementsAre(930, 71));
    EXPECT_THAT(split_of(1001, {remainder(), basis_points(9300)}), ElementsAre(71, 930));
    EXPECT_THAT(split_of(0, {basis_points(9300), remainder()}), ElementsAre(0, 0));
    EXPECT_THAT(split_of(77, {remainder()}), ElementsAre(77));
}

TEST(Split, GivesSingleUnitsToTheLargestFractions) {
    // 3.333, 3.333 and 3.334 of 10: the one unit left over goes to the largest fraction.
    EXPECT_THAT(split_of(10, {basis_points(3333), basis_points(3333), basis_points(3334)}), ElementsAre(3, 3, 4));
    // 2.5 and 7.5 of 10 tie: the earlier share.
    EXPECT_THAT(split_of(10, {basis_points(2500), basis_points(7500)}), ElementsAre(3, 7));
    EXPECT_THAT(split_of(10, {basis_points(7500), basis_points(2500)}), ElementsAre(8, 2));
    // A share of nothing never gets a unit.
    EXPECT_THAT(split_of(1, {basis_points(0), basis_points(5000), basis_points(5000)}), ElementsAre(0, 1, 0));
}

TEST(Split, TakesFixedSharesFirst) {
    EXPECT_THAT(split_of(100, {basis_points(5000), fixed(30), remainder()}), ElementsAre(50, 30, 20));
    // Basis points are of the whole, and cut from the last on when too little is left.
    EXPECT_THAT(split_of(100, {fixed(70), basis_points(2000), basis_points(8000)}), ElementsAre(70, 20, 10));
    EXPECT_THAT(split_of(100, {fixed(100), basis_points(5000), remainder()}), ElementsAre(100, 0, 0));
}

TEST(Split, GivesNobodyMoreBasisPointsThanAtMost) {
    const std::vector<config::SplitShare> shares = {between(500, {}, 30), remainder()};
    EXPECT_THAT(split_of(580, shares), ElementsAre(29, 551));
    EXPECT_THAT(split_of(600, shares), ElementsAre(30, 570));
    EXPECT_THAT(split_of(620, shares), ElementsAre(30, 590));
    EXPECT_THAT(split_of(1'000'000, shares), ElementsAre(30, 999'970));
}

TEST(Split, SetsAsideWhatSharesGetAtLeastBeforeItSharesBasisPoints) {
    const std::vector<config::SplitShare> shares = {basis_points(9000), between(1000, 20, {})};
    EXPECT_THAT(split_of(1000, shares), ElementsAre(900, 100));
    EXPECT_THAT(split_of(100, shares), ElementsAre(80, 20));
    EXPECT_THAT(split_of(20, shares), ElementsAre(0, 20));
    // No more than there is, the earlier share first; what is fixed comes before both.
    EXPECT_THAT(split_of(19, shares), ElementsAre(0, 19));
    EXPECT_THAT(split_of(50, {between(5000, 30, {}), between(5000, 30, {})}), ElementsAre(30, 20));
    EXPECT_THAT(split_of(50, {between(5000, 30, {}), fixed(40), between(5000, 30, {})}), ElementsAre(10, 40, 0));
    EXPECT_THAT(split_of(0, shares), ElementsAre(0, 0));
}

TEST(Split, GivesNoFurtherUnitToAShareThatWasRaised) {
    // 40.5, 40.5 and 9: raised to 20, the third lacks nothing although the others were cut.
    EXPECT_THAT(split_of(90, {basis_points(4500), basis_points(4500), between(1000, 20, {})}), ElementsAre(40, 30, 20));
    // 49.5, 49.5 and 1: the third has its 1, the unit left over goes to the first.
    EXPECT_THAT(split_of(99, {basis_points(4950), between(100, 1, {}), basis_points(4950)}), ElementsAre(49, 1, 49));
    EXPECT_THAT(split_of(101, {between(100, 1, 1), basis_points(4950), basis_points(4950)}), ElementsAre(1, 50, 50));
}

TEST(Split, GivesTheRemainderToAShareOfBasisPointsToo) {
    auto seller = basis_points(5000);
    seller.remainder = true;
    EXPECT_THAT(split_of(101, {seller, basis_points(3000)}), ElementsAre(71, 30));
    EXPECT_THAT(split_of(101, {fixed(100), seller}), ElementsAre(100, 1));
}

TEST(Split, RefusesFixedSharesBeyondTheAmount) {
    const auto parts = split(100, {fixed(60), fixed(41), remainder()});
    ASSERT_FALSE(parts);
    EXPECT_EQ(parts.error(), SplitError::fixed_exceeds_amount);
    EXPECT_TRUE(split(100, {fixed(60), fixed(40), remainder()}));
}

TEST(Split, BreaksARuleRatherThanLoseAUnit) {
    EXPECT_THROW((void)split(-1, {remainder()}), core::BrokenRule);
    EXPECT_THROW((void)split(100, {}), core::BrokenRule);
    EXPECT_THROW((void)split(100, {fixed(50)}), core::BrokenRule);
    EXPECT_THROW((void)split(100, {basis_points(5000)}), core::BrokenRule);
}

TEST(Split, NamesTheReceiversInThePolicysOrder) {
    const auto parts = split(10, {remainder(), fixed(3)});
    ASSERT_TRUE(parts);
    EXPECT_EQ((*parts)[0].to.name(), "income:commission");
    EXPECT_EQ((*parts)[1].to.name(), "payable:carrier");
}

TEST(Split, HoldsForTheLargestAmount) {
    const std::int64_t most = core::kMinorMax;
    EXPECT_THAT(split_of(most, {basis_points(5000), basis_points(5000)}), ElementsAre(most / 2 + 1, most / 2));
    const std::int64_t beyond = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(sum_of(split_of(beyond, {basis_points(3333), basis_points(3333), basis_points(3334)})), beyond);
}

// Every policy of up to four receivers whose basis points stand on a grid, and every amount up to 200.
void for_every_policy(const std::function<void(const std::vector<config::SplitShare>&)>& use) {
    const std::vector<std::int64_t> grid = {0, 1, 1250, 3333, 5000, 9999};
    std::function<void(std::vector<config::SplitShare>, std::int64_t)> extend =
        [&](const std::vector<config::SplitShare>& shares, std::int64_t left) {
            auto whole = shares;
            whole.push_back(basis_points(left));
            use(whole);
            whole.back() = remainder();
            use(whole);
            if (shares.size() == 3) {
                return;
            }
            for (const auto share : grid) {
                if (share <= left) {
                    auto longer = shares;
                    longer.push_back(basis_points(share));
                    extend(longer, left - share);
                }
            }
        };
    extend({}, 10'000);
}

TEST(Split, LosesAndMakesNoUnitInAnySmallCase) {
    int cases = 0;
    for_every_policy([&](const std::vector<config::SplitShare>& shares) {
        for (std::int64_t minor = 0; minor <= 200; ++minor) {
            const auto parts = split_of(minor, shares);
            ASSERT_EQ(sum_of(parts), minor) << shares_to_text(shares);
            for (std::size_t i = 0; i < parts.size(); ++i) {
                if (!shares[i].basis_points) {
                    ASSERT_GE(parts[i], 0);
                    continue;
                }
                // Rounded down, or one more where a unit was left over and nobody named takes it.
                const auto down = minor * *shares[i].basis_points / 10'000;
                ASSERT_GE(parts[i], down) << minor << " " << shares_to_text(shares);
                ASSERT_LE(parts[i], down + (shares.back().remainder ? 0 : 1)) << minor << " " << shares_to_text(shares);
            }
            ++cases;
        }
    });
    EXPECT_GT(cases, 40'000);
}

TEST(Split, GivesUnitsByLargestFractionInAnySmallCase) {
    for_every_policy([&](const std::vector<config::SplitShare>& shares) {
        if (shares.back().remainder) {
            return;
        }
        for (std::int64_t minor = 0; minor <= 200; ++minor) {
            const auto parts = split_of(minor, shares);
            for (std::size_t a = 0; a < parts.size(); ++a) {
                for (std::size_t b = 0; b < parts.size(); ++b) {
                    const auto fraction = [&](std::size_t i) { return minor * *shares[i].basis_points % 10'000; };
                    const auto got = [&](std::size_t i) { return parts[i] - minor * *shares[i].basis_points / 10'000; };
                    // Who got a unit has the larger fraction, or stands earlier.
                    if (got(a) == 1 && got(b) == 0 && *shares[b].basis_points > 0) {
                        ASSERT_TRUE(fraction(a) > fraction(b) || (fraction(a) == fraction(b) && a < b))
                            << minor << " " << shares_to_text(shares);
                    }
                }
            }
        }
    });
}

std::vector<SplitPart> received(const std::vector<std::int64_t>& amounts) {
    std::vector<SplitPart> parts;
    for (const auto minor : amounts) {
        parts.push_back({*Account::from_name("payable:seller"), minor});
    }
    return parts;
}

TEST(GivenBack, FollowsTheProportionsOfWhatWasReceived) {
    EXPECT_THAT(given_back(received({93, 7}), 10), ElementsAre(10, 0));
    EXPECT_THAT(given_back(received({93, 7}), 50), ElementsAre(47, 3));
    EXPECT_THAT(given_back(received({93, 7}), 100), ElementsAre(93, 7));
    EXPECT_THAT(given_back(received({93, 7}), 0), ElementsAre(0, 0));
    // Ties go to the earlier share.
    EXPECT_THAT(given_back(received({5, 5}), 1), ElementsAre(1, 0));
    EXPECT_THAT(given_back(received({0, 5, 0}), 3), ElementsAre(0, 3, 0));
    EXPECT_THAT(given_back(received({0, 0}), 0), ElementsAre(0, 0));
}

TEST(GivenBack, RefusesMoreThanWasReceived) {
    EXPECT_THROW((void)given_back(received({93, 7}), 101), core::BrokenRule);
    EXPECT_THROW((void)given_back(received({93, 7}), -1), core::BrokenRule);
}

TEST(GivenBack, HoldsForTheLargestAmounts) {
    const std::int64_t most = core::kMinorMax;
    const auto back = given_back(received({most, 1, most}), most);
    EXPECT_EQ(sum_of(back), most);
    EXPECT_LE(back[1], 1);
}

TEST(GivenBack, KeepsR1ToR3InEverySmallCase) {
    for (std::int64_t a = 0; a <= 12; ++a) {
        for (std::int64_t b = 0; b <= 12; ++b) {
            for (std::int64_t c = 0; c <= 12; ++c) {
                const std::vector<std::int64_t> amounts = {a, b, c};
                const auto parts = received(amounts);
                std::vector<std::int64_t> before(3, 0);
                for (std::int64_t refunded = 0; refunded <= a + b + c; ++refunded) {
                    const auto back = given_back(parts, refunded);
                    ASSERT_EQ(sum_of(back), refunded);  // R1
                    for (std::size_t i = 0; i < 3; ++i) {
                        ASSERT_GE(back[i], before[i]);   // R2
                        ASSERT_LE(back[i], amounts[i]);  // R3
                    }
                    before = back;
                }
                ASSERT_EQ(before, amounts);  // R3: a full refund gives back everything
            }
        }
    }
}

TEST(SharesAsText, ComeBackAsTheyWere) {
    const std::vector<config::SplitShare> shares = {basis_points(9300), fixed(50), remainder()};
    const auto text = shares_to_text(shares);
    EXPECT_EQ(text, "payable:seller=b9300;payable:carrier=f50;income:commission=r");

    const auto read = shares_from_text(text);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 3U);
    EXPECT_EQ((*read)[0].to, "payable:seller");
    EXPECT_EQ((*read)[0].basis_points, 9300);
    EXPECT_EQ((*read)[1].fixed_minor, 50);
    EXPECT_TRUE((*read)[2].remainder);
    EXPECT_TRUE(shares_from_text("")->empty());
}

TEST(SharesAsText, NameTheSecondFormWhereTheFirstHasNoWords) {
    auto seller = between(9300, 100, 5000);
    seller.remainder = true;
    const auto text = shares_to_text({seller, between(700, {}, 30), fixed(50)});
    EXPECT_EQ(text,
              "v2;payable:seller=b9300,at_least=100,at_most=5000,remainder;payable:seller=b700,at_most=30;"
              "payable:carrier=f50");

    const auto read = shares_from_text(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(shares_to_text(*read), text);
    EXPECT_EQ((*read)[0].at_least, 100);
    EXPECT_EQ((*read)[0].at_most, 5000);
    EXPECT_TRUE((*read)[0].remainder);
    EXPECT_FALSE((*read)[1].at_least);
    EXPECT_FALSE((*read)[1].remainder);
    EXPECT_EQ((*read)[2].fixed_minor, 50);
}

TEST(SharesAsText, HaveTheTimeInFrontWhereItIsNotCapture) {
    config::SplitPolicy policy{"market", {basis_points(9300), remainder()}};
    for (const std::string when : {"fulfilment", "fulfilment+7", "capture+30", "2026-12-31"}) {
        policy.when = *config::split_time_from(when);
        const auto text = terms_to_text(policy);
        EXPECT_EQ(text, "v2;when=" + when + ";payable:seller=b9300;income:commission=r");
        const auto read = terms_from_text(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(read->when, policy.when);
        EXPECT_EQ(read->shares.size(), 2U);
    }
    EXPECT_EQ(terms_from_text("payable:seller=r")->when, config::SplitTime());
}

TEST(SharesAsText, RefuseAnotherForm) {
    for (const std::string text :
         {"payable:seller", "payable:seller=", "payable:seller=x5", "payable:seller=b", "payable:seller=b1.5",
          "payable:seller=b5;payable:carrier", ";", "payable:seller=b5,at_least=1",
          "v2;payable:seller=b5,at_least=", "v2;payable:seller=b5,at_best=1", "v2;payable:seller=b5,remainder=1",
          "v3;payable:seller=b5", "v2;when=soon;payable:seller=r", "when=capture+7;payable:seller=r"}) {
        EXPECT_FALSE(shares_from_text(text)) << text;
    }
}

}  // namespace
}  // namespace ledger
