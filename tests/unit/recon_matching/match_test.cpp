#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "records.h"

namespace reconciliation {
namespace {

using namespace matching_test;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Match, FindsNothingToSayAboutAgreeingSides) {
    const auto result = match({booked("a", 500), booked("b", -200)}, {listed("b", -200), listed("a", 500)}, options());

    EXPECT_THAT(result.discrepancies, IsEmpty());
    EXPECT_EQ(result.paired, 2U);
    EXPECT_EQ(result.matched, 2U);
    ASSERT_EQ(result.pairs.size(), 2U);
    for (const Pair& pair : result.pairs) {
        EXPECT_EQ(pair.ledger, 1 - pair.channel);
        EXPECT_TRUE(pair.settles);
        EXPECT_FALSE(pair.cleared);
    }
}

TEST(Match, TwoEmptySidesAgree) {
    const auto result = match({}, {}, options());

    EXPECT_THAT(result.discrepancies, IsEmpty());
    EXPECT_EQ(result.paired, 0U);
    EXPECT_EQ(result.digest.size(), 64U);
}

TEST(Match, ChargeAndRefundWithOneIdAreTwoTransactions) {
    const auto result = match({booked("a", 500)}, {listed("a", -500)}, options());

    EXPECT_THAT(kinds(result), ElementsAre(Kind::missing_in_ledger, Kind::missing_in_channel));
}

// One difference in an agreeing pair, and what becomes of it.
struct Difference {
    const char* name;
    void (*plant)(Record& ledger, Record& channel);
    Kind kind;
    bool settles;
};

class MatchTellsOneDifference : public testing::TestWithParam<Difference> {};

TEST_P(MatchTellsOneDifference, AndWhetherThePairSettles) {
    Record ledger = booked("a", 500);
    Record channel = listed("a", 500);
    GetParam().plant(ledger, channel);

    const auto result = match({ledger}, {channel}, options());

    ASSERT_THAT(kinds(result), ElementsAre(GetParam().kind));
    EXPECT_THAT(result.discrepancies.front().also, IsEmpty());
    ASSERT_EQ(result.pairs.size(), 1U);
    EXPECT_EQ(result.pairs.front().settles, GetParam().settles);
    EXPECT_EQ(result.paired, 1U);
    EXPECT_EQ(result.matched, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    , MatchTellsOneDifference,
    testing::Values(
        Difference{"AmountByOne", [](Record&, Record& c) { c.amount = 501; }, Kind::amount_mismatch, false},
        Difference{"Currency", [](Record&, Record& c) { c.currency = "USD"; }, Kind::currency_mismatch, false},
        // Nothing is said about amounts that can't be compared.
        Difference{"CurrencyAndAmount", [](Record&, Record& c) { c.currency = "USD", c.amount = 1; },
                   Kind::currency_mismatch, false},
        Difference{"Revoked", [](Record&, Record& c) { c.status = TransactionStatus::revoked; }, Kind::status_mismatch,
                   false},
        Difference{"Failed", [](Record&, Record& c) { c.status = TransactionStatus::failed; }, Kind::status_mismatch,
                   false},
        Difference{"Closed", [](Record&, Record& c) { c.status = TransactionStatus::closed; }, Kind::status_mismatch,
                   false},
        Difference{"Abnormal", [](Record&, Record& c) { c.status = TransactionStatus::abnormal; },
                   Kind::status_mismatch, false},
        Difference{"Processing", [](Record&, Record& c) { c.status = TransactionStatus::processing; }, Kind::timing,
                   false},
        Difference{"NoOrder", [](Record& l, Record&) { l.order = Record::Order::none; }, Kind::unexpected_payment,
                   true},
        Difference{"OtherOrder", [](Record& l, Record&) { l.order = Record::Order::differs; }, Kind::order_mismatch,
                   true},
        Difference{"FeeByOne", [](Record&, Record& c) { c.fee = 4, c.expected_fee = 3; }, Kind::fee_mismatch, true},
        Difference{"FeeTooLowByOne", [](Record&, Record& c) { c.fee = 2, c.expected_fee = 3; }, Kind::fee_mismatch,
                   true},
        Difference{"FeeOfTheBooks", [](Record& l, Record& c) { l.fee = 3, c.fee = 4; }, Kind::fee_mismatch, true}),
    [](const auto& row) { return std::string(row.param.name); });

class MatchLeavesAlone : public testing::TestWithParam<Difference> {};

TEST_P(MatchLeavesAlone, WhatIsNoDifference) {
    Record ledger = booked("a", 500);
    Record channel = listed("a", 500);
    GetParam().plant(ledger, channel);

    const auto result = match({ledger}, {channel}, options());

    EXPECT_THAT(kinds(result), IsEmpty());
    EXPECT_EQ(result.matched, 1U);
}

INSTANTIATE_TEST_SUITE_P(
    , MatchLeavesAlone,
    testing::Values(Difference{"NoFeeToldByTheChannel", [](Record&, Record& c) { c.expected_fee = 3; }, {}, true},
                    Difference{"NoRateForTheFee", [](Record&, Record& c) { c.fee = 3; }, {}, true},
                    Difference{"TheExpectedFee", [](Record&, Record& c) { c.fee = 3, c.expected_fee = 3; }, {}, true},
                    Difference{"NoStatusToldByTheChannel", [](Record&, Record& c) { c.status.reset(); }, {}, true},
                    Difference{"OtherTimes", [](Record&, Record& c) { c.occurred_at.reset(); }, {}, true},
                    // Both sides mean 5.00, counted in cents and in tenths of cents.
                    Difference{"OtherExponent", [](Record&, Record& c) { c.exponent = 3, c.amount = 5000; }, {}, true}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Match, JudgesOrdersOfPaymentsOnly) {
    Record refund = booked("a", -500);
    refund.order = Record::Order::none;

    EXPECT_THAT(match({refund}, {listed("a", -500)}, options()).discrepancies, IsEmpty());
}

TEST(Match, TellsTheFirstKindAndTheOthersBesideIt) {
    Record ledger = booked("a", 500);
    ledger.order = Record::Order::differs;
    ledger.order_amount = 600;
    ledger.order_currency = "CNY";
    Record channel = listed("a", 501);
    channel.status = TransactionStatus::revoked;
    channel.fee = 4;
    channel.expected_fee = 3;

    const auto result = match({ledger, ledger}, {channel}, options());

    ASSERT_THAT(kinds(result), ElementsAre(Kind::duplicate_in_ledger));
    const Discrepancy& row = result.discrepancies.front();
    EXPECT_THAT(row.also,
                ElementsAre(Kind::amount_mismatch, Kind::status_mismatch, Kind::order_mismatch, Kind::fee_mismatch));
    EXPECT_EQ(row.order_amount, 600);
    // The contract's fee is only told where the fee is what the row is about.
    EXPECT_FALSE(row.ledger_fee);
    EXPECT_EQ(row.channel_fee, 4);
}

TEST(Match, FillsTheRowFromBothSides) {
    Record channel = listed("a", 501);
    channel.merchant_order_id.clear();
    const auto result = match({booked("a", 500)}, {channel}, options());

    ASSERT_EQ(result.discrepancies.size(), 1U);
    const Discrepancy& row = result.discrepancies.front();
    EXPECT_EQ(row.type, TransactionType::payment);
    EXPECT_EQ(row.channel_txn_id, "a");
    EXPECT_EQ(row.merchant_order_id, "order-a");
    EXPECT_EQ(row.ledger_amount, 500);
    EXPECT_EQ(row.channel_amount, 501);
    EXPECT_EQ(row.difference(), 1);
    EXPECT_EQ(row.ledger_currency, "CNY");
    EXPECT_EQ(row.ledger_status, "captured");
    EXPECT_EQ(row.channel_status, "SUCCESS");
    EXPECT_EQ(row.occurred_at, core::Instant(std::chrono::hours(1)));
    EXPECT_EQ(row.channel_occurred_at, core::Instant(std::chrono::hours(2)));
    EXPECT_EQ(row.item_day, kDay);
    EXPECT_EQ(row.age_days, 0);
    EXPECT_THAT(row.evidence, ElementsAre("bill.csv:7", "entry:101"));
}

TEST(Match, GivesAFeeMismatchTheExpectedFee) {
    Record channel = listed("a", 500);
    channel.fee = 4;
    channel.expected_fee = 3;

    const auto result = match({booked("a", 500)}, {channel}, options());

    ASSERT_EQ(result.discrepancies.size(), 1U);
    EXPECT_EQ(result.discrepancies.front().ledger_fee, 3);
    EXPECT_EQ(result.discrepancies.front().channel_fee, 4);
}

// ---- One side only ---------------------------------------------------------------------------------------------

TEST(MatchOneSided, TakesTheOccurrenceFromTheBooksAlone) {
    const auto result = match({}, {listed("a", 500)}, options());

    ASSERT_THAT(kinds(result), ElementsAre(Kind::missing_in_ledger));
    const Discrepancy& row = result.discrepancies.front();
    EXPECT_FALSE(row.occurred_at);
    EXPECT_EQ(row.channel_occurred_at, core::Instant(std::chrono::hours(2)));
    EXPECT_FALSE(row.ledger_amount);
    EXPECT_EQ(row.ledger_currency, "");
    EXPECT_EQ(row.difference(), 500);
    EXPECT_THAT(row.evidence, ElementsAre("bill.csv:7"));
    EXPECT_THAT(result.channel_only, ElementsAre(0U));
}

TEST(MatchOneSided, NamesTheStatementThatLacksTheLine) {
    const auto result = match({booked("a", 500)}, {}, options());

    ASSERT_THAT(kinds(result), ElementsAre(Kind::missing_in_channel));
    EXPECT_THAT(result.discrepancies.front().evidence, ElementsAre("bill.csv", "entry:101"));
    EXPECT_EQ(result.discrepancies.front().difference(), -500);
}

TEST(MatchOneSided, CarriesWhatIsNearTheCut) {
    Record ledger = booked("a", 500);
    Record channel = listed("b", 500);
    ledger.near_cut = true;
    channel.near_cut = true;

    const auto result = match({booked("far", 1), ledger}, {listed("far", 1), channel}, options());

    EXPECT_THAT(kinds(result), ElementsAre(Kind::timing, Kind::timing));
    EXPECT_THAT(result.timing_ledger, ElementsAre(1U));
    EXPECT_THAT(result.timing_channel, ElementsAre(1U));
    EXPECT_THAT(result.ledger_only, ElementsAre(1U));
    EXPECT_EQ(result.matched, 1U);
}

TEST(MatchOneSided, HasNoTimingWhereTheCallerWantsNone) {
    Record ledger = booked("a", 500);
    ledger.near_cut = true;
    MatchOptions without = options();
    without.timing = false;

    EXPECT_THAT(kinds(match({ledger}, {}, without)), ElementsAre(Kind::missing_in_channel));
}

TEST(MatchOneSided, SaysThatNoOrderAsksForItEither) {
    Record ledger = booked("a", 500);
    ledger.order = Record::Order::none;

    const auto result = match({ledger}, {}, options());

    ASSERT_THAT(kinds(result), ElementsAre(Kind::missing_in_channel));
    EXPECT_THAT(result.discrepancies.front().also, ElementsAre(Kind::unexpected_payment));
}

// ---- Carried in ------------------------------------------------------------------------------------------------

TEST(MatchCarriedIn, IsClearedByItsOtherSideAndNotListed) {
    const auto result = match({carried(booked("a", 500))}, {listed("a", 500)}, options());

    EXPECT_THAT(result.discrepancies, IsEmpty());
    EXPECT_EQ(result.cleared, 1U);
    EXPECT_EQ(result.paired, 0U);
    EXPECT_EQ(result.matched, 0U);
    ASSERT_EQ(result.pairs.size(), 1U);
    EXPECT_TRUE(result.pairs.front().cleared);
    EXPECT_TRUE(result.pairs.front().settles);
}

TEST(MatchCarriedIn, FromTheChannelIsClearedToo) {
    const auto result = match({booked("a", 500)}, {carried(listed("a", 500))}, options());

    EXPECT_THAT(result.discrepancies, IsEmpty());
    EXPECT_EQ(result.cleared, 1U);
}

TEST(MatchCarriedIn, IsMissingWhenItStaysAlone) {
    const auto result = match({carried(booked("a", 500))}, {carried(listed("b", 700))}, options());

    ASSERT_THAT(kinds(result), ElementsAre(Kind::missing_in_ledger, Kind::missing_in_channel));
    EXPECT_THAT(result.timing_ledger, IsEmpty());
    EXPECT_THAT(result.timing_channel, IsEmpty());
    EXPECT_EQ(result.cleared, 0U);
    for (const auto& row : result.discrepancies) {
        EXPECT_EQ(row.item_day, kDayBefore);
        EXPECT_EQ(row.age_days, 1);
    }
}

TEST(MatchCarriedIn, IsClearedAndListedWhenSomethingIsWrongWithIt) {
    const auto result = match({carried(booked("a", 500))}, {listed("a", 499)}, options());

    ASSERT_THAT(kinds(result), ElementsAre(Kind::amount_mismatch));
    EXPECT_EQ(result.discrepancies.front().age_days, 1);
    EXPECT_EQ(result.cleared, 1U);
    EXPECT_FALSE(result.pairs.front().settles);
}

TEST(MatchCarriedIn, IsNotClearedByALineStillProcessing) {
    Record channel = listed("a", 500);
    channel.status = TransactionStatus::processing;

    const auto result = match({carried(booked("a", 500))}, {channel}, options());

    EXPECT_THAT(kinds(result), ElementsAre(Kind::timing));
    EXPECT_EQ(result.cleared, 0U);
    EXPECT_FALSE(result.pairs.front().cleared);
}

// ---- Settled later ---------------------------------------------------------------------------------------------

Record settled_later(Record record, Record::SettledLater how) {
    record.settled_later = how;
    return record;
}

TEST(MatchSettledLater, PairsWithNothingByTheChannelsId) {
    const auto line = settled_later(listed("a", 500), Record::SettledLater::in_transit);
    const auto result = match({booked("a", 500)}, {line}, options());

    EXPECT_THAT(result.pairs, IsEmpty());
    ASSERT_THAT(kinds(result), ElementsAre(Kind::missing_in_channel, Kind::timing));
    EXPECT_NE(result.discrepancies[0].id, result.discrepancies[1].id);
}

TEST(MatchSettledLater, PairsWithNothingByItsOrder) {
    auto line = settled_later(listed("", 500), Record::SettledLater::missing);
    line.merchant_order_id = "O-1";
    auto movement = booked("a", 500);
    movement.merchant_order_id = "O-1";
    const auto result = match({movement}, {line}, options());

    EXPECT_THAT(result.pairs, IsEmpty());
    EXPECT_THAT(kinds(result), ElementsAre(Kind::missing_in_ledger, Kind::missing_in_channel));
}

TEST(MatchSettledLater, StaysWhatItWasWhereverTheCutIs) {
    auto movement = settled_later(booked("a", 500), Record::SettledLater::missing);
    movement.near_cut = true;
    EXPECT_THAT(match({movement}, {}, options()).timing_ledger, IsEmpty());
    const auto carried_on = carried(settled_later(booked("a", 500), Record::SettledLater::in_transit));
    EXPECT_THAT(match({carried_on}, {}, options()).timing_ledger, ElementsAre(0U));
}

}  // namespace
}  // namespace reconciliation
