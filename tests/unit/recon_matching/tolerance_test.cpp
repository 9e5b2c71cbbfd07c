#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "records.h"

namespace reconciliation {
namespace {

using namespace matching_test;
using testing::ElementsAre;
using testing::IsEmpty;

config::MatchRule fen(std::int64_t absolute) {
    return {"fen", {}, {}, *core::Currency::from_code("CNY"), absolute, {}, core::Rounding::down, {}};
}

MatchOptions with(std::vector<config::MatchRule> rules) {
    auto o = options();
    o.rules = std::move(rules);
    return o;
}

TEST(ATolerance, LetsAPairPassAndSettle) {
    const auto result = match({booked("a", 500)}, {listed("a", 498)}, with({fen(2)}));

    EXPECT_THAT(result.discrepancies, IsEmpty());
    EXPECT_EQ(result.matched, 1U);
    EXPECT_THAT(result.by_rule, ElementsAre(1U));
    ASSERT_EQ(result.pairs.size(), 1U);
    EXPECT_TRUE(result.pairs.front().settles);
    EXPECT_EQ(result.pairs.front().rule, 0U);
}

TEST(ATolerance, IsNoPartOfAPairThatAgrees) {
    const auto result = match({booked("a", 500)}, {listed("a", 500)}, with({fen(2)}));

    EXPECT_EQ(result.pairs.front().rule, std::nullopt);
    EXPECT_THAT(result.by_rule, ElementsAre(0U));
    EXPECT_EQ(result.digest, match({booked("a", 500)}, {listed("a", 500)}, options()).digest);
}

struct NotLet {
    const char* name;
    void (*plant)(Record& ledger, Record& channel);
    Kind kind;
};

class ATolerancePasses : public testing::TestWithParam<NotLet> {};

TEST_P(ATolerancePasses, NothingElse) {
    Record ledger = booked("a", 500);
    Record channel = listed("a", 499);
    GetParam().plant(ledger, channel);

    const auto result = match({ledger}, {channel}, with({fen(2)}));

    EXPECT_THAT(kinds(result), ElementsAre(GetParam().kind));
    EXPECT_FALSE(result.pairs.front().settles);
    EXPECT_EQ(result.matched, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    , ATolerancePasses,
    testing::Values(
        NotLet{"Beyond", [](Record&, Record& c) { c.amount = 497; }, Kind::amount_mismatch},
        NotLet{"BeyondAbove", [](Record&, Record& c) { c.amount = 503; }, Kind::amount_mismatch},
        NotLet{"AnotherCurrency", [](Record&, Record& c) { c.currency = "USD"; }, Kind::currency_mismatch},
        NotLet{"ACurrencyWithoutARule", [](Record& l, Record& c) { l.currency = c.currency = "USD"; },
               Kind::amount_mismatch},
        NotLet{"NoCurrency", [](Record& l, Record& c) { l.currency = c.currency = ""; }, Kind::amount_mismatch},
        NotLet{"TheOtherDirection", [](Record& l, Record& c) { l.amount = 1, c.amount = -1; }, Kind::amount_mismatch},
        NotLet{"Nothing", [](Record& l, Record& c) { l.amount = 1, c.amount = 0; }, Kind::amount_mismatch},
        NotLet{"Revoked", [](Record&, Record& c) { c.status = TransactionStatus::revoked; }, Kind::status_mismatch}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ATolerance, LeavesTheOrderToSayWhatItSays) {
    auto ledger = booked("a", 500);
    ledger.order = Record::Order::none;

    const auto result = match({ledger}, {listed("a", 499)}, with({fen(2)}));

    EXPECT_THAT(kinds(result), ElementsAre(Kind::unexpected_payment));
    EXPECT_TRUE(result.pairs.front().settles);
    EXPECT_EQ(result.pairs.front().rule, 0U);
    EXPECT_THAT(result.by_rule, ElementsAre(0U));  // not matched, so not by a rule
}

TEST(SeveralTolerances, AreTriedInTheirOrder) {
    auto wide = fen(10);
    wide.name = "wide";

    const auto result = match({booked("a", 500), booked("b", 500), booked("c", 500)},
                              {listed("a", 499), listed("b", 492), listed("c", 480)}, with({fen(2), wide}));

    EXPECT_THAT(result.by_rule, ElementsAre(1U, 1U));
    EXPECT_THAT(kinds(result), ElementsAre(Kind::amount_mismatch));
}

TEST(ADateWindow, CountsDaysOfTheCalendarThatIsGiven) {
    auto rule = fen(2);
    rule.date_window = 0;
    const auto ledger = carried(booked("a", 500));  // of the day before
    EXPECT_THAT(kinds(match({ledger}, {listed("a", 499)}, with({rule}))), ElementsAre(Kind::amount_mismatch));

    auto holiday = with({rule});
    holiday.business_days_between = [](core::BusinessDay, core::BusinessDay) { return 0; };
    EXPECT_THAT(match({ledger}, {listed("a", 499)}, holiday).discrepancies, IsEmpty());

    rule.date_window = 1;
    EXPECT_THAT(match({ledger}, {listed("a", 499)}, with({rule})).discrepancies, IsEmpty());
}

// Of repeats the one is taken that agrees, not one that a rule has to let pass.
TEST(ATolerance, ComesAfterARepeatThatAgrees) {
    const auto result = match({booked("a", 500)}, {listed("a", 499), listed("a", 500)}, with({fen(2)}));

    ASSERT_EQ(result.pairs.size(), 1U);
    EXPECT_EQ(result.pairs.front().rule, std::nullopt);
    EXPECT_EQ(result.pairs.front().channel, 1U);
}

}  // namespace
}  // namespace reconciliation
