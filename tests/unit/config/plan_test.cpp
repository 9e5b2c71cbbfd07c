#include <gmock/gmock.h>

#include "tests/unit/config/configuration.h"

namespace config {
namespace {

using testing::HasSubstr;

class Plans : public Configuration {
protected:
    static std::string tenant(const std::string& plans) {
        return std::string(kBase) + "[[tenant]]\nid = \"acme\"\ncurrency = \"CNY\"\n" + plans;
    }
    static constexpr const char* kPlan = R"([[tenant.plan]]
name = "api"
currency = "USD"
valid_from = "2026-11-01"
period = "day"
time_zone = "Asia/Shanghai"
minimum = 500
rounding = "down"
prices = [ { event = "call", per = 1000, tiers = [ { up_to = 10, amount = 150 }, { amount = 90 } ] },
           { event = "report", amount = 250 } ]
)";
};

TEST_F(Plans, AreReadWhole) {
    const auto settings = load(tenant(kPlan));
    finish(settings);
    ASSERT_EQ(settings.tenants.front().plans.size(), 1U);
    const auto& plan = settings.tenants.front().plans.front();
    EXPECT_EQ(plan.name, "api");
    EXPECT_EQ(plan.currency.code(), "USD");
    EXPECT_EQ(plan.valid_from, core::parse_day("2026-11-01"));
    EXPECT_EQ(plan.period, BillingPeriod::day);
    EXPECT_EQ(plan.time_zone, "Asia/Shanghai");
    EXPECT_EQ(plan.minimum_minor, 500);
    EXPECT_EQ(plan.rounding, core::Rounding::down);
    ASSERT_EQ(plan.prices.size(), 2U);
    EXPECT_EQ(plan.prices[0].event, "call");
    EXPECT_EQ(plan.prices[0].per, 1000);
    ASSERT_EQ(plan.prices[0].tiers.size(), 2U);
    EXPECT_EQ(plan.prices[0].tiers[0].up_to, 10);
    EXPECT_EQ(plan.prices[0].tiers[0].amount_minor, 150);
    EXPECT_EQ(plan.prices[0].tiers[1].up_to, std::nullopt);
    EXPECT_EQ(plan.prices[1].per, 1);
    EXPECT_EQ(plan.prices[1].tiers[0].amount_minor, 250);
}

TEST_F(Plans, AreByTheMonthFromAlwaysOnWithoutOtherWord) {
    const auto settings = load(
        tenant("[[tenant.plan]]\nname = \"api\"\ncurrency = \"CNY\"\nprices = [ { event = \"call\", amount = 1 } ]\n"));
    finish(settings);
    const auto& plan = settings.tenants.front().plans.front();
    EXPECT_EQ(plan.valid_from, std::nullopt);
    EXPECT_EQ(plan.period, BillingPeriod::month);
    EXPECT_EQ(plan.time_zone, "UTC");
    EXPECT_EQ(plan.minimum_minor, 0);
    EXPECT_EQ(plan.rounding, core::Rounding::half_up);
}

struct Wrong {
    const char* name;
    std::string from;
    std::string to;
    std::string said;
};
class WrongPlans : public Plans, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongPlans, AreComplainedAbout) {
    std::string plan = kPlan;
    const auto at = plan.find(GetParam().from);
    ASSERT_NE(at, std::string::npos);
    plan.replace(at, GetParam().from.size(), GetParam().to);
    EXPECT_THAT(complaints(tenant(plan)), HasSubstr(GetParam().said));
}

INSTANTIATE_TEST_SUITE_P(, WrongPlans,
                         testing::Values(Wrong{"NoName", "name = \"api\"\n", "", "plan.name"},
                                         Wrong{"Name", "\"api\"", "\"Api\"", "must be 1 to 32 of a-z"},
                                         Wrong{"Currency", "\"USD\"", "\"XXQ\"", "is no ISO 4217"},
                                         Wrong{"Day", "2026-11-01", "2026-11-31", "valid_from"},
                                         Wrong{"Period", "\"day\"", "\"week\"", "must be \"month\" or \"day\""},
                                         Wrong{"Zone", "Asia/Shanghai", "Asia/Atlantis", "is no zone"},
                                         Wrong{"Rounding", "\"down\"", "\"nearest\"", "must be half_up"},
                                         Wrong{"Per", "per = 1000", "per = 0", "per"},
                                         Wrong{"TiersThatFall", "up_to = 10, amount = 150 }",
                                               "up_to = 10, amount = 150 }, { up_to = 10, amount = 1 }", "must rise"},
                                         Wrong{"NoLastTier", ", { amount = 90 }", "", "the last must have no up_to"},
                                         Wrong{"TierWithoutAmount", "{ amount = 90 }", "{ }", "amount"},
                                         Wrong{"AmountBelowZero", "{ amount = 90 }", "{ amount = -1 }", "amount"},
                                         Wrong{"AmountAndTiers", "per = 1000,", "per = 1000, amount = 5,",
                                               "exactly one of amount and tiers"},
                                         Wrong{"Neither", "amount = 250", "per = 2", "exactly one of amount and tiers"},
                                         Wrong{"EventTwice", "\"report\"", "\"call\"", "each event has one price"},
                                         Wrong{"NoPrices", "prices =", "price =", "price"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Plans, OfOneNameAreVersionsOfOnePlan) {
    const std::string later = std::string(kPlan).replace(std::string(kPlan).find("2026-11-01"), 10, "2026-12-01");
    EXPECT_EQ(complaints(tenant(kPlan + later)), "");
    EXPECT_THAT(complaints(tenant(std::string(kPlan) + kPlan)), HasSubstr("from then on already"));
    auto other = later;
    other.replace(other.find("\"USD\""), 5, "\"CNY\"");
    EXPECT_THAT(complaints(tenant(kPlan + other)), HasSubstr("have one currency, period and time_zone"));
}

}  // namespace
}  // namespace config
