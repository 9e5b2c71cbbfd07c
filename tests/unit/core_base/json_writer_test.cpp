#include "core/json/writer.h"

#include <gtest/gtest.h>

#include "core/failure.h"
#include "core/json/reader.h"

namespace core::json {
namespace {

TEST(JsonWriter, WritesOneLineWithoutBlanks) {
    Writer writer;
    writer.begin_object();
    writer.member("s", "x").member("n", 7).member("yes", true).key("z").null();
    writer.key("a").begin_array().value(1).begin_object().end_object().begin_array().end_array().end_array();
    writer.member("m", Money(-5, *Currency::from_code("CNY")));
    writer.member("big", std::size_t{18446744073709551615U});
    writer.end_object();

    EXPECT_EQ(
        writer.text(),
        R"({"s":"x","n":7,"yes":true,"z":null,"a":[1,{},[]],"m":{"amount":-5,"currency":"CNY"},"big":18446744073709551615})");
}

TEST(JsonWriter, IndentsWhenAsked) {
    Writer writer(2);
    writer.begin_object().key("a").begin_array().value(1).value("x").end_array();
    writer.key("e").begin_object().end_object().end_object();

    EXPECT_EQ(writer.text(), "{\n  \"a\": [\n    1,\n    \"x\"\n  ],\n  \"e\": {}\n}");
}

TEST(JsonWriter, TellsTextFromTruth) {
    Writer writer;
    const std::string text = "t";
    const char* pointer = "p";
    writer.begin_array().value(text).value(pointer).value(std::string_view("v")).value(false).end_array();
    EXPECT_EQ(writer.text(), R"(["t","p","v",false])");
}

TEST(JsonWriter, BreaksARuleWhenCalledOutOfOrder) {
    EXPECT_THROW(Writer().end_object(), BrokenRule);
    EXPECT_THROW(Writer().key("a"), BrokenRule);
    EXPECT_THROW(Writer().value(1).value(2), BrokenRule);
    EXPECT_THROW(Writer().begin_object().value(1), BrokenRule);
    EXPECT_THROW(Writer().begin_object().end_array(), BrokenRule);
    EXPECT_THROW(Writer().begin_object().key("a").key("b"), BrokenRule);
    EXPECT_THROW(Writer().begin_object().key("a").end_object(), BrokenRule);
    EXPECT_THROW(Writer().begin_array().key("a"), BrokenRule);
}

TEST(Quoted, EscapesNoMoreThanItMust) {
    EXPECT_EQ(quoted("a\"b\\c/"), R"("a\"b\\c/")");
    EXPECT_EQ(quoted("\b\f\n\r\t"), R"("\b\f\n\r\t")");
    EXPECT_EQ(quoted(std::string_view("\0\x01\x1F\x7F", 4)), "\"\\u0000\\u0001\\u001f\x7F\"");
    EXPECT_EQ(quoted("\xE5\xAF\xB9 \xF0\x9F\x98\x80"), "\"\xE5\xAF\xB9 \xF0\x9F\x98\x80\"");
}

TEST(Quoted, MendsBytesThatAreNoText) {
    EXPECT_EQ(quoted("a\xFF"
                     "b"),
              "\"a\xEF\xBF\xBD"
              "b\"");
    EXPECT_EQ(quoted("\xE5\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    EXPECT_EQ(quoted("\xED\xA0\x80!"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD!\"");
}

TEST(Quoted, ReadsBackByteForByte) {
    std::string text;
    for (char c = 1; c < 127; ++c) {
        text.push_back(c);
    }
    text += "\xE5\xAF\xB9\xF0\x9F\x98\x80";
    EXPECT_EQ(parse(json::quoted(text))->string(), text);
}

}  // namespace
}  // namespace core::json
