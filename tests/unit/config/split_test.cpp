// How a split's remainder is settled, and what is wrong with a split.
#include "config/split.h"

#include <gmock/gmock.h>

#include "tests/unit/config/configuration.h"

namespace config {
namespace {

using testing::HasSubstr;

constexpr const char* kTenant = "[[tenant]]\nid = \"acme\"\ncurrency = \"CNY\"\n";
constexpr const char* kSeller = "{ to = \"payable:seller\", basis_points = 9000 }";
constexpr const char* kCarrier = "{ to = \"payable:carrier\", basis_points = 600 }";
constexpr const char* kPlatform = "{ to = \"income:commission\", basis_points = 400 }";
constexpr const char* kCapped = "{ to = \"income:commission\", basis_points = 400, at_least = 10, at_most = 500 }";

std::string split_of(const std::string& remainder, const std::string& shares) {
    return std::string(kTenant) + "[[tenant.split]]\nname = \"m\"\n" +
           (remainder.empty() ? "" : "remainder = \"" + remainder + "\"\n") + "shares = [ " + shares + " ]\n";
}

std::string shares(const std::vector<std::string>& all) {
    std::string text;
    for (const auto& share : all) {
        text += (text.empty() ? "" : ", ") + share;
    }
    return text;
}

struct Remainder {
    const char* name;
    const char* word;
    std::vector<std::string> shares;
    std::string receiver;  // empty for none
    std::size_t place;
};

class RemainderGoes : public Configuration, public testing::WithParamInterface<Remainder> {};

TEST_P(RemainderGoes, ToOneReceiver) {
    const auto settings = load(kBase + split_of(GetParam().word, shares(GetParam().shares)));
    EXPECT_NO_THROW(finish(settings));

    ASSERT_EQ(settings.tenants[0].splits.size(), 1U);
    const auto& found = settings.tenants[0].splits[0].shares;
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].remainder, !GetParam().receiver.empty() && i == GetParam().place) << i;
    }
    if (!GetParam().receiver.empty()) {
        ASSERT_LT(GetParam().place, found.size());
        EXPECT_EQ(found[GetParam().place].to, GetParam().receiver);
    }
}

