// Splits and refunds keep every minor unit, whatever the amounts.
#include "ledger/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <random>

namespace ledger {
namespace {

constexpr int kCases = 1'000'000;
constexpr int kSomeCases = 200'000;
constexpr std::uint64_t kSeed = 20261118;

__extension__ using Wide = __int128;

class Random {
public:
    std::int64_t up_to(std::int64_t most) {
        return static_cast<std::int64_t>(engine_() % (static_cast<std::uint64_t>(most) + 1));
    }
    bool one_in(std::int64_t n) { return up_to(n - 1) == 0; }
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
config::SplitShare bounded(config::SplitShare share, std::optional<std::int64_t> least,
                           std::optional<std::int64_t> most) {
    share.at_least = least;
    share.at_most = most;
    return share;
}

std::int64_t sum_of(const std::vector<SplitPart>& parts) {
    return std::accumulate(parts.begin(), parts.end(), std::int64_t{0},
                           [](std::int64_t sum, const SplitPart& part) { return sum + part.minor; });
}

using Shares = std::vector<config::SplitShare>;

std::string shares_to_text(const Shares& shares) { return terms_to_text({"", shares}); }

// The policy's shares once its remainder is settled; nothing where the configuration refuses it.
std::optional<Shares> settled(Shares shares, std::string_view word) {
    config::SplitPolicy policy{"", std::move(shares)};
    return config::settle_remainder(policy, word).empty() ? std::optional(std::move(policy.shares)) : std::nullopt;
}

config::SplitShare random_share(Random& random, std::int64_t minor, std::int64_t& basis_points_left) {
    if (random.one_in(5)) {
        return fixed(random.up_to(minor / 4));
    }
    auto share = basis_points(random.up_to(basis_points_left));
    basis_points_left -= *share.basis_points;
    if (random.one_in(3)) {
        share.at_least = random.up_to(minor / 3);
    }
    if (random.one_in(3)) {
        share.at_most = share.at_least.value_or(0) + random.up_to(minor / 2);
    }
    if (random.one_in(4)) {
        share.to = "income:platform";
    }
    return share;
}

// A policy as the configuration allows it, of up to six receivers.
Shares random_shares(Random& random, std::int64_t minor) {
    constexpr std::string_view kWords[] = {"", "largest", "first", "last", "platform", "income:rounding"};
    Shares shares;
    std::int64_t left = 10'000;
    for (std::int64_t count = random.up_to(3); count > 0; --count) {
        shares.push_back(random_share(random, minor, left));
    }
    shares.push_back(random.one_in(2) ? basis_points(left) : remainder());
    auto found = settled(shares, kWords[random.up_to(5)]);
    if (!found) {
        shares.back() = remainder();
        found = settled(shares, "");
    }
    return *found;
}

// What must hold of every split, for every step of split.h on its own. Empty when it does.
std::string complaint_about(std::int64_t minor, const Shares& shares, const std::vector<SplitPart>& parts) {
    std::int64_t promised = 0;  // before basis points come
    bool somebody_takes_it = false;
    for (const auto& share : shares) {
        promised += share.fixed_minor.value_or(0) + share.at_least.value_or(0);
        somebody_takes_it = somebody_takes_it || share.remainder;
    }
    if (parts.size() != shares.size() || sum_of(parts) != minor) {
        return "the parts don't add up";
    }
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const auto& share = shares[i];
        const auto part = parts[i].minor;
        if (part < 0) {
            return "a part is negative";
        }
        if (share.fixed_minor && part != *share.fixed_minor) {
            return "a fixed part is another";
        }
        if (!share.basis_points || share.remainder) {
            continue;
        }
        if (part > share.at_most.value_or(part)) {
            return "a part passes its at_most";
        }
        if (promised <= minor && part < share.at_least.value_or(0)) {
            return "a part is below its at_least";
        }
        const auto exact = static_cast<Wide>(minor) * *share.basis_points;
        const Wide most = std::max<Wide>(exact, static_cast<Wide>(share.at_least.value_or(0)) * 10'000);
        const Wide beyond = static_cast<Wide>(part) * 10'000 - most;
        if (beyond >= 10'000 || (somebody_takes_it && beyond > 0)) {
            return "a part is more than its basis points";
        }
        const auto least = std::min<Wide>(exact, static_cast<Wide>(share.at_most.value_or(minor)) * 10'000);
        if (promised == 0 && static_cast<Wide>(part) * 10'000 <= least - 10'000) {
            return "a part is less than its basis points";
        }
    }
    return "";
}

TEST(SplitProperty, SharesOutEveryUnitAsEachShareSays) {
    Random random;
    int refused = 0;
    for (int i = 0; i < kCases; ++i) {
        const auto minor = random.amount();
        const auto shares = random_shares(random, minor);
        const auto parts = split(minor, shares);
        if (!parts) {
            ++refused;
            continue;
        }
        const auto complaint = complaint_about(minor, shares, *parts);
        ASSERT_EQ(complaint, "") << minor << " " << shares_to_text(shares);
    }
    EXPECT_EQ(refused, 0);  // up to three fixed shares of up to a quarter
}

// All shares of a coarse grid, with bounds that bind for some of the amounts.
const Shares& grid() {
    static const Shares kGrid = {basis_points(0),
                                 basis_points(2500),
                                 basis_points(5000),
                                 basis_points(7500),
                                 basis_points(10'000),
                                 bounded(basis_points(2500), 20, {}),
                                 bounded(basis_points(5000), {}, 30),
                                 bounded(basis_points(5000), 5, 60),
                                 fixed(0),
                                 fixed(1),
                                 fixed(50),
                                 remainder()};
    return kGrid;
}

// Every split of up to four receivers from the grid, under every word for the remainder, that the configuration takes.
template <typename Use>
void for_every_split(const Shares& shares, const Use& use) {
    if (!shares.empty()) {
        for (const std::string_view word : {"", "first", "last", "platform", "income:rounding"}) {
            if (const auto found = settled(shares, word)) {
                use(*found);
            }
        }
    }
    if (shares.size() == 4) {
        return;
    }
    for (const auto& share : grid()) {
        auto longer = shares;
        longer.push_back(share);
        for_every_split(longer, use);
    }
}

// Whether the split gives everything back, unit by unit and whole.
std::string complaint_about_refunds(const std::vector<SplitPart>& parts) {
    const auto total = sum_of(parts);
    std::vector<std::int64_t> before(parts.size(), 0);
    for (const auto refunded : {total / 3, total / 2, total}) {
        const auto back = given_back(parts, refunded);
        if (std::accumulate(back.begin(), back.end(), std::int64_t{0}) != refunded) {
            return "what is given back doesn't add up";
        }
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (back[i] < before[i] || back[i] > parts[i].minor || (refunded == total && back[i] != parts[i].minor)) {
                return "somebody gives back what isn't his, or keeps what is";
            }
        }
        before = back;
    }
    return "";
}

TEST(SplitProperty, HoldsForEverySmallAmountAndEverySplitOfTheGrid) {
    std::int64_t cases = 0;
    std::int64_t beyond = 0;
    for_every_split({}, [&](const Shares& shares) {
        const auto fixed_sum =
            std::accumulate(shares.begin(), shares.end(), std::int64_t{0},
                            [](std::int64_t sum, const auto& share) { return sum + share.fixed_minor.value_or(0); });
        for (std::int64_t minor = 0; minor <= 200; ++minor, ++cases) {
            const auto parts = split(minor, shares);
            ASSERT_EQ(static_cast<bool>(parts), fixed_sum <= minor) << minor << " " << shares_to_text(shares);
            if (!parts) {
                ++beyond;
                continue;
            }
            const auto complaint = complaint_about(minor, shares, *parts);
            ASSERT_EQ(complaint, "") << minor << " " << shares_to_text(shares);
            ASSERT_EQ(complaint_about_refunds(*parts), "") << minor << " " << shares_to_text(shares);
        }
    });
    EXPECT_GT(cases, 4'000'000);
    EXPECT_GT(beyond, 0);
}

TEST(SplitProperty, SurvivesBeingKeptAsText) {
    Random random;
    for (int i = 0; i < kSomeCases / 10; ++i) {
        const auto minor = random.amount();
        const auto shares = random_shares(random, minor);
        const auto text = shares_to_text(shares);
        const auto read = terms_from_text(text);
        ASSERT_TRUE(read) << text;
        ASSERT_EQ(terms_to_text(*read), text);
        const auto parts = split(minor, shares);
        const auto again = split(minor, read->shares);
        ASSERT_TRUE(parts && again);
        ASSERT_TRUE(
            std::equal(parts->begin(), parts->end(), again->begin(), again->end(),
                       [](const SplitPart& a, const SplitPart& b) { return a.to == b.to && a.minor == b.minor; }))
            << text;
    }
}

// Partial refunds of a split order, one after the other: what each receiver has left.
class Refunds {
public:
    explicit Refunds(const std::vector<SplitPart>& received) : received_(received), back_(received.size(), 0) {}

    void refund(std::int64_t minor) {
        refunded_ += minor;
        const auto back = given_back(received_, refunded_);
        for (std::size_t i = 0; i < back.size(); ++i) {
            fair_ = fair_ && back[i] >= back_[i] && back[i] <= received_[i].minor;
        }
        back_ = back;
    }
    const std::vector<std::int64_t>& back() const { return back_; }
    bool fair() const { return fair_; }  // nobody got anything by a refund, or fell below zero

private:
    const std::vector<SplitPart>& received_;
    std::vector<std::int64_t> back_;
    std::int64_t refunded_ = 0;
    bool fair_ = true;
};

TEST(SplitProperty, IsUndoneByPartialRefundsInAnyNumberAndOrder) {
    Random random;
    for (int i = 0; i < kCases; ++i) {
        const auto minor = random.amount();
        const auto parts = split(minor, random_shares(random, minor));
        ASSERT_TRUE(parts);
        std::vector<std::int64_t> amounts;
        std::int64_t left = minor;
        for (std::int64_t count = random.up_to(3); count > 0; --count) {
            amounts.push_back(random.up_to(left));
            left -= amounts.back();
        }
        Refunds in_order(*parts);
        Refunds in_reverse(*parts);
        for (std::size_t n = 0; n < amounts.size(); ++n) {
            in_order.refund(amounts[n]);
            in_reverse.refund(amounts[amounts.size() - 1 - n]);
        }
        ASSERT_EQ(in_order.back(), in_reverse.back()) << minor;
        in_order.refund(left);
        ASSERT_TRUE(in_order.fair() && in_reverse.fair()) << minor;
        for (std::size_t n = 0; n < parts->size(); ++n) {
            ASSERT_EQ(in_order.back()[n], (*parts)[n].minor) << minor;
        }
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
    for (int i = 0; i < kSomeCases; ++i) {
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
    for (int i = 0; i < kSomeCases / 20; ++i) {
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
