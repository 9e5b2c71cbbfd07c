// Repeats, records without the channel's id, and the list that comes out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "records.h"

namespace reconciliation {
namespace {

using namespace matching_test;
using testing::ElementsAre;
using testing::IsEmpty;

// ---- Repeats ---------------------------------------------------------------------------------------------------

TEST(MatchRepeats, AreOneRowThatNamesEveryLine) {
    std::vector<Record> channel(3, listed("a", 500));
    channel[0].evidence = "bill.csv:10";
    channel[1].evidence = "bill.csv:9";
    channel[2].evidence = "bill.csv:200";

    const auto result = match({booked("a", 500)}, channel, options());

    ASSERT_THAT(kinds(result), ElementsAre(Kind::duplicate_in_channel));
    const Discrepancy& row = result.discrepancies.front();
    EXPECT_THAT(row.also, IsEmpty());
    EXPECT_THAT(row.evidence, ElementsAre("bill.csv:9", "bill.csv:10", "bill.csv:200", "entry:101"));
    EXPECT_EQ(row.difference(), 0);
    EXPECT_EQ(result.paired, 1U);
    EXPECT_EQ(result.matched, 1U);
    EXPECT_TRUE(result.pairs.front().settles);
}

TEST(MatchRepeats, OfBothSidesAreToldOfTheChannelFirst) {
    const auto result = match({booked("a", 500), booked("a", 500)}, {listed("a", 500), listed("a", 500)}, options());

    ASSERT_THAT(kinds(result), ElementsAre(Kind::duplicate_in_channel));
    EXPECT_THAT(result.discrepancies.front().also, ElementsAre(Kind::duplicate_in_ledger));
    EXPECT_EQ(result.matched, 1U);
}

TEST(MatchRepeats, ThatTheOtherSideLacksSayBoth) {
    const auto in_channel = match({}, {listed("a", 500), listed("a", 500)}, options());
    ASSERT_THAT(kinds(in_channel), ElementsAre(Kind::duplicate_in_channel));
    EXPECT_THAT(in_channel.discrepancies.front().also, ElementsAre(Kind::missing_in_ledger));
    EXPECT_EQ(in_channel.channel_only.size(), 1U);

    const auto in_ledger = match({booked("a", 500), booked("a", 500)}, {}, options());
    ASSERT_THAT(kinds(in_ledger), ElementsAre(Kind::duplicate_in_ledger));
    EXPECT_THAT(in_ledger.discrepancies.front().also, ElementsAre(Kind::missing_in_channel));
}

TEST(MatchRepeats, AreComparedByTheOneThatAgrees) {
    for (const auto& amounts : {std::pair{499, 500}, std::pair{500, 501}}) {
        const auto result =
            match({booked("a", 500)}, {listed("a", amounts.first), listed("a", amounts.second)}, options());

        ASSERT_THAT(kinds(result), ElementsAre(Kind::duplicate_in_channel));
        EXPECT_EQ(result.discrepancies.front().channel_amount, 500);
        EXPECT_THAT(result.discrepancies.front().also, ElementsAre(Kind::amount_mismatch));
        // Nobody can say yet which of the two amounts is the true one.
        EXPECT_FALSE(result.pairs.front().settles);
        EXPECT_EQ(result.matched, 0U);
    }
}

TEST(MatchRepeats, WithoutNumberAreTakenInBoundedTime) {
    std::vector<Record> ledger;
    std::vector<Record> channel;
    for (int i = 0; i < 20'000; ++i) {
        ledger.push_back(booked("a", 1000 + i));
        channel.push_back(listed("a", 100'000 + i));
    }

    const auto result = match(ledger, channel, options());

    ASSERT_EQ(result.discrepancies.size(), 1U);
    EXPECT_EQ(result.pairs.size(), 1U);
}

// ---- Without the channel's id ----------------------------------------------------------------------------------

TEST(MatchByOrder, PairsWhereOneSideLacksTheId) {
    const auto result = match({without_id(booked("a", 500))}, {listed("a", 501)}, options());

    ASSERT_THAT(kinds(result), ElementsAre(Kind::amount_mismatch));
    EXPECT_EQ(result.discrepancies.front().channel_txn_id, "a");
}

TEST(MatchByOrder, NeverPairsTwoDifferentIds) {
    const auto result = match({of_order(booked("a", 500), "o")}, {of_order(listed("b", 500), "o")}, options());

    EXPECT_THAT(kinds(result), ElementsAre(Kind::missing_in_ledger, Kind::missing_in_channel));
}

TEST(MatchByOrder, NeverGuessesBetweenTwoCandidates) {
    const auto result = match({of_order(booked("a", 500), "o"), of_order(booked("b", 500), "o")},
                              {without_id(of_order(listed("x", 500), "o"))}, options());

    EXPECT_EQ(result.pairs.size(), 0U);
    EXPECT_EQ(result.ledger_only.size(), 2U);
    EXPECT_EQ(result.channel_only.size(), 1U);
}

TEST(MatchByOrder, TakesTheCandidateOfTheSameAmount) {
    const auto result = match({of_order(booked("a", -300), "o"), of_order(booked("b", -200), "o")},
                              {without_id(of_order(listed("x", -200), "o"))}, options());

    ASSERT_EQ(result.pairs.size(), 1U);
    EXPECT_EQ(result.pairs.front().ledger, 1U);
    EXPECT_THAT(kinds(result), ElementsAre(Kind::missing_in_channel));
}

TEST(MatchByOrder, PairsEqualPartsOfARefundedOrderOneByOne) {
    const Record part = without_id(of_order(booked("a", -200), "o"));
    const Record line = without_id(of_order(listed("a", -200), "o"));

    EXPECT_EQ(match({part, part}, {line, line}, options()).matched, 2U);
    EXPECT_EQ(match({part, part}, {line, line, line}, options()).pairs.size(), 0U);
}

TEST(MatchByOrder, TellsRefundsOfOneOrderByTheirOwnNumbers) {
    Record first = without_id(of_order(booked("a", -200), "o"));
    Record second = first;
    first.own_order_id = "r1";
    second.own_order_id = "r2";
    Record line = without_id(of_order(listed("a", -200), "o"));
    line.own_order_id = "r2";

    const auto result = match({first, second}, {line}, options());

    ASSERT_EQ(result.pairs.size(), 1U);
    EXPECT_EQ(result.pairs.front().ledger, 1U);
}

TEST(MatchByOrder, CountsAPaymentsRepeatAsDuplicate) {
    const Record line = without_id(listed("a", 500));

    const auto result = match({without_id(booked("a", 500))}, {line, line}, options());

    EXPECT_THAT(kinds(result), ElementsAre(Kind::duplicate_in_channel));
}

TEST(MatchByOrder, LeavesRecordsWithoutAnyNumberAlone) {
    const Record ledger = without_id(of_order(booked("a", 500), ""));
    const Record channel = without_id(of_order(listed("a", 500), ""));

    const auto result = match({ledger, ledger}, {channel}, options());

    EXPECT_EQ(result.pairs.size(), 0U);
    ASSERT_EQ(result.discrepancies.size(), 3U);
    EXPECT_NE(result.discrepancies[1].id, result.discrepancies[2].id);
}

// ---- The list --------------------------------------------------------------------------------------------------

TEST(MatchList, ComesByKindThenBySizeThenByName) {
    const auto result = match({booked("big", 900), booked("small", 10)},
                              {listed("m1", 5), listed("m2", -50), listed("m3", 5), listed("small", 11)}, options());

    std::vector<std::string> ids;
    for (const auto& row : result.discrepancies) {
        ids.push_back(row.channel_txn_id);
    }
    EXPECT_THAT(ids, ElementsAre("m2", "m1", "m3", "big", "small"));
}

TEST(MatchList, KeepsTheIdOfATransactionThroughItsKinds) {
    Record near = booked("a", 500);
    near.near_cut = true;
    Record line = listed("a", 501);
    line.merchant_order_id.clear();

    const auto first = match({near}, {}, options());
    const auto next = match({carried(near)}, {}, options());
    const auto found = match({carried(near)}, {line}, options());
    const auto channel_alone = match({}, {line}, options());

    ASSERT_THAT(kinds(first), ElementsAre(Kind::timing));
    const std::string id = first.discrepancies.front().id;
    EXPECT_THAT(id, testing::MatchesRegex("[0-9a-f]{16}"));
    EXPECT_EQ(next.discrepancies.front().id, id);
    EXPECT_EQ(found.discrepancies.front().id, id);
    EXPECT_EQ(channel_alone.discrepancies.front().id, id);
}

TEST(MatchList, HasOtherIdsForOtherTenantsChannelsAndTypes) {
    MatchOptions tenant = options();
    tenant.tenant = "other";
    MatchOptions channel = options();
    channel.channel = "stripe";

    const std::string id = discrepancy_id(options(), TransactionType::payment, "a", "o");
    EXPECT_NE(discrepancy_id(tenant, TransactionType::payment, "a", "o"), id);
    EXPECT_NE(discrepancy_id(channel, TransactionType::payment, "a", "o"), id);
    EXPECT_NE(discrepancy_id(options(), TransactionType::refund, "a", "o"), id);
    EXPECT_NE(discrepancy_id(options(), TransactionType::payment, "", "a"), id);
}

TEST(MatchDigest, ChangesWithAnyDetailOfTheOutcome) {
    const auto digest = [](const Record& ledger, const Record& channel) {
        return match({ledger}, {channel}, options()).digest;
    };
    const std::string same = digest(booked("a", 500), listed("a", 500));
    Record elsewhere = listed("a", 500);
    elsewhere.evidence = "bill.csv:99";
    elsewhere.position = 99;
    Record fee = listed("a", 500);
    fee.fee = 0;

    EXPECT_EQ(digest(booked("a", 500), elsewhere), same);
    EXPECT_NE(digest(booked("a", 500), fee), same);
    EXPECT_NE(digest(booked("a", 501), listed("a", 501)), same);
    EXPECT_NE(digest(booked("b", 500), listed("b", 500)), same);
}

}  // namespace
}  // namespace reconciliation