INSTANTIATE_TEST_SUITE_P(
    , RemainderGoes,
    testing::Values(Remainder{"ToNobodyWithoutAWord", "", {kSeller, kCarrier, kPlatform}, "", 0},
                    Remainder{"ToTheLargestFractions", "largest", {kSeller, kCarrier, kPlatform}, "", 0},
                    Remainder{"ToTheFirst", "first", {kSeller, kCarrier, kPlatform}, "payable:seller", 0},
                    Remainder{"ToTheFirstThatIsNotFixed",
                              "first",
                              {"{ to = \"payable:carrier\", fixed = 50 }", kSeller, kPlatform},
                              "payable:seller",
                              1},
                    Remainder{"ToTheFirstWithoutACap", "first", {kCapped, kSeller, kCarrier}, "payable:seller", 1},
                    Remainder{"ToTheLast", "last", {kSeller, kPlatform, kCarrier}, "payable:carrier", 2},
                    Remainder{"ToTheLastWithoutACap", "last", {kSeller, kCarrier, kCapped}, "payable:carrier", 1},
                    Remainder{"ToThePlatform", "platform", {kSeller, kPlatform, kCarrier}, "income:commission", 1},
                    Remainder{"ToThePlatformBesideItsFixedFee",
                              "platform",
                              {"{ to = \"income:fee\", fixed = 50 }", kSeller},
                              "income:fee",
                              2},
                    Remainder{"ToAReceiver", "payable:carrier", {kSeller, kCarrier, kPlatform}, "payable:carrier", 1},
                    Remainder{
                        "ToSomebodyElse", "income:rounding", {kSeller, kCarrier, kPlatform}, "income:rounding", 3}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SplitTime, IsCaptureFulfilmentOrADay) {
    EXPECT_EQ(split_time_from("capture"), SplitTime());
    EXPECT_EQ(split_time_from("capture+7"), (SplitTime{SplitTime::From::capture, 7}));
    EXPECT_EQ(split_time_from("fulfilment"), (SplitTime{SplitTime::From::fulfilment}));
    EXPECT_EQ(split_time_from("2026-12-31"), (SplitTime{SplitTime::From::day, 0, core::parse_day("2026-12-31")}));
    for (const char* text : {"capture", "capture+1", "capture+3660", "fulfilment+7", "2028-02-29"}) {
        EXPECT_EQ(text_of(split_time_from(text).value_or(SplitTime{SplitTime::From::fulfilment, 99})), text);
    }
    for (const char* text : {"", "T+7", "capture+", "capture+0", "capture+3661", "capture-1", "capture+1.5",
                             "fulfillment", "2026-02-29", "capture +7"}) {
        EXPECT_FALSE(split_time_from(text)) << text;
    }
}

TEST_F(Configuration, ReadsWhenASplitIsShared) {
    const auto text = split_of("first", kSeller) + "when = \"fulfilment+7\"\n";
    EXPECT_EQ(complaints_about(text), "");
    EXPECT_EQ(load(kBase + text).tenants[0].splits[0].when, split_time_from("fulfilment+7"));
    EXPECT_THAT(complaints_about(split_of("first", kSeller) + "when = \"later\"\n"),
                HasSubstr(":12: tenant.split.when: must be \"capture\""));
}

struct Wrong {
    const char* name;
    const char* word;
    std::vector<std::string> shares;
    const char* complaint;
};

class SplitIsRefused : public Configuration, public testing::WithParamInterface<Wrong> {};

TEST_P(SplitIsRefused, WithTheReason) {
    EXPECT_THAT(complaints_about(split_of(GetParam().word, shares(GetParam().shares))),
                HasSubstr(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    , SplitIsRefused,
    testing::Values(
        Wrong{"TwoWaysToSayIt",
              "first",
              {kSeller, "{ to = \"payable:b\", remainder = true }"},
              ":10: tenant.split.remainder: a share says remainder = true already"},
        Wrong{"AnotherWord",
              "smallest",
              {kSeller, kCarrier, kPlatform},
              "\"largest\", \"first\", \"last\", \"platform\" or an account"},
        Wrong{"AnAccountOfTheHouse", "bank:main", {kSeller}, "payable:PARTY or income:NAME"},
        Wrong{"NobodyWhoCouldTakeIt", "first", {"{ to = \"payable:a\", fixed = 5 }", kCapped}, "there is none"},
        Wrong{"NoPlatform", "platform", {kSeller, kCarrier}, "income:NAME, and there is none"},
        Wrong{"ThePlatformPastItsCap", "platform", {kSeller, kCapped}, "would pass its at_most"},
        Wrong{"BeyondTheWhole", "first", {kSeller, kSeller}, "must not pass 10000"},
        Wrong{"ShortOfTheWhole", "largest", {kSeller, kCarrier}, "unless they reach it"},
        Wrong{"ACapWhoseRestNobodyTakes", "", {kSeller, kCarrier, kCapped}, "what at_most cuts off needs a receiver"},
        Wrong{"AFloorAboveTheCap",
              "",
              {"{ to = \"payable:a\", basis_points = 5, at_least = 6, at_most = 5 }"},
              "tenant.split.shares.at_least: is more than at_most"},
        Wrong{"AFloorOfAFixedShare",
              "",
              {"{ to = \"payable:a\", fixed = 5, at_least = 6 }"},
              "tenant.split.shares.at_least: is for a share of basis points alone"},
        Wrong{"ACapOfTheRemainder",
              "",
              {"{ to = \"payable:a\", remainder = true, at_most = 6 }"},
              "tenant.split.shares.at_most: is for a share of basis points alone"},
        Wrong{"ANegativeFloor",
              "",
              {"{ to = \"payable:a\", basis_points = 5, at_least = -1 }"},
              "at_least: must be a whole number from 0"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace config
