// Rules that add up: what they take for the same money, what they leave, and what they tell of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "records.h"

namespace reconciliation {
namespace {

using namespace matching_test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Rule = config::MatchRule;

Rule rule(Rule::Kind kind, Rule::GroupBy by = Rule::GroupBy::merchant_order_id) {
    Rule r{"adds-up", {}, {}, *core::Currency::from_code("CNY"), {}, {}, core::Rounding::down, {}};
    r.kind = kind;
    r.group_by = by;
    return r;
}

MatchOptions with(std::vector<Rule> rules) {
    auto o = options();
    o.rules = std::move(rules);
    return o;
}

Record in_order(Record record, const std::string& order, const std::string& evidence = "") {
    record.merchant_order_id = order;
    record.evidence = evidence.empty() ? record.evidence : evidence;
    return record;
}

const std::vector<Record> kBooked = {in_order(booked("T1", 100), "O")};
const std::vector<Record> kParts = {in_order(listed("P1", 60), "O", "bill.csv:1"),
                                    in_order(listed("P2", 40), "O", "bill.csv:2")};

TEST(OneToMany, TakesThePartsThatAddUp) {
    const auto result = match(kBooked, kParts, with({rule(Rule::Kind::one_to_many)}));

    EXPECT_THAT(result.discrepancies, IsEmpty());
    ASSERT_THAT(result.groups, SizeIs(1));
    EXPECT_THAT(result.groups[0].ledger, ElementsAre(0U));
    EXPECT_THAT(result.groups[0].channel, testing::UnorderedElementsAre(0U, 1U));
    EXPECT_EQ(result.matched, 1U);
    EXPECT_THAT(result.by_rule, ElementsAre(1U));
    EXPECT_THAT(result.ledger_only, IsEmpty());
    EXPECT_THAT(result.channel_only, IsEmpty());
}

TEST(OneToMany, LeavesPartsOfOtherOrders) {
    const auto result =
        match(kBooked, {kParts[0], in_order(listed("P2", 40), "another")}, with({rule(Rule::Kind::one_to_many)}));

    EXPECT_THAT(result.groups, IsEmpty());
    EXPECT_THAT(result.discrepancies, SizeIs(3));
}

TEST(OneToMany, IsNotManyToOne) {
    const auto result = match(kBooked, kParts, with({rule(Rule::Kind::many_to_one)}));
    EXPECT_THAT(result.groups, IsEmpty());
}

TEST(OneToMany, LeavesAPairOfOneAmount) {
    const auto result = match(kBooked, {in_order(listed("P1", 100), "O"), in_order(listed("P2", 7), "O")},
                              with({rule(Rule::Kind::one_to_many)}));
    EXPECT_THAT(result.groups, IsEmpty());
}

TEST(ManyToOne, TakesTheRecordsThatAddUp) {
    const auto result = match({in_order(booked("T1", 60), "O"), in_order(booked("T2", 40), "O")},
                              {in_order(listed("P", 100), "O")}, with({rule(Rule::Kind::many_to_one)}));
    EXPECT_THAT(result.discrepancies, IsEmpty());
    ASSERT_THAT(result.groups, SizeIs(1));
}

TEST(ManyToMany, FindsSomeAmongMany) {
    const auto by = Rule::GroupBy::business_date;
    const auto result = match({booked("T1", 1'000), booked("T2", 17), booked("T3", 5'001)},
                              {listed("P1", 600), listed("P2", 417), listed("P3", 123'456)},
                              with({rule(Rule::Kind::many_to_many, by)}));

    ASSERT_THAT(result.groups, SizeIs(1));
    EXPECT_THAT(result.groups[0].ledger, SizeIs(2));
    EXPECT_THAT(kinds(result), ElementsAre(Kind::missing_in_ledger, Kind::missing_in_channel));
}

TEST(SeveralSetsThatAddUp, AreAllListedAndNoneIsTaken) {
    const auto result = match(kBooked,
                              {kParts[0], kParts[1], in_order(listed("P3", 55), "O", "bill.csv:3"),
                               in_order(listed("P4", 45), "O", "bill.csv:4")},
                              with({rule(Rule::Kind::one_to_many)}));

    EXPECT_THAT(result.groups, IsEmpty());
    const auto row = std::find_if(result.discrepancies.begin(), result.discrepancies.end(),
                                  [](const auto& r) { return r.kind == Kind::missing_in_channel; });
    ASSERT_NE(row, result.discrepancies.end());
    const auto text = candidates_text(row->candidates);
    EXPECT_THAT(text, HasSubstr("bill.csv:1 + bill.csv:2 (equally_good)"));
    EXPECT_THAT(text, HasSubstr("bill.csv:3 + bill.csv:4 (equally_good)"));
    EXPECT_THAT(explain(*row, kDay).en, HasSubstr("The other side has 2 that fit equally well, so none was taken"));
}

TEST(RecordsThatTwoCouldUse, AreGivenToNeither) {
    const auto result = match({in_order(booked("T1", 100), "O"), in_order(booked("T2", 100), "O")}, kParts,
                              with({rule(Rule::Kind::one_to_many)}));

    EXPECT_THAT(result.groups, IsEmpty());
    EXPECT_THAT(candidates_text(result.discrepancies.front().candidates), HasSubstr("equally_good"));
}

TEST(ASpentBudget, IsToldAndProvesNothing) {
    auto few = rule(Rule::Kind::many_to_many, Rule::GroupBy::none);
    few.budget = 50;
    std::vector<Record> ledger, channel;
    for (int i = 0; i < 12; ++i) {
        ledger.push_back(booked("T" + std::to_string(i), (std::int64_t{1} << (2 * i)) * 3 + 1'000'000'007));
        channel.push_back(listed("P" + std::to_string(i), (std::int64_t{1} << (2 * i + 1)) * 7 + 998'244'353));
    }
    const auto result = match(ledger, channel, with({few}));

    EXPECT_THAT(result.groups, IsEmpty());
    EXPECT_THAT(candidates_text(result.discrepancies.front().candidates), HasSubstr("(budget_spent)"));
    EXPECT_THAT(explain(result.discrepancies.front(), kDay).en, HasSubstr("A rule was stopped before it knew"));
}

TEST(WhatAddsUp, MayDifferByAsMuchAsTheRuleSays) {
    auto within = rule(Rule::Kind::one_to_many);
    within.absolute = 1;
    const std::vector<Record> off = {kParts[0], in_order(listed("P2", 39), "O")};
    EXPECT_THAT(match(kBooked, off, with({within})).groups, SizeIs(1));
    EXPECT_THAT(match(kBooked, off, with({rule(Rule::Kind::one_to_many)})).groups, IsEmpty());
}

struct NotTaken {
    const char* name;
    void (*plant)(Record& ledger, Record& part);
};

class WhatAddsUpIsLeft : public testing::TestWithParam<NotTaken> {};

TEST_P(WhatAddsUpIsLeft, WhereElseIsToBeSaid) {
    auto ledger = kBooked;
    auto parts = kParts;
    GetParam().plant(ledger[0], parts[0]);
    const auto result = match(ledger, parts, with({rule(Rule::Kind::one_to_many)}));

    EXPECT_THAT(result.groups, IsEmpty());
    EXPECT_THAT(result.discrepancies, SizeIs(3));
}

INSTANTIATE_TEST_SUITE_P(
    , WhatAddsUpIsLeft,
    testing::Values(NotTaken{"Revoked", [](Record&, Record& p) { p.status = TransactionStatus::revoked; }},
                    NotTaken{"Processing", [](Record&, Record& p) { p.status = TransactionStatus::processing; }},
                    NotTaken{"AnotherCurrency", [](Record&, Record& p) { p.currency = "USD"; }},
                    NotTaken{"ARefund", [](Record&, Record& p) { p.type = TransactionType::refund; }},
                    NotTaken{"TheOtherDirection", [](Record&, Record& p) { p.amount = -60; }},
                    NotTaken{"AnotherFee", [](Record&, Record& p) { p.fee = 1, p.expected_fee = 2; }},
                    NotTaken{"NoOrder", [](Record& l, Record&) { l.order = Record::Order::none; }},
                    NotTaken{"AnotherAmountThanTheOrders",
                             [](Record& l, Record&) {
                                 l.order = Record::Order::differs;
                                 l.order_amount = 90;
                                 l.order_currency = "CNY";
                             }},
                    NotTaken{"UsedOnAnotherDay", [](Record&, Record& p) { p.kept_from_rules = true; }},
                    NotTaken{"SettledLater",
                             [](Record&, Record& p) { p.settled_later = Record::SettledLater::missing; }}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(PartsOfAnOrder, AreJudgedByWhatTheyAddUpTo) {
    std::vector<Record> parts = {in_order(booked("T1", 60), "O"), in_order(booked("T2", 40), "O")};
    for (auto& part : parts) {
        part.order = Record::Order::differs;
        part.order_amount = 100;
        part.order_currency = "CNY";
    }
    const auto result = match(parts, {in_order(listed("P", 100), "O")}, with({rule(Rule::Kind::many_to_one)}));
    EXPECT_THAT(result.discrepancies, IsEmpty());
}

TEST(FeesThatBothSidesKnow, AddUpToo) {
    auto ledger = kBooked;
    auto parts = kParts;
    ledger[0].fee = 3;
    parts[0].fee = 2;
    parts[1].fee = 1;
    EXPECT_THAT(match(ledger, parts, with({rule(Rule::Kind::one_to_many)})).groups, SizeIs(1));
    parts[1].fee = 2;
    EXPECT_THAT(match(ledger, parts, with({rule(Rule::Kind::one_to_many)})).groups, IsEmpty());
}

TEST(ItemsThatWaited, AreClearedByWhatAddsUp) {
    auto within = rule(Rule::Kind::one_to_many);
    within.date_window = 1;
    const std::vector<Record> waited = {carried(kBooked[0])};
    const auto result = match(waited, kParts, with({within}));
    EXPECT_EQ(result.cleared, 1U);
    EXPECT_EQ(result.matched, 0U);
    within.date_window = 0;
    EXPECT_THAT(match(waited, kParts, with({within})).groups, IsEmpty());
}

TEST(RulesThatAddUp, ComeAfterWhatAgreesByItsNumber) {
    auto ledger = kBooked;
    ledger.push_back(in_order(booked("P1", 60), "O"));
    const auto result = match(ledger, kParts, with({rule(Rule::Kind::many_to_many)}));

    EXPECT_EQ(result.pairs.size(), 1U);
    EXPECT_THAT(result.groups, IsEmpty());
    EXPECT_THAT(kinds(result), testing::UnorderedElementsAre(Kind::missing_in_channel, Kind::missing_in_ledger));
}

TEST(RulesThatAddUp, LeaveTheDigestAloneWhereTheyFindNothing) {
    const auto result = match(kBooked, {kParts[0]}, with({rule(Rule::Kind::one_to_many)}));
    EXPECT_EQ(result.digest, match(kBooked, {kParts[0]}, options()).digest);
}

}  // namespace
}  // namespace reconciliation
