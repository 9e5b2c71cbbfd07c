#include "reconciliation/matching/candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "records.h"

namespace reconciliation {
namespace {

using namespace matching_test;
using Failed = Candidate::Failed;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Record at(Record record, const std::string& evidence) {
    record.evidence = evidence;
    return record;
}

const Discrepancy& only(const MatchResult& result, Kind kind) {
    static const Discrepancy kNone{};
    const Discrepancy* found = &kNone;
    for (const auto& row : result.discrepancies) {
        if (row.kind == kind) {
            EXPECT_EQ(found, &kNone) << "more than one";
            found = &row;
        }
    }
    EXPECT_NE(found, &kNone) << "none of this kind";
    return *found;
}

struct OneCondition {
    const char* name;
    void (*plant)(Record& channel);
    const char* told;
};

class ALeftoverNames : public testing::TestWithParam<OneCondition> {};

TEST_P(ALeftoverNames, TheSingleConditionThatItsNearestFails) {
    const Record ledger = at(booked("420000123456", 500), "entry:7");
    Record channel = listed("420000123456", 500);
    GetParam().plant(channel);

    const auto result = match({ledger}, {channel}, options());

    EXPECT_EQ(candidates_text(only(result, Kind::missing_in_ledger).candidates), GetParam().told);
    // What is told of one side is told of the other.
    EXPECT_EQ(only(result, Kind::missing_in_channel).candidates.size(), std::string(GetParam().told).empty() ? 0U : 1U);
}

INSTANTIATE_TEST_SUITE_P(
    , ALeftoverNames,
    testing::Values(
        OneCondition{"AnotherIdOfTheSameOrder", [](Record& c) { c.channel_txn_id = "99"; }, "entry:7 (channel_txn_id)"},
        OneCondition{"AReplacedCharacter",
                     [](Record& c) { c.channel_txn_id = "420000123956", c.merchant_order_id = "x"; },
                     "entry:7 (channel_txn_id)"},
        OneCondition{"AMissingCharacter",
                     [](Record& c) { c.channel_txn_id = "42000012345", c.merchant_order_id = "x"; },
                     "entry:7 (channel_txn_id)"},
        OneCondition{"AnotherCharacterAtTheFront",
                     [](Record& c) { c.channel_txn_id = "7420000123456", c.merchant_order_id = "x"; },
                     "entry:7 (channel_txn_id)"},
        OneCondition{"TwoCharacters", [](Record& c) { c.channel_txn_id = "429900123456", c.merchant_order_id = "x"; },
                     "entry:7 (numbers)"},
        OneCondition{"TheType", [](Record& c) { c.type = TransactionType::refund, c.amount = -500; }, "entry:7 (type)"},
        OneCondition{"NoNumberInCommon", [](Record& c) { c.channel_txn_id = "99", c.merchant_order_id = "x"; },
                     "entry:7 (numbers)"},
        OneCondition{"NoNumberAndAnotherDay",
                     [](Record& c) {
                         c.channel_txn_id = "99", c.merchant_order_id = "x";
                         c.occurred_at = core::Instant(std::chrono::hours(26));
                     },
                     ""},
        OneCondition{"IdAndAmount", [](Record& c) { c.channel_txn_id = "99", c.amount = 499; }, ""},
        OneCondition{"IdAndCurrency", [](Record& c) { c.channel_txn_id = "99", c.currency = "USD"; }, ""}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ALeftover, NamesAnAmountThatFailsWhereTheOrderIsNotEnoughToPairThem) {
    const auto result = match({at(booked("a", 500), "entry:1")},
                              {at(without_id(of_order(listed("", 499), "order-a")), "bill.csv:1"),
                               at(without_id(of_order(listed("", 498), "order-a")), "bill.csv:2")},
                              options());

    for (const auto& row : result.discrepancies) {
        for (const auto& candidate : row.candidates) {
            EXPECT_EQ(candidate.failed, Failed::amount);
        }
    }
}

// Two parts of one order's refund in the books, without numbers of their own, and one on the statement.
TEST(ALeftover, ListsAllThatAreEquallyGood) {
    const auto refund = [](const std::string& id, const std::string& evidence) {
        return at(of_order(booked(id, -500), "order"), evidence);
    };
    const auto line = at(without_id(of_order(listed("", -500), "order")), "bill.csv:9");

    const auto result = match({refund("r2", "entry:2"), refund("r1", "entry:1")}, {line}, options());

    const auto& row = only(result, Kind::missing_in_ledger);
    EXPECT_EQ(candidates_text(row.candidates), "entry:1 (equally_good); entry:2 (equally_good)");
    const auto told = explain(row, kDay);
    EXPECT_THAT(told.en, HasSubstr("has 2 that fit equally well, so none was taken: entry:1, entry:2."));
    EXPECT_THAT(told.zh, HasSubstr("另一侧有 2 笔同样合适，所以没有替您选：entry:1、entry:2。"));
}

TEST(ALeftover, IsExplainedByItsNearest) {
    auto channel = listed("420000123956", 500);
    channel.merchant_order_id = "x";

    const auto result = match({at(booked("420000123456", 500), "entry:7")}, {channel}, options());

    const auto told = explain(only(result, Kind::missing_in_ledger), kDay);
    EXPECT_THAT(told.en, HasSubstr("The nearest on the other side is entry:7; only the channel's transaction id "
                                   "differs: 420000123456."));
    EXPECT_THAT(told.zh, HasSubstr("另一侧最接近的是 entry:7，只有渠道交易号不同：420000123456。"));
}

TEST(ALeftover, NamesThreeAtMostAndTheNearestInTimeFirst) {
    std::vector<Record> ledger;
    for (int i = 0; i < 40; ++i) {
        auto record = at(booked("b" + std::to_string(i), 500), "entry:" + std::to_string(i));
        record.occurred_at = core::Instant(std::chrono::minutes(i * 10));
        ledger.push_back(record);
    }

    const auto result = match(ledger, {listed("zzz", 500)}, options());  // at two hours

    EXPECT_EQ(candidates_text(only(result, Kind::missing_in_ledger).candidates),
              "entry:12 (numbers); entry:11 (numbers); entry:13 (numbers)");
}

// The place of the edit decides in which order the two stand beside each other.
TEST(AnIdOneCharacterOff, IsFoundAmongThousandsOfTheSameAmount) {
    std::vector<Record> ledger;
    for (int i = 0; i < 5000; ++i) {
        ledger.push_back(
            at(booked("4200000" + std::to_string(1'000'000 + i * 137), 990), "entry:" + std::to_string(i)));
    }
    for (const std::size_t place : {0U, 3U, 9U, 13U}) {
        auto id = ledger[2500].channel_txn_id;
        id[place] = 'x';
        auto line = listed(id, 990);
        line.merchant_order_id.clear();

        const auto result = match(ledger, {line}, options());

        const auto& candidates = only(result, Kind::missing_in_ledger).candidates;
        ASSERT_FALSE(candidates.empty()) << place;
        EXPECT_EQ(candidates.front().evidence, "entry:2500") << place;
        EXPECT_EQ(candidates.front().failed, Failed::channel_txn_id) << place;
    }
}

TEST(CandidatesOfAPair, AreNotLookedFor) {
    const auto result = match({booked("a", 500)}, {listed("a", 501)}, options());

    EXPECT_THAT(only(result, Kind::amount_mismatch).candidates, IsEmpty());
}

TEST(Candidates, MakeNoDifferenceToTheDigest) {
    const auto with = match({at(booked("a", 500), "entry:1")}, {listed("b", 500)}, options());
    const auto without = match({at(booked("a", 500), "entry:2")}, {listed("b", 500)}, options());

    ASSERT_FALSE(with.discrepancies.front().candidates.empty());
    EXPECT_EQ(with.digest, without.digest);
}

}  // namespace
}  // namespace reconciliation
