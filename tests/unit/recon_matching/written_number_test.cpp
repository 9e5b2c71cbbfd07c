#include "reconciliation/matching/written_number.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/failure.h"
#include "diff_fixture.h"
#include "reconciliation/diff.h"

namespace reconciliation {
namespace {

using diff_test::Diff;
using matching::plainly_written;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(WrittenNumber, IsReadAsPeopleWriteIt) {
    const std::pair<const char*, const char*> kWritten[] = {
        {"12", "12"},
        {"12.50", "12.50"},
        {"1,234.50", "1234.50"},
        {"12,345,678", "12345678"},
        {"1 234.50", "1234.50"},
        {"1\u00A0234\u00A0567.5", "1234567.5"},
        {"1\u202F234", "1234"},
        {"1'234.50", "1234.50"},
        {"¥1,234.50", "1234.50"},
        {"￥ 12.00", "12.00"},
        {"12.00 €", "12.00"},
        {"-$5.00", "-5.00"},
        {"$-5.00", "-5.00"},
        {"\u22125.00", "-5.00"},
        {"5.00-", "-5.00"},
        {"+5.00", "5.00"},
        {"(1,234.50)", "-1234.50"},
        {"($ 5.00)", "-5.00"},
    };
    for (const auto& [written, read] : kWritten) {
        EXPECT_EQ(plainly_written(written, '.'), read) << written;
    }
    EXPECT_EQ(plainly_written("1.234,50", ','), "1234.50");
    EXPECT_EQ(plainly_written("1.234", ','), "1234");
    EXPECT_EQ(plainly_written("0,5", ','), "0.5");
}

TEST(WrittenNumber, IsNoneWhereItCouldBeAnother) {
    for (const char* text :
         {"",     "-",         "()",     "(5",    "5)",      "1,23", "1,2345", "12,34,567", "1234,567",
          ",123", "1,234 567", "1,234,", "1.2.3", "1.",      ".5",   "--5",    "-(5)",      "(5-)",
          "-5-",  "5 000 0",   "$",      "5$$",   "1,234e3", "１２", "0x10",   "1.234,50"}) {
        EXPECT_FALSE(plainly_written(text, '.')) << text;
    }
    for (const char* text : {"1,234.50", "1.23", "1.234.", "1,2,3"}) {
        EXPECT_FALSE(plainly_written(text, ',')) << text;
    }
}

TEST_F(Diff, ReadsAmountsAsASpreadsheetShowsThem) {
    options_.units = DiffUnits::major;
    write("left.csv", "channel_txn_id,amount,currency\na,\"1,234.50\",CNY\nb,(10.00),CNY\nc,¥7.5,CNY\n");
    write("right.csv", "channel_txn_id,amount,currency\na,1234.50,CNY\nb,-10,CNY\nc,7.51,CNY\n");
    const auto result = diff(options_);
    ASSERT_EQ(result.discrepancies.size(), 1U);
    EXPECT_EQ(result.discrepancies.front().channel_txn_id, "c");
    EXPECT_EQ(result.left.amounts.at(payments::TransactionType::payment).at("CNY"), 123'450 - 1'000 + 750);
}

TEST_F(Diff, ReadsDecimalCommasWhereTheMappingSaysSo) {
    options_.units = DiffUnits::major;
    write("left.csv", "channel_txn_id;amount;currency\na;1.234,50;EUR\nb;1.234;KWD\n");
    write("right.csv", "channel_txn_id,amount,currency\na,1234.50,EUR\nb,1234.000,KWD\n");
    try {
        diff(options_);
        FAIL() << "a decimal comma is read as what it isn't";
    } catch (const core::InputError& refused) {
        EXPECT_THAT(refused.what(), HasSubstr("left.csv:2: amount: is not a number"));
        EXPECT_THAT(refused.what(), HasSubstr("decimal = \",\" in the mapping"));
    }
    write("mapping.toml", "[left]\ndecimal = \",\"\n");
    options_.mapping = folder_ / "mapping.toml";
    EXPECT_THAT(diff(options_).discrepancies, IsEmpty());

    write("mapping.toml", "[left]\ndecimal = \"'\"\n");
    EXPECT_THROW(diff(options_), core::UsageError);
}

std::string utf16(std::u16string_view text, bool is_big_endian) {
    std::string bytes;
    for (const char16_t unit : text) {
        const char high = static_cast<char>(unit >> 8U);
        const char low = static_cast<char>(unit & 0xFFU);
        bytes += is_big_endian ? std::string{high, low} : std::string{low, high};
    }
    return bytes;
}

// As spreadsheets save "Unicode text".
TEST_F(Diff, ReadsUtf16) {
    std::u16string text = u"\uFEFF流水号\t金额\t币种\t备注\r\n";
    for (int i = 0; i < 40'000; ++i) {
        text += u"a\t500\tCNY\t支付😀\r\n";
        const auto digits = std::to_string(i);
        text.insert(text.size() - std::u16string_view(u"\t500\tCNY\t支付😀\r\n").size(),
                    std::u16string(digits.begin(), digits.end()));
    }
    std::string right = "流水号,金额,币种\n";
    for (int i = 0; i < 40'000; ++i) {
        right += "a" + std::to_string(i) + (i == 7 ? ",501,CNY\n" : ",500,CNY\n");
    }
    write("right.csv", right);
    for (const bool is_big_endian : {false, true}) {
        const auto bytes = utf16(text, is_big_endian);
        write("left.csv", bytes);
        const auto result = diff(options_);
        ASSERT_EQ(result.discrepancies.size(), 1U);
        EXPECT_EQ(result.discrepancies.front().channel_txn_id, "a7");
        EXPECT_EQ(result.matched, 39'999U);
        EXPECT_THAT(result.left.notes, testing::Contains(HasSubstr("UTF-16")));
        for (const auto& broken : {bytes + "x", bytes + utf16(u"\xD83D", is_big_endian)}) {
            write("left.csv", broken);
            EXPECT_THROW(diff(options_), core::InputError);
        }
    }
}

}  // namespace
}  // namespace reconciliation
