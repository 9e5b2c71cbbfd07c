// Splits and refunds keep every minor unit, whatever the amounts.
#include "ledger/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace ledger {
namespace {

constexpr int kCases = 200'000;
constexpr std::uint64_t kSeed = 20261118;

__extension__ using Wide = __int128;

class Random {
public:
    std::int64_t up_to(std::int64_t most) {
        return static_cast<std::int64_t>(engine_() % (static_cast<std::uint64_t>(most) + 1));
    }
    // Every size of number alike, from one digit to the most the product takes.
    std::int64_t amount() {
        std::int64_t most = 9;
        for (std::int64_t digits = up_to(11); digits > 0; --digits) {
            most = most * 10 + 9;
        }
        return up_to(most);
    }

private:
    std::mt19937_64 engine_{kSeed};
};

config::SplitShare basis_points(std::int64_t share) {
    return {.to = "payable:seller", .basis_points = share, .fixed_minor = {}, .remainder = false};
}
config::SplitShare fixed(std::int64_t minor) {
    return {.to = "payable:carrier", .basis_points = {}, .fixed_minor = minor, .remainder = false};
}
config::SplitShare remainder() {
    return {.to = "income:commission", .basis_points = {}, .fixed_minor = {}, .remainder = true};
}

std::int64_t sum_of(const std::vector<SplitPart>& parts) {
    return std::accumulate(parts.begin(), parts.end(), std::int64_t{0},
                           [](std::int64_t sum, const SplitPart& part) { return sum + part.minor; });
}

// A policy as the configuration allows it: basis points that reach the whole, or somebody who takes the rest.
std::vector<config::SplitShare> random_shares(Random& random, std::int64_t minor) {
    std::vector<config::SplitShare> shares;
    std::int64_t left = 10'000;
    for (std::int64_t count = random.up_to(4); count > 0; --count) {
        const auto share = random.up_to(left);
        shares.push_back(basis_points(share));
        left -= share;
    }
    if (random.up_to(2) == 0) {
        shares.insert(shares.begin(), fixed(random.up_to(minor / 4)));
    }
    if (random.up_to(1) == 0) {
        shares.push_back(basis_points(left));
    } else {
        shares.push_back(remainder());
    }
    return shares;
}

TEST(SplitProperty, SharesOutEveryUnitAndEachShareToWithinOne) {
    Random random;
    for (int i = 0; i < kCases; ++i) {
        const auto minor = random.amount();
        const auto shares = random_shares(random, minor);
        const auto parts = split(minor, shares);
        ASSERT_TRUE(parts) << minor;
        ASSERT_EQ(sum_of(*parts), minor) << shares_to_text(shares);
        const bool has_fixed = shares.front().fixed_minor.has_value();
        for (std::size_t n = 0; n < shares.size(); ++n) {
            const auto part = (*parts)[n].minor;
            ASSERT_GE(part, 0) << minor << " " << shares_to_text(shares);
            if (shares[n].fixed_minor) {
                ASSERT_EQ(part, *shares[n].fixed_minor);
            } else if (shares[n].basis_points && !has_fixed) {
                const auto exact = static_cast<Wide>(minor) * *shares[n].basis_points;
                ASSERT_LT(exact - static_cast<Wide>(part) * 10'000, 10'000) << minor << " " << shares_to_text(shares);
                ASSERT_GT(exact - static_cast<Wide>(part) * 10'000, -10'000) << minor << " " << shares_to_text(shares);
            }
        }
    }
}

TEST(SplitProperty, SurvivesBeingKeptAsText) {
    Random random;
    for (int i = 0; i < kCases / 10; ++i) {
        const auto shares = random_shares(random, random.amount());
        const auto text = shares_to_text(shares);
        const auto read = shares_from_text(text);
        ASSERT_TRUE(read) << text;
        ASSERT_EQ(shares_to_text(*read), text);
        ASSERT_EQ(read->size(), shares.size());
    }
}

std::vector<SplitPart> random_received(Random& random) {
    std::vector<SplitPart> received;
    for (std::int64_t count = 1 + random.up_to(5); count > 0; --count) {
        received.push_back({*Account::from_name("payable:seller"), random.amount()});
    }
    return received;
}

TEST(GivenBackProperty, KeepsR1ToR3ForAnyTwoRefundsInARow) {
    Random random;
    for (int i = 0; i < kCases; ++i) {
        const auto received = random_received(random);
        const auto total = sum_of(received);
        auto first = random.up_to(total);
        auto second = random.up_to(total);
        if (first > second) {
            std::swap(first, second);
        }
        const auto before = given_back(received, first);
        const auto after = given_back(received, second);
        ASSERT_EQ(std::accumulate(before.begin(), before.end(), std::int64_t{0}), first);  // R1
        ASSERT_EQ(std::accumulate(after.begin(), after.end(), std::int64_t{0}), second);
        for (std::size_t n = 0; n < received.size(); ++n) {
            ASSERT_GE(before[n], 0);
            ASSERT_LE(before[n], after[n]) << "refunded " << first << " then " << second;  // R2
            ASSERT_LE(after[n], received[n].minor);                                        // R3
        }
    }
}

// d'Hondt as the textbook says it: unit by unit to the largest quotient.
std::vector<std::int64_t> unit_by_unit(const std::vector<SplitPart>& received, std::int64_t refunded) {
    std::vector<std::int64_t> back(received.size(), 0);
    for (; refunded > 0; --refunded) {
        std::size_t best = 0;
        for (std::size_t i = 1; i < received.size(); ++i) {
            if (static_cast<Wide>(received[i].minor) * (back[best] + 1) >
                static_cast<Wide>(received[best].minor) * (back[i] + 1)) {
                best = i;
            }
        }
        ++back[best];
    }
    return back;
}

TEST(GivenBackProperty, IsTheHighestAveragesApportionment) {
    Random random;
    for (int i = 0; i < kCases / 20; ++i) {
        std::vector<SplitPart> received;
        for (std::int64_t count = 1 + random.up_to(4); count > 0; --count) {
            received.push_back({*Account::from_name("payable:seller"), random.up_to(60)});
        }
        const auto refunded = random.up_to(sum_of(received));
        ASSERT_EQ(given_back(received, refunded), unit_by_unit(received, refunded));
    }
}

}  // namespace
}  // namespace ledger
