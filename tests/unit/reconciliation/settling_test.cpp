// Which days a credit pays, and when they were due.
#include "reconciliation/impl/settling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reconciliation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

core::BusinessDay november(unsigned day) { return date::year{2026} / 11 / day; }

std::vector<unsigned> paid_by(const std::vector<OpenDay>& open, std::int64_t minor, unsigned booked = 30) {
    std::vector<unsigned> days;
    for (const auto& one : days_paid_by(open, minor, november(booked))) {
        days.push_back(static_cast<unsigned>(one.day.day()));
    }
    return days;
}

TEST(Due, IsCountedFromMondayToFriday) {
    EXPECT_EQ(due_on(november(19), 1), november(20));  // Thursday
    EXPECT_EQ(due_on(november(20), 1), november(23));  // Friday
    EXPECT_EQ(due_on(november(21), 1), november(23));  // Saturday
    EXPECT_EQ(due_on(november(21), 0), november(23));
    EXPECT_EQ(due_on(november(18), 0), november(18));
    EXPECT_EQ(due_on(november(18), 7), november(27));
}

TEST(Due, IsCountedInTheBanksBusinessDays) {
    const auto& china = config::built_in_calendar("CN");
    const auto october = [](unsigned day) { return date::year{2026} / 10 / day; };
    EXPECT_EQ(due_on(date::year{2026} / 9 / 30, 1, &china), october(8)) << "after the holidays";
    EXPECT_EQ(due_on(october(9), 1, &china), october(10)) << "a Saturday that is worked";
    EXPECT_EQ(due_on(october(1), 0, &china), october(8));
}

std::vector<std::pair<std::vector<std::size_t>, std::vector<std::size_t>>> together(
    const std::vector<OpenCredit>& credits, const std::vector<OpenDay>& open) {
    std::vector<std::pair<std::vector<std::size_t>, std::vector<std::size_t>>> all;
    for (const auto& way : settled_together(credits, open)) {
        all.emplace_back(way.credits, way.days);
    }
    return all;
}
using Ways = std::vector<std::pair<std::vector<std::size_t>, std::vector<std::size_t>>>;

TEST(Together, OneCreditPaysDaysThatDoNotFollowEachOther) {
    const std::vector<OpenDay> open = {{november(1), 100}, {november(2), 50}, {november(3), 70}};
    EXPECT_EQ(together({{november(4), 170}}, open), (Ways{{{0}, {0, 2}}}));
    EXPECT_THAT(together({{november(4), 171}}, open), IsEmpty()) << "sums are exact";
    EXPECT_THAT(together({{november(2), 170}}, open), IsEmpty()) << "a day that hasn't come is paid by nobody";
}

TEST(Together, SeveralCreditsPayOneDay) {
    const std::vector<OpenDay> open = {{november(1), 100}, {november(2), 50}};
    EXPECT_EQ(together({{november(3), 30}, {november(3), 99}, {november(4), 70}}, open), (Ways{{{0, 2}, {0}}}));
    EXPECT_THAT(together({{november(3), 30}, {november(4), 71}}, open), IsEmpty());
}

TEST(Together, NothingIsChosenWhereAnotherChoiceIsAsGood) {
    EXPECT_THAT(together({{november(4), 30}}, {{november(1), 10}, {november(2), 20}, {november(3), 20}}), IsEmpty());
    // The two credits pay either day.
    EXPECT_THAT(together({{november(4), 30}, {november(4), 70}}, {{november(1), 100}, {november(2), 100}}), IsEmpty());
}

TEST(ACredit, PaysTheDaysOnEndThatAddUpToIt) {
    const std::vector<OpenDay> open = {{november(1), 100}, {november(2), 50}, {november(3), -20}, {november(5), 70}};
    EXPECT_THAT(paid_by(open, 100), ElementsAre(1));
    EXPECT_THAT(paid_by(open, 150), ElementsAre(1, 2));
    EXPECT_THAT(paid_by(open, 30), ElementsAre(2, 3));
    EXPECT_THAT(paid_by(open, 200), ElementsAre(1, 2, 3, 5));
    EXPECT_THAT(paid_by(open, -20), ElementsAre(3));
    EXPECT_THAT(paid_by(open, 170), IsEmpty());  // of the first and the last alone
    EXPECT_THAT(paid_by(open, 99), IsEmpty());
    EXPECT_THAT(paid_by(open, 101), IsEmpty());
    EXPECT_THAT(paid_by({}, 1), IsEmpty());
}

TEST(ACredit, PaysTheOldestOfEqualDaysAndNoneAfterIt) {
    const std::vector<OpenDay> open = {{november(1), 100}, {november(2), 100}};
    EXPECT_THAT(paid_by(open, 100), ElementsAre(1));
    EXPECT_THAT(paid_by(open, 200, 1), IsEmpty());
    EXPECT_THAT(paid_by(open, 200, 2), ElementsAre(1, 2));
}

TEST(WhatPeoplePosted, ClearsTheOldestDaysFirst) {
    const auto left = [](std::int64_t by_hand) {
        std::vector<std::int64_t> minors;
        for (const auto& day : open_after({{november(1), 100}, {november(2), -10}, {november(3), 50}}, by_hand)) {
            minors.push_back(day.minor);
        }
        return minors;
    };
    EXPECT_THAT(left(0), ElementsAre(100, -10, 50));
    EXPECT_THAT(left(-100), ElementsAre(-10, 50));
    EXPECT_THAT(left(-120), ElementsAre(-10, 30));
    EXPECT_THAT(left(-999), ElementsAre(-10));
    EXPECT_THAT(left(4), ElementsAre(100, -6, 50));
}

TEST(ASettlement, IsToldByTheFirstTextThatStandsThere) {
    const std::vector<config::BankSettlement> settlements = {{"wechatpay", {"TENPAY", "财付通"}, 1, false, {}},
                                                             {"unionpay", {"银联"}, 1, false, {}}};
    EXPECT_EQ(settlement_told_by(settlements, "R1\n财付通支付\n")->channel, "wechatpay");
    EXPECT_EQ(settlement_told_by(settlements, "银联商务")->channel, "unionpay");
    EXPECT_EQ(settlement_told_by(settlements, "tenpay"), nullptr);
}

}  // namespace
}  // namespace reconciliation
