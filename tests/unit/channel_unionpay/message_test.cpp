#include "payments/channels/unionpay/message.h"

#include <gtest/gtest.h>

#include <string>

namespace payments::unionpay {
namespace {

struct Reading {
    const char* name;
    std::string text;
    std::optional<Fields> fields;
};

class ResponseIsRead : public testing::TestWithParam<Reading> {};

TEST_P(ResponseIsRead, AsTheKitReadsIt) { EXPECT_EQ(fields_from_response(GetParam().text), GetParam().fields); }

INSTANTIATE_TEST_SUITE_P(
    , ResponseIsRead,
    testing::Values(Reading{"Empty", "", Fields{}}, Reading{"Pairs", "b=2&a=1", Fields{{"a", "1"}, {"b", "2"}}},
                    Reading{"LaterEqualsBelongToTheValue", "a=x==&b=1", Fields{{"a", "x=="}, {"b", "1"}}},
                    Reading{"NothingIsDecoded", "a=%41+b", Fields{{"a", "%41+b"}}},
                    Reading{"BracesHoldPairs", "a={x=1&y=2}&b=3", Fields{{"a", "{x=1&y=2}"}, {"b", "3"}}},
                    Reading{"BracketsHoldPairs", "a=ok[0&0]&b=3", Fields{{"a", "ok[0&0]"}, {"b", "3"}}},
                    Reading{"FirstCloserEnds", "a={{x}&b=3", Fields{{"a", "{{x}"}, {"b", "3"}}},
                    Reading{"EmptyValue", "a=&b=1", Fields{{"a", ""}, {"b", "1"}}},
                    Reading{"OpenBracketSwallowsAll", "a=[1&b=2", std::nullopt},
                    Reading{"OpenBrace", "a={1&b=2]", std::nullopt}, Reading{"NoEquals", "a", std::nullopt},
                    Reading{"NoName", "=1", std::nullopt}, Reading{"Repeated", "a=1&a=1", std::nullopt},
                    Reading{"EmptyPair", "a=1&&b=2", std::nullopt}, Reading{"NoUtf8", "a=\xC4\xE3", std::nullopt},
                    Reading{"Nul", std::string("a=\0b", 4), std::nullopt}),
    [](const auto& row) { return std::string(row.param.name); });

class FormIsRead : public testing::TestWithParam<Reading> {};

TEST_P(FormIsRead, DecodedOnce) { EXPECT_EQ(fields_from_form(GetParam().text), GetParam().fields); }

INSTANTIATE_TEST_SUITE_P(
    , FormIsRead,
    testing::Values(Reading{"Empty", "", Fields{}}, Reading{"Escapes", "a=%2B+%25", Fields{{"a", "+ %"}}},
                    Reading{"LineEndsStay", "a=x%0D%0Ay", Fields{{"a", "x\r\ny"}}},
                    Reading{"Repeated", "a=1&a=2", std::nullopt}, Reading{"CutInAnEscape", "a=%4", std::nullopt},
                    Reading{"NoUtf8", "a=%C4%E3", std::nullopt}, Reading{"NoEquals", "a=1&b", std::nullopt},
                    Reading{"NoName", "=1", std::nullopt}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SignedText, IsSortedByByteValueWithoutTheSignature) {
    const Fields fields{{"b", "2"}, {"B", "1"}, {"a", "x&y=z"}, {"signature", "s"}, {"signMethod", "01"}};
    EXPECT_EQ(string_to_sign(fields), "B=1&a=x&y=z&b=2&signMethod=01");
}

TEST(SignedText, KeepsOrDropsEmptyValues) {
    const Fields fields{{"a", "1"}, {"b", ""}, {"c", "3"}};
    EXPECT_TRUE(has_empty_value(fields));
    EXPECT_EQ(string_to_sign(fields, EmptyValues::kept), "a=1&b=&c=3");
    EXPECT_EQ(string_to_sign(fields, EmptyValues::dropped), "a=1&c=3");
}

TEST(AnEmptyField, CountsAsAbsent) {
    EXPECT_FALSE(value_of({{"a", ""}}, "a"));
    EXPECT_FALSE(value_of({}, "a"));
    EXPECT_EQ(value_of({{"a", "1"}}, "a"), "1");
}

}  // namespace
}  // namespace payments::unionpay
