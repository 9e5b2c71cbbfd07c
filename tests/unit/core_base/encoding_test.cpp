#include "core/text/encoding.h"

#include <gtest/gtest.h>

#include <thread>

namespace core::text {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Utf8, IsTakenStrictly) {
    for (const char* text : {"", "abc", "\xE5\xAF\xB9\xE8\xB4\xA6", "\xF0\x9F\x98\x80", "\x7F", "\xF4\x8F\xBF\xBF"}) {
        EXPECT_TRUE(is_valid_utf8(text)) << text;
    }
    EXPECT_TRUE(is_valid_utf8(std::string_view("a\0b", 3)));
    // Overlong, a surrogate, beyond U+10FFFF, cut short, a stray continuation, GBK.
    for (const char* bytes : {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE5\xAF", "a\x80",
                              "\xB6\xD4\xD5\xCB", "\xFF"}) {
        EXPECT_FALSE(is_valid_utf8(bytes));
    }
}

TEST(Gbk, BecomesUtf8AndBack) {
    const std::string gbk = "\xB6\xD4\xD5\xCB";  // 对账
    const std::string utf8 = "\xE5\xAF\xB9\xE8\xB4\xA6";
    EXPECT_EQ(utf8_from_gbk(gbk), utf8);
    EXPECT_EQ(gbk_from_utf8(utf8), gbk);
    EXPECT_EQ(utf8_from_gbk(""), "");
    EXPECT_EQ(utf8_from_gbk("plain ASCII |"), "plain ASCII |");
}

// The second byte is '|', '\\' or '~' here: cutting before decoding would cut the character.
TEST(Gbk, MayHoldAsciiBytesInsideACharacter) {
    EXPECT_EQ(utf8_from_gbk("\xEF\x7C"), "\xE9\xA3\xA2");  // 飢
    EXPECT_EQ(utf8_from_gbk("\xD4\x5C"), "\xE8\xA8\xBA");  // 診
    EXPECT_EQ(utf8_from_gbk("\xD4\x7E"), "\xE8\xA9\x9E");  // 詞
}

TEST(Gbk, TakesTheFourByteCharactersOfGb18030) {
    const std::string emoji = "\xF0\x9F\x98\x80";
    const auto four = gbk_from_utf8(emoji);
    ASSERT_TRUE(four);
    EXPECT_EQ(four->size(), 4U);
    EXPECT_EQ(utf8_from_gbk(*four), emoji);
}

TEST(Gbk, IsRefusedWholeForOneIllegalByte) {
    EXPECT_FALSE(utf8_from_gbk("\x80"));
    EXPECT_FALSE(utf8_from_gbk("abc\x80"));
    EXPECT_FALSE(utf8_from_gbk("\xFF"));
    EXPECT_FALSE(utf8_from_gbk("\xB6"));  // cut in the middle
    EXPECT_FALSE(utf8_from_gbk("\xB6\xD4\xD5"));
    EXPECT_FALSE(utf8_from_gbk("\xB6\x20"));      // no such second byte
    EXPECT_FALSE(utf8_from_gbk("\x81\x30\x81"));  // three of four
    EXPECT_FALSE(gbk_from_utf8("\xB6\xD4"));
    EXPECT_FALSE(gbk_from_utf8("\xED\xA0\x80"));
    // What failed before leaves no trace in the next conversion.
    EXPECT_EQ(utf8_from_gbk("\xD5\xCB"), "\xE8\xB4\xA6");
}

TEST(Gbk, IsConvertedAcrossAnyInternalBufferEdge) {
    for (const std::size_t blanks : {2729U, 2730U, 4093U, 4094U, 4095U, 4096U, 8191U}) {
        std::string gbk(blanks, ' ');
        std::string utf8(blanks, ' ');
        for (int round = 0; round < 3000; ++round) {
            gbk += "\xB6\xD4";
            utf8 += "\xE5\xAF\xB9";
        }
        ASSERT_EQ(utf8_from_gbk(gbk), utf8) << blanks;
        ASSERT_EQ(gbk_from_utf8(utf8), gbk) << blanks;
    }
}

TEST(Gbk, IsConvertedByManyThreadsAtOnce) {
    std::vector<std::thread> threads;
    std::vector<int> wrong(4, 0);
    for (std::size_t at = 0; at < wrong.size(); ++at) {
        threads.emplace_back([&wrong, at] {
            for (int round = 0; round < 2000; ++round) {
                wrong[at] += utf8_from_gbk("\xB6\xD4\xD5\xCB") == "\xE5\xAF\xB9\xE8\xB4\xA6" ? 0 : 1;
                wrong[at] += utf8_from_gbk("\xB6") ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Form, IsReadInItsOrder) {
    EXPECT_EQ(parse_form("b=2&a=1"), (Pairs{{"b", "2"}, {"a", "1"}}));
    EXPECT_EQ(parse_form("a=1+2%2B3&b="), (Pairs{{"a", "1 2+3"}, {"b", ""}}));
    EXPECT_EQ(parse_form("a=%e5%AF%b9"), (Pairs{{"a", "\xE5\xAF\xB9"}}));
    EXPECT_EQ(parse_form("sig=x%3D%3D&t=a=b"), (Pairs{{"sig", "x=="}, {"t", "a=b"}}));
    EXPECT_EQ(parse_form(""), Pairs{});
    std::string many = "k=";
    for (int i = 1; i < 1000; ++i) {
        many += "&k" + std::to_string(i) + "=";
    }
    EXPECT_EQ(parse_form(many)->size(), 1000U);
    EXPECT_FALSE(parse_form(many + "&one_more="));
    // Names are told apart after decoding, and case counts.
    EXPECT_EQ(parse_form("a=1&A=2"), (Pairs{{"a", "1"}, {"A", "2"}}));
}

TEST(Form, IsRefusedWhenBroken) {
    for (const char* body : {"a", "a=1&", "&a=1", "a=1&&b=2", "a=%", "a=%4", "a=%4G", "a=%G4", "a=%00", "a=%FF",
                             "a=%C0%AF", "a=1&a=1", "a=1&%61=2", "%=1"}) {
        EXPECT_FALSE(parse_form(body)) << body;
    }
    EXPECT_FALSE(parse_form(std::string_view("a=\0", 3)));
}

TEST(Form, IsEncodedSoThatItReadsBack) {
    EXPECT_EQ(form_encode("AZaz09-_.~"), "AZaz09-_.~");
    EXPECT_EQ(form_encode("a b+c=&%/"), "a%20b%2Bc%3D%26%25%2F");
    EXPECT_EQ(form_encode("\xE5\xAF\xB9"), "%E5%AF%B9");
    const std::string text = "\x01 +%&=\xE5\xAF\xB9\x7F";
    EXPECT_EQ(parse_form("k=" + form_encode(text))->front().second, text);
}

TEST(Trimmed, TakesBlanksAndTabsOff) {
    EXPECT_EQ(trimmed(" \t a b\t "), "a b");
    EXPECT_EQ(trimmed("a"), "a");
    EXPECT_EQ(trimmed(" \t "), "");
    EXPECT_EQ(trimmed(""), "");
    EXPECT_EQ(trimmed("\na\n"), "\na\n");
}

}  // namespace
}  // namespace core::text
