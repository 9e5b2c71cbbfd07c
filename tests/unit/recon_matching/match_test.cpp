#include "reconciliation/match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace reconciliation {
namespace {

using payments::TransactionStatus;
using payments::TransactionType;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = DiscrepancyKind;

const core::BusinessDay kDay{date::year{2026} / 11 / 18};
const core::BusinessDay kDayBefore{date::year{2026} / 11 / 17};

MatchOptions options() {
    MatchOptions o;
    o.tenant = "acme";
    o.channel = "wechatpay";
    o.day = kDay;
    o.statement_files = {"bill.csv"};
    return o;
}

Record booked(const std::string& id, std::int64_t amount) {
    Record r;
    r.type = amount < 0 ? TransactionType::refund : TransactionType::payment;
    r.channel_txn_id = id;
    r.merchant_order_id = "order-" + id;
    r.amount = amount;
    r.currency = "CNY";
    r.status = TransactionStatus::captured;
    r.occurred_at = core::Instant(std::chrono::hours(1));
    r.business_day = kDay;
    r.evidence = "entry:" + std::to_string(100 + id.size());
    r.order = Record::Order::agrees;
    return r;
}

Record listed(const std::string& id, std::int64_t amount) {
    Record r = booked(id, amount);
    r.order = Record::Order::not_judged;
    r.status_text = "SUCCESS";
    r.occurred_at = core::Instant(std::chrono::hours(2));
    r.evidence = "bill.csv:7";
    return r;
}

std::vector<Kind> kinds(const MatchResult& result) {
    std::vector<Kind> out;
    for (const auto& row : result.discrepancies) {
        out.push_back(row.kind);
    }
    return out;
}

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

Record carried(Record record) {
    record.carried_in = true;
    record.near_cut = true;
    record.business_day = kDayBefore;
    return record;
}

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

Record without_id(Record record) {
    record.channel_txn_id.clear();
    return record;
}

Record of_order(Record record, const std::string& order) {
    record.merchant_order_id = order;
    return record;
}

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
