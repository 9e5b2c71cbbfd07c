#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/bank/statements.h"

namespace payments::bank::test {
namespace {

using testing::HasSubstr;

config::Bank bank() { return account(config::BankFormat::csv); }
std::string good() { return write_statement(bank(), a_day()).bytes; }

TEST(BankCsv, IsReadInGb18030) {
    auto account = bank();
    account.csv.gb18030 = true;
    const auto read = test::read(account, write_statement(account, a_day()).bytes);
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->front().entries[0].counterparty, "财付通 TENPAY");
    EXPECT_THAT(outcome(test::read(bank(), write_statement(account, a_day()).bytes)), HasSubstr("is not UTF-8"));
}

TEST(BankCsv, HasItsDaysAndSignsAsTheConfigurationSays) {
    auto account = bank();
    account.csv.date_format = "DD.MM.YYYY";
    account.csv.credit_positive = false;
    account.csv.separator = ';';
    const auto text = write_statement(account, a_day()).bytes;
    EXPECT_THAT(text, HasSubstr("19.11.2026;-1234.56"));
    const auto read = test::read(account, text);
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->front().entries[0].amount_minor, 1234'56);
    EXPECT_THAT(outcome(test::read(account, replaced(text, "19.11.2026", "31.11.2026"))),
                HasSubstr("bank:2: 交易日期: is no day as DD.MM.YYYY"));
}

TEST(BankCsv, HasCreditAndDebitInColumnsOfTheirOwnAndTheNewestFirst) {
    auto account = bank();
    account.csv.amount.clear();
    account.csv.credit = "in";
    account.csv.debit = "out";
    account.csv.booked = "day";
    account.csv.balance = "stands";
    account.csv.reference = account.csv.counterparty = account.csv.description = "";
    account.csv.account = "number";
    account.csv.newest_first = true;
    account.csv.thousands = ",";
    account.csv.skip_lines = 2;
    const std::string text =
        "The Bank\n\nday,in,out,stands,number\n2026-11-20,,3.00,\"1,002.00\",6222 0000 1234 5678\n"
        "2026-11-19 08:00:00,\"1,000.00\",,\"1,005.00\",'6222000012345678\n";
    const auto read = test::read(account, text);
    ASSERT_TRUE(read) << read.error().message();
    const auto& statement = read->front();
    EXPECT_EQ(statement.opening->minor, 5'00);
    EXPECT_EQ(statement.closing->minor, 1002'00);
    EXPECT_EQ(statement.entries[0].amount_minor, 1000'00);
    EXPECT_EQ(statement.entries[1].amount_minor, -3'00);
    EXPECT_EQ(statement.entries[1].line, 4U);
    account.csv.newest_first = false;
    EXPECT_THAT(outcome(test::read(account, text)), HasSubstr("bank:5: stands: isn't the balance before it"));
}

TEST(BankCsv, IsRefusedWithLineAndColumn) {
    EXPECT_THAT(outcome(read(bank(), replaced(good(), "1234.56", "12x"))), HasSubstr("bank:2: 交易金额: is no amount"));
    EXPECT_THAT(outcome(read(bank(), replaced(good(), "1234.56", ""))), HasSubstr("交易金额: is missing"));
    EXPECT_THAT(outcome(read(bank(), replaced(good(), "账户余额", "余额"))),
                HasSubstr("账户余额: the column is missing"));
    EXPECT_THAT(outcome(read(bank(), good() + "2026-11-19,1\r\n")), HasSubstr("bank:5: has 2 cells, the header has 6"));
    EXPECT_THAT(outcome(read(bank(), "")), HasSubstr("is empty"));
    EXPECT_THAT(outcome(read(bank(), good().substr(0, good().find('\n') + 1))), HasSubstr("has neither entries"));
}

TEST(BankCsv, WithARowLeftOutIsRefused) {
    const auto text = good();
    const auto second = text.find("\n2026-11-19,-20");
    const auto third = text.find('\n', second + 1);
    EXPECT_THAT(outcome(read(bank(), text.substr(0, second) + text.substr(third))),
                HasSubstr("bank:3: 账户余额: isn't the balance before it and its amount"));
}

}  // namespace
}  // namespace payments::bank::test
