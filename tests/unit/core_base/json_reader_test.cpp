#include "core/json/reader.h"

#include <gtest/gtest.h>

namespace core::json {
namespace {

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonReader, ReadsEveryKindOfValue) {
    const auto value =
        parse(R"( {"null":null,"yes":true,"no":false,"n":-12.50,"s":"a\u00e9\n\/","a":[1,[],{}],"o":{"id":"x"}} )");

    ASSERT_TRUE(value);
    EXPECT_TRUE(value->is_object());
    EXPECT_TRUE(value->find("null")->is_null());
    EXPECT_EQ(value->boolean_at("yes"), true);
    EXPECT_EQ(value->boolean_at("no"), false);
    EXPECT_EQ(value->find("n")->number_text(), "-12.50");
    EXPECT_EQ(value->string_at("s"), "a\xC3\xA9\n/");
    ASSERT_EQ(value->find("a")->items().size(), 3U);
    EXPECT_TRUE(value->find("a")->items()[1].is_array());
    EXPECT_TRUE(value->find("a")->items()[2].is_object());
    EXPECT_EQ(value->path("o", "id")->string(), "x");
}

TEST(JsonReader, KeepsTheOrderOfMembers) {
    const auto value = parse(R"({"b":1,"a":2,"":3})");
    ASSERT_TRUE(value);
    ASSERT_EQ(value->members().size(), 3U);
    EXPECT_EQ(value->members()[0].first, "b");
    EXPECT_EQ(value->members()[1].first, "a");
    EXPECT_EQ(value->members()[2].first, "");
}

TEST(JsonReader, ReadsAValueOfAnyKindAtTheRoot) {
    EXPECT_EQ(parse("12")->integer(), 12);
    EXPECT_EQ(parse("\"x\"")->string(), "x");
    EXPECT_EQ(parse(" true ")->boolean(), true);
    EXPECT_TRUE(parse("null")->is_null());
    EXPECT_TRUE(parse("[]")->is_array());
    EXPECT_TRUE(parse("\t\r\n{}\n")->is_object());
}

struct NumberRow {
    const char* text;
    std::optional<std::int64_t> integer;
};

TEST(JsonNumber, KeepsItsTextWhateverItsLength) {
    for (const auto& row : {
             NumberRow{"0", 0},
             NumberRow{"-1", -1},
             NumberRow{"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
             NumberRow{"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
             NumberRow{"9223372036854775808", std::nullopt},
             NumberRow{"-9223372036854775809", std::nullopt},
             NumberRow{"12345678901234567890123", std::nullopt},
             NumberRow{"10.10", std::nullopt},
             NumberRow{"1.0", std::nullopt},
             NumberRow{"1e2", std::nullopt},
             NumberRow{"1E+400", std::nullopt},
             NumberRow{"-0", std::nullopt},
             NumberRow{"-0.0", std::nullopt},
             NumberRow{"0.1000000000000000055511151231257827", std::nullopt},
         }) {
        const auto value = parse(std::string("{\"amount\": ") + row.text + " }");
        ASSERT_TRUE(value) << row.text;
        EXPECT_EQ(value->find("amount")->number_text(), row.text);
        EXPECT_EQ(value->integer_at("amount"), row.integer) << row.text;
    }
}

TEST(JsonValue, GivesNothingWhenOfAnotherKind) {
    const auto value = parse(R"({"s":"1","n":1,"b":true,"z":null,"a":[]})");
    ASSERT_TRUE(value);
    EXPECT_EQ(value->integer_at("s"), std::nullopt);
    EXPECT_EQ(value->string_at("n"), std::nullopt);
    EXPECT_EQ(value->boolean_at("n"), std::nullopt);
    EXPECT_EQ(value->string_at("z"), std::nullopt);
    EXPECT_EQ(value->find("b")->number_text(), std::nullopt);
    EXPECT_EQ(value->string_at("absent"), std::nullopt);
    EXPECT_EQ(value->integer_at("absent"), std::nullopt);
    EXPECT_EQ(value->boolean_at("absent"), std::nullopt);
    EXPECT_EQ(value->find("a")->find("x"), nullptr);
    EXPECT_EQ(value->path("s", "x"), nullptr);
    EXPECT_EQ(value->path("absent", "x", "y"), nullptr);
    EXPECT_TRUE(value->find("s")->members().empty());
}

struct Refusal {
    const char* name;
    std::string_view text;
    Error reason;
};

class JsonIsRefused : public testing::TestWithParam<Refusal> {};

TEST_P(JsonIsRefused, WithItsReason) {
    const auto value = parse(GetParam().text);
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error(), GetParam().reason) << describe(value.error());
}

INSTANTIATE_TEST_SUITE_P(
    , JsonIsRefused,
    testing::Values(
        Refusal{"Nothing", "", Error::empty}, Refusal{"Blanks", " \t\r\n", Error::empty},
        Refusal{"TrailingText", "{} x", Error::invalid_syntax}, Refusal{"TwoValues", "{}{}", Error::invalid_syntax},
        Refusal{"TwoScalars", "1 2", Error::invalid_syntax},
        Refusal{"ListWithoutBrackets", "1,2", Error::invalid_syntax},
        Refusal{"TrailingComma", "1,", Error::invalid_syntax}, Refusal{"LeadingComma", ",1", Error::invalid_syntax},
        Refusal{"BracketsThatCrossOurs", "1][2", Error::invalid_syntax},
        Refusal{"ClosesWhatItDidNotOpen", "1]", Error::invalid_syntax},
        Refusal{"ClosesAndGoesOn", "1],[", Error::invalid_syntax},
        Refusal{"TrailingNul", std::string_view("{}\0", 3), Error::invalid_syntax},
        Refusal{"NulInText", std::string_view("\"a\0b\"", 5), Error::invalid_syntax},
        Refusal{"EscapedNul", R"({"a":"x\u0000y"})", Error::invalid_syntax},
        Refusal{"EscapedNulInKey", R"({"a\u0000":1})", Error::invalid_syntax},
        Refusal{"RawControl", "\"a\nb\"", Error::invalid_syntax},
        Refusal{"LoneHighSurrogate", R"("\ud83d")", Error::invalid_syntax},
        Refusal{"LoneLowSurrogate", R"("\ude00")", Error::invalid_syntax},
        Refusal{"TwoHighSurrogates", R"("\ud83d\ud83d")", Error::invalid_syntax},
        Refusal{"HighThenLetter", R"("\ud83dx")", Error::invalid_syntax},
        Refusal{"SurrogateInKey", R"({"\ude00":1})", Error::invalid_syntax},
        Refusal{"BadEscape", R"("\x41")", Error::invalid_syntax},
        Refusal{"ShortEscape", R"("\u00")", Error::invalid_syntax}, Refusal{"BadUtf8", "\"\xFF\"", Error::invalid_utf8},
        Refusal{"OverlongUtf8", "\"\xC0\xAF\"", Error::invalid_utf8},
        Refusal{"GbkText", "{\"a\":\"\xB6\xD4\"}", Error::invalid_utf8},
        Refusal{"CutCharacter", "\"\xE5\xAF\"", Error::invalid_utf8},
        Refusal{"ByteOrderMark", "\xEF\xBB\xBF{}", Error::invalid_syntax},
        Refusal{"OpenObject", "{\"a\":1", Error::invalid_syntax}, Refusal{"OpenText", "\"a", Error::invalid_syntax},
        Refusal{"OpenArray", "[1", Error::invalid_syntax}, Refusal{"Mismatched", "[1}", Error::invalid_syntax},
        Refusal{"NoColon", "{\"a\" 1}", Error::invalid_syntax}, Refusal{"NoComma", "[1 2]", Error::invalid_syntax},
        Refusal{"TwoCommas", "[1,,2]", Error::invalid_syntax},
        Refusal{"CommaAtTheEnd", "{\"a\":1,}", Error::invalid_syntax},
        Refusal{"CommaInArray", "[1,]", Error::invalid_syntax},
        Refusal{"KeyWithoutQuotes", "{a:1}", Error::invalid_syntax},
        Refusal{"NumberAsKey", "{1:1}", Error::invalid_syntax},
        Refusal{"SingleQuotes", "{'a':1}", Error::invalid_syntax}, Refusal{"Comment", "{/**/}", Error::invalid_syntax},
        Refusal{"LeadingZero", "01", Error::invalid_syntax}, Refusal{"MinusAlone", "-", Error::invalid_syntax},
        Refusal{"Plus", "+1", Error::invalid_syntax}, Refusal{"PointAtTheEnd", "1.", Error::invalid_syntax},
        Refusal{"PointAtTheStart", ".1", Error::invalid_syntax}, Refusal{"NoExponent", "1e", Error::invalid_syntax},
        Refusal{"Hex", "0x10", Error::invalid_syntax}, Refusal{"NotANumber", "NaN", Error::invalid_syntax},
        Refusal{"Infinity", "-Infinity", Error::invalid_syntax},
        Refusal{"NumberThenLetter", "[1a]", Error::invalid_syntax}, Refusal{"BigTrue", "True", Error::invalid_syntax},
        Refusal{"TrueAndMore", "[truex]", Error::invalid_syntax},
        Refusal{"NullAndMore", "[nullx]", Error::invalid_syntax}, Refusal{"HalfNull", "nul", Error::invalid_syntax},
        Refusal{"FormFeed", "\f1", Error::invalid_syntax},
        Refusal{"SameKeyTwice", R"({"a":1,"a":1})", Error::duplicate_key},
        Refusal{"SameKeyEscaped", R"({"amount":1,"\u0061mount":2})", Error::duplicate_key},
        Refusal{"SameKeyDeepDown", R"([{"o":{"k":1,"x":2,"k":3}}])", Error::duplicate_key}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(JsonReader, AllowsOneKeyInTwoObjects) { EXPECT_TRUE(parse(R"([{"a":1},{"a":{"a":2}}])")); }

TEST(JsonReader, TakesASurrogatePairForOneCharacter) {
    EXPECT_EQ(parse(R"("\ud83d\ude00")")->string(), "\xF0\x9F\x98\x80");
}

TEST(JsonLimits, HoldAtTheEdge) {
    EXPECT_TRUE(parse(nested(32)));
    EXPECT_EQ(parse(nested(33)).error(), Error::too_deep);
    EXPECT_TRUE(parse("[{\"a\":[1]}]", {1024, 3}));
    EXPECT_EQ(parse("[{\"a\":[1]}]", {1024, 2}).error(), Error::too_deep);
    EXPECT_TRUE(parse("1", {1024, 0}));
    EXPECT_EQ(parse(nested(200'000)).error(), Error::too_deep);
    EXPECT_EQ(parse(std::string(200'000, '[')).error(), Error::too_deep);

    EXPECT_TRUE(parse("\"ab\"", {4, 32}));
    EXPECT_EQ(parse("\"abc\"", {4, 32}).error(), Error::too_large);
}

TEST(JsonReader, FindsADuplicateAmongManyKeys) {
    std::string text = "{";
    for (int at = 0; at < 5000; ++at) {
        text += "\"k" + std::to_string(at) + "\":" + std::to_string(at) + ",";
    }
    EXPECT_EQ(parse(text + "\"z\":1}")->members().size(), 5001U);
    EXPECT_EQ(parse(text + "\"k2500\":1}").error(), Error::duplicate_key);
}

// Every cut of a good text is refused: half a message is never a message.
TEST(JsonReader, RefusesEveryPrefix) {
    const std::string text = R"({"id":"evt_1","data":{"n":[1,-2.5e3,true,null],"s":"\u5bf9\ud83d\ude00"}})";
    ASSERT_TRUE(parse(text));
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_FALSE(parse(std::string_view(text).substr(0, length))) << length;
    }
}

}  // namespace
}  // namespace core::json
