// Groups planted among records that fit nothing: found again, in whatever order the records come, and never made of
// what doesn't add up.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "reconciliation/match.h"

namespace reconciliation {
namespace {

using Random = std::mt19937_64;
using Rule = config::MatchRule;

std::int64_t below(Random& random, std::int64_t n) {
    return std::uniform_int_distribution<std::int64_t>(0, n - 1)(random);
}

Record record(const std::string& id, const std::string& order, std::int64_t amount) {
    Record r;
    r.channel_txn_id = id;
    r.merchant_order_id = order;
    r.amount = amount;
    r.currency = "CNY";
    r.status = payments::TransactionStatus::captured;
    r.business_day = date::year{2026} / 11 / 18;
    r.evidence = id;
    return r;
}

struct Planted {
    std::vector<Record> ledger;
    std::vector<Record> channel;
    std::size_t groups = 0;
};

// Of an order's group one side has several parts of amounts without any order, so that no others add up to them.
Planted plant(Random& random, bool one_booked) {
    Planted planted;
    auto& ones = one_booked ? planted.ledger : planted.channel;
    auto& parts = one_booked ? planted.channel : planted.ledger;
    for (int order = 0; order < 8; ++order) {
        const std::string name = "O" + std::to_string(order);
        std::int64_t sum = 0;
        const auto count = 2 + below(random, 5);
        for (std::int64_t i = 0; i < count; ++i) {
            const auto amount = 1 + below(random, 1'000'000'000'000);
            parts.push_back(record("part-" + name + "-" + std::to_string(i), name, amount));
            sum += amount;
        }
        const bool fits = random() % 4 != 0;
        planted.groups += fits ? 1 : 0;
        ones.push_back(record("one-" + name, name, fits ? sum : sum + 1 + below(random, 1'000)));
        if (random() % 2 == 0) {  // another of the order, which fits nothing
            parts.push_back(record("odd-" + name, name, 1 + below(random, 1'000'000'000'000)));
        }
    }
    return planted;
}

MatchOptions options_with(Rule::Kind kind) {
    Rule rule{"parts", {}, {}, *core::Currency::from_code("CNY"), {}, {}, core::Rounding::down, {}};
    rule.kind = kind;
    MatchOptions options;
    options.tenant = "acme";
    options.channel = "wechatpay";
    options.day = date::year{2026} / 11 / 18;
    options.rules = {rule};
    return options;
}

void expect_sums(const Planted& planted, const MatchResult& result) {
    for (const auto& group : result.groups) {
        std::int64_t left = 0;
        std::int64_t right = 0;
        for (const auto i : group.ledger) {
            left += planted.ledger[i].amount;
        }
        for (const auto i : group.channel) {
            right += planted.channel[i].amount;
        }
        EXPECT_EQ(left, right);
    }
}

TEST(PlantedGroups, AreFoundInAnyOrder) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random(seed);
        const bool one_booked = random() % 2 == 0;
        Planted planted = plant(random, one_booked);
        const auto kind = random() % 3 == 0 ? Rule::Kind::many_to_many
                          : one_booked      ? Rule::Kind::one_to_many
                                            : Rule::Kind::many_to_one;
        const auto options = options_with(kind);
        const MatchResult result = match(planted.ledger, planted.channel, options);
        EXPECT_EQ(result.groups.size(), planted.groups);
        EXPECT_EQ(result.matched, planted.groups);
        expect_sums(planted, result);

        std::shuffle(planted.ledger.begin(), planted.ledger.end(), random);
        std::shuffle(planted.channel.begin(), planted.channel.end(), random);
        const MatchResult again = match(planted.ledger, planted.channel, options);
        EXPECT_EQ(again.digest, result.digest);
        ASSERT_EQ(again.discrepancies.size(), result.discrepancies.size());
        for (std::size_t i = 0; i < result.discrepancies.size(); ++i) {
            EXPECT_EQ(again.discrepancies[i].id, result.discrepancies[i].id);
            EXPECT_EQ(again.discrepancies[i].candidates, result.discrepancies[i].candidates);
        }
    }
}

// Small amounts, so that many sets add up: whatever is taken adds up, is used once, and doesn't depend on the order.
TEST(CrowdedGroups, UseEachRecordOnceAndReadTheSameInAnyOrder) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random(seed);
        Planted crowd;
        for (int i = 0; i < 14; ++i) {
            crowd.ledger.push_back(record("L" + std::to_string(i), "O" + std::to_string(i % 3), 1 + below(random, 9)));
            crowd.channel.push_back(
                record("C" + std::to_string(i), "O" + std::to_string(i % 4), 1 + below(random, 30)));
        }
        const Rule::Kind kinds[] = {Rule::Kind::one_to_many, Rule::Kind::many_to_one, Rule::Kind::many_to_many};
        auto options = options_with(kinds[seed % 3]);
        options.rules.push_back(options.rules.front());
        options.rules.back().kind = kinds[(seed + 1) % 3];
        const MatchResult result = match(crowd.ledger, crowd.channel, options);
        expect_sums(crowd, result);
        std::vector<int> booked(crowd.ledger.size());
        std::vector<int> listed(crowd.channel.size());
        for (const auto& group : result.groups) {
            for (const auto i : group.ledger) {
                EXPECT_EQ(++booked[i], 1);
            }
            for (const auto i : group.channel) {
                EXPECT_EQ(++listed[i], 1);
            }
        }
        EXPECT_EQ(result.ledger_only.size() + static_cast<std::size_t>(std::count(booked.begin(), booked.end(), 1)),
                  crowd.ledger.size());

        std::shuffle(crowd.ledger.begin(), crowd.ledger.end(), random);
        std::shuffle(crowd.channel.begin(), crowd.channel.end(), random);
        EXPECT_EQ(match(crowd.ledger, crowd.channel, options).digest, result.digest);
    }
}

}  // namespace
}  // namespace reconciliation
