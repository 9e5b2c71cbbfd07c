#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bank/statements.h"

namespace payments::bank::test {
namespace {

using testing::HasSubstr;

const config::Bank& bank() {
    static const auto made = account(config::BankFormat::mt940);
    return made;
}
std::string good() { return write_statement(bank(), a_day()).bytes; }

struct Change {
    const char* name;
    std::string from;
    std::string to;
    std::string outcome;
};

class Mt940With : public testing::TestWithParam<Change> {};

TEST_P(Mt940With, IsJudged) {
    EXPECT_THAT(outcome(read(bank(), replaced(good(), GetParam().from, GetParam().to))), HasSubstr(GetParam().outcome));
}

INSTANTIATE_TEST_SUITE_P(
    , Mt940With,
    testing::Values(Change{"AnEnvelope", ":20:S7", "{1:F01BANKCNBJ}{2:I940}{4:\r\n:20:S7", "read"},
                    Change{"AnotherAccount", ":25:6222000012345678", ":25:6222000012345679",
                           "is of account 6222****5679"},
                    Change{"ABankCodeBefore", ":25:", ":25:37040044/", "read"},
                    Change{"ACurrencyBehind", "12345678\r", "12345678CNY\r", "read"},
                    Change{"AnotherCurrency", "261119CNY100", "261119USD100", "bank:4: :60F:: is not in CNY"},
                    Change{"NoValueDay", ":61:2611191119", ":61:2611311119", "bank:5: :61:: has no value day"},
                    Change{"NoBookingDay", ":61:2611191119C", ":61:261119C", "read"},
                    Change{"NoAmount", "C1234,56N", "CN", "bank:5: :61:: has no amount"},
                    Change{"APoint", "C1234,56N", "C1234.56N", "closing balance"},
                    Change{"NoDirection", "1119C1234", "1119X1234", "is neither C nor D"},
                    Change{"ThreeDecimals", "C1234,56N", "C1234,567N", "has no amount"},
                    Change{"AFundsCode", "1119C1234", "1119CY1234", "read"},
                    Change{"NoClosingBalance", ":62F:", ":64:", ":62F:: is missing"},
                    Change{"ANumberThatIsNone", ":28C:7/1", ":28C:x", ":28C:: is no number"},
                    Change{"APageThatIsMissing", ":28C:7/1", ":28C:7/2", "the pages before it are missing"},
                    Change{"TextBeforeIt", ":20:", "Dear customer\r\n:20:", "bank:1: stands before the first tag"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Mt940, TakesBackWhatIsReversed) {
    // What went out and is reversed came in again: two times the fee more.
    auto text = replaced(good(), "1119D20,00", "1119RD20,00");
    text = replaced(text, ":62F:C261119CNY1314,61", ":62F:C261119CNY1354,61");
    const auto read = test::read(bank(), text);
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->front().entries[1].amount_minor, 20'00);
}

TEST(Mt940, BooksInTheYearThatIsNearestToTheValueDay) {
    const auto read = test::read(bank(), replaced(good(), ":61:2611191119", ":61:2701011231"));
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(core::format_day(read->front().entries[0].booked), "2026-12-31");
}

TEST(Mt940, JoinsPagesAndDetailsOverLines) {
    const std::string text =
        ":20:A\r\n:25:6222000012345678\r\n:28C:9/1\r\n:60F:C261119CNY1,00\r\n"
        ":61:2611191119C2,00NTRFNONREF//B1\r\nmore of "
        "it\r\n:86:/NAME/TENPAY/REMI/settle\r\nment\r\n:62M:C261119CNY3,00\r\n-\r\n"
        ":20:A\r\n:25:6222000012345678\r\n:28C:9/2\r\n:60M:C261119CNY3,00\r\n:61:2611191119C4,NTRFNONREF\r\n"
        ":62F:C261119CNY7,00\r\n:86:about the statement\r\n-\r\n";
    const auto read = test::read(bank(), text);
    ASSERT_TRUE(read) << read.error().message();
    ASSERT_EQ(read->size(), 1U);
    const auto& statement = read->front();
    ASSERT_EQ(statement.entries.size(), 2U);
    EXPECT_EQ(statement.entries[0].counterparty, "TENPAY");
    EXPECT_THAT(statement.entries[0].description, HasSubstr("more of it"));
    EXPECT_EQ(statement.entries[0].reference, "B1");
    EXPECT_EQ(statement.entries[1].reference, "");
    EXPECT_EQ(statement.closing->minor, 7'00);
    EXPECT_THAT(outcome(test::read(bank(), replaced(text, ":60M:C261119CNY3,00", ":60M:C261119CNY2,00"))),
                HasSubstr("doesn't begin with what the page before ends with"));
}

TEST(Mt940, WithANumberLeftOutIsRefused) {
    const auto next = write_statement(bank(), a_day("2026-11-20", 9, 131461)).bytes;
    EXPECT_THAT(outcome(test::read(bank(), {{"a", good()}, {"b", next}})),
                HasSubstr("b:1: number: number 9 follows 7"));
}

}  // namespace
}  // namespace payments::bank::test
