// Matching rules: read, refused, dated, and how much each lets pass.
#include "config/match_rule.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/unit/config/configuration.h"

namespace config {
namespace {

using testing::HasSubstr;

std::string rule_of(const std::string& more) {
    return std::string(kBase) +
           "[[tenant]]\nid = \"acme\"\ncurrency = \"CNY\"\n[tenant.wechatpay]\n[[tenant.wechatpay.rule]]\n" + more;
}

const std::string kFen = "name = \"fen\"\nkind = \"tolerance\"\ncurrency = \"CNY\"\n";

class MatchRules : public Configuration {};

TEST_F(MatchRules, AreReadWithTheirChannel) {
    const auto settings =
        load(rule_of(kFen + "absolute = 3\nbasis_points = 5\nrounding = \"half_even\"\ndate_window = 2\n" +
                     "valid_from = \"2026-01-01\"\nvalid_until = \"2026-06-30\"\n"));
    EXPECT_NO_THROW(finish(settings));

    ASSERT_EQ(settings.tenants[0].channels[0].rules.size(), 1U);
    const auto& rule = settings.tenants[0].channels[0].rules[0];
    EXPECT_EQ(rule.name, "fen");
    EXPECT_EQ(rule.currency.code(), "CNY");
    EXPECT_EQ(rule.absolute, 3);
    EXPECT_EQ(rule.basis_points, 5);
    EXPECT_EQ(rule.rounding, core::Rounding::half_even);
    EXPECT_EQ(rule.date_window, 2);
    EXPECT_EQ(rule.valid_from, core::BusinessDay(date::year{2026} / 1 / 1));
    EXPECT_EQ(rule.valid_until, core::BusinessDay(date::year{2026} / 6 / 30));
}

struct Refused {
    const char* name;
    std::string rule;
    const char* complaint;
};

class MatchRuleRefused : public Configuration, public testing::WithParamInterface<Refused> {};

TEST_P(MatchRuleRefused, NamingItsKey) {
    EXPECT_THAT(complaints(rule_of(GetParam().rule)), HasSubstr(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    , MatchRuleRefused,
    testing::Values(
        Refused{"NoName", "kind = \"tolerance\"\ncurrency = \"CNY\"\nabsolute = 1\n", "name"},
        Refused{"AnOddName", "name = \"a b\"\nkind = \"tolerance\"\ncurrency = \"CNY\"\nabsolute = 1\n",
                "name: must be 1 to 40"},
        Refused{"AnotherKind", "name = \"a\"\nkind = \"guess\"\ncurrency = \"CNY\"\nabsolute = 1\n",
                "kind: must be tolerance"},
        Refused{"AGroupForATolerance", kFen + "absolute = 1\ngroup_by = \"none\"\n",
                "group_by: is for rules that add up"},
        Refused{"ABudgetForATolerance", kFen + "absolute = 1\nbudget = 7\n", "budget: is for rules that add up"},
        Refused{"AnUnknownGroup", "name = \"a\"\nkind = \"one_to_many\"\ncurrency = \"CNY\"\ngroup_by = \"colour\"\n",
                "group_by: must be merchant_order_id"},
        Refused{"NoBudget", "name = \"a\"\nkind = \"many_to_one\"\ncurrency = \"CNY\"\nbudget = 0\n", "budget"},
        Refused{"NoSize", kFen, "absolute: a tolerance needs"},
        Refused{"ASizeOfNothing", kFen + "absolute = 0\n", "absolute"},
        Refused{"BelowZero", kFen + "absolute = -1\n", "absolute"},
        Refused{"MoreThanATenth", kFen + "basis_points = 1001\n", "basis_points"},
        Refused{"UnknownRounding", kFen + "basis_points = 1\nrounding = \"bankers\"\n", "rounding: must be half_up"},
        Refused{"NoDay", kFen + "absolute = 1\nvalid_from = \"2026-02-30\"\n", "valid_from: must be a day"},
        Refused{"EndsBeforeItBegins",
                kFen + "absolute = 1\nvalid_from = \"2026-02-02\"\nvalid_until = \"2026-02-01\"\n",
                "valid_until: is before valid_from"},
        Refused{"AWindowBelowZero", kFen + "absolute = 1\ndate_window = -1\n", "date_window"},
        Refused{"AnUnknownKey", kFen + "absolute = 1\nabsolut = 2\n", "absolut"},
        Refused{"TwoFromOneDay", kFen + "absolute = 1\n[[tenant.wechatpay.rule]]\n" + kFen + "absolute = 2\n",
                "there are two rules \"fen\" from this day"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(MatchRules, ThatAddUpNeedNoSize) {
    const auto settings =
        load(rule_of("name = \"parts\"\nkind = \"many_to_many\"\ncurrency = \"CNY\"\ngroup_by = "
                     "\"business_date\"\nbudget = 1000\n"));
    EXPECT_NO_THROW(finish(settings));

    const auto& rule = settings.tenants[0].channels[0].rules.at(0);
    EXPECT_EQ(rule.kind, MatchRule::Kind::many_to_many);
    EXPECT_EQ(rule.group_by, MatchRule::GroupBy::business_date);
    EXPECT_EQ(rule.budget, 1000U);
    EXPECT_EQ(rule.tolerance_for(123'456), 0);
}

MatchRule rule(std::optional<std::int64_t> absolute, std::optional<std::int64_t> basis_points,
               core::Rounding rounding = core::Rounding::down) {
    return {"r", {}, {}, *core::Currency::from_code("CNY"), absolute, basis_points, rounding, {}};
}

TEST(ATolerance, IsTheSmallerOfWhatItNames) {
    EXPECT_EQ(rule(5, {}).tolerance_for(100), 5);
    EXPECT_EQ(rule({}, 10).tolerance_for(10'000), 10);
    EXPECT_EQ(rule(5, 10).tolerance_for(10'000), 5);
    EXPECT_EQ(rule(50, 10).tolerance_for(-10'000), 10);
}

TEST(ATolerance, RoundsAsItSays) {
    EXPECT_EQ(rule({}, 10).tolerance_for(1'999), 1);
    EXPECT_EQ(rule({}, 10, core::Rounding::up).tolerance_for(1'001), 2);
    EXPECT_EQ(rule({}, 10, core::Rounding::half_even).tolerance_for(2'500), 2);
    EXPECT_EQ(rule({}, 10, core::Rounding::half_up).tolerance_for(2'500), 3);
}

TEST(ATolerance, HoldsForAmountsAtTheEndsOfTheirRange) {
    EXPECT_EQ(rule({}, 1000).tolerance_for(std::numeric_limits<std::int64_t>::min()), 922'337'203'685'477'580);
    EXPECT_EQ(rule({}, 1000).tolerance_for(std::numeric_limits<std::int64_t>::max()), 922'337'203'685'477'580);
}

TEST(RulesInForce, AreThoseOfTheDay) {
    auto always = rule(1, {});
    auto later = rule(2, {});
    later.valid_from = date::year{2026} / 3 / 1;
    later.valid_until = date::year{2026} / 3 / 31;
    auto other = rule(9, {});
    other.name = "other";
    const std::vector<MatchRule> rules = {always, other, later};
    const auto sizes = [&](core::BusinessDay day) {
        std::vector<std::int64_t> all;
        for (const auto& one : rules_in_force(rules, day)) {
            all.push_back(*one.absolute);
        }
        return all;
    };

    EXPECT_EQ(sizes(date::year{2026} / 2 / 28), (std::vector<std::int64_t>{1, 9}));
    EXPECT_EQ(sizes(date::year{2026} / 3 / 1), (std::vector<std::int64_t>{9, 2}));
    EXPECT_EQ(sizes(date::year{2026} / 3 / 31), (std::vector<std::int64_t>{9, 2}));
    EXPECT_EQ(sizes(date::year{2026} / 4 / 1), (std::vector<std::int64_t>{9}));  // ended: the older doesn't come back
}

}  // namespace
}  // namespace config
