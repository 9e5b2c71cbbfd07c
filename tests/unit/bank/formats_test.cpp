// One day, told in each format, reads the same; and what isn't whole is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/archive.h"
#include "tests/unit/bank/statements.h"

namespace payments::bank::test {
namespace {

using config::BankFormat;
using testing::HasSubstr;

class Format : public testing::TestWithParam<BankFormat> {
protected:
    config::Bank bank_ = account(GetParam());
    std::string written(const SimulatedStatement& statement = a_day()) const {
        return write_statement(bank_, statement).bytes;
    }
};

TEST_P(Format, ReadsWhatTheBankWrote) {
    const auto read = test::read(bank_, written());

    ASSERT_TRUE(read) << read.error().message();
    ASSERT_EQ(read->size(), 1U);
    const auto& statement = read->front();
    EXPECT_EQ(core::format_day(statement.day), "2026-11-19");
    EXPECT_EQ(statement.opening->minor, 100'00);
    EXPECT_EQ(statement.closing->minor, 100'00 + 1234'56 - 20'00 + 5);
    ASSERT_EQ(statement.entries.size(), 3U);
    EXPECT_EQ(statement.entries[0].amount_minor, 1234'56);
    EXPECT_EQ(statement.entries[0].reference, "R-1");
    EXPECT_EQ(statement.entries[0].counterparty, "财付通 TENPAY");
    EXPECT_THAT(statement.entries[0].description, HasSubstr("settlement 1118"));
    EXPECT_EQ(core::format_day(statement.entries[0].booked), "2026-11-19");
    EXPECT_EQ(statement.entries[1].amount_minor, -20'00);
    EXPECT_THAT(statement.entries[1].description, HasSubstr("fee <&>"));
    EXPECT_LT(statement.entries[0].line, statement.entries[1].line);
    EXPECT_EQ(statement.entries[2].amount_minor, 5);
}

TEST_P(Format, IsReadFromAnArchive) {
    EXPECT_EQ(outcome(test::read(bank_, core::gzip(written()))), "read");
    EXPECT_EQ(outcome(test::read(bank_, core::zip({{"a", written()}}))), "read");
}

TEST_P(Format, IsRefusedWhenItsEntriesDontGiveTheClosingBalance) {
    auto statement = a_day();
    statement.closing_off_by_minor = 1;
    const auto read = test::read(bank_, written(statement));
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message(), HasSubstr("balance"));
    EXPECT_GT(read.error().line, 0U);
}

TEST_P(Format, IsRefusedTwiceInOneDelivery) {
    EXPECT_THAT(outcome(test::read(bank_, {{"a", written()}, {"b", written()}})),
                HasSubstr("is the same statement as a:"));
}

TEST_P(Format, FollowsTheStatementBefore) {
    const auto next = a_day("2026-11-20", 8, 100'00 + 1234'56 - 20'00 + 5);
    const auto read = test::read(bank_, {{"b", written(next)}, {"a", written()}});
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->front().file, "a");
    EXPECT_THAT(outcome(test::read(bank_, {{"a", written()}, {"b", written(a_day("2026-11-20", 8, 1))}})),
                HasSubstr("balance: opens with 0.01, and the statement of 2026-11-19 closes with 1314.61"));
}

TEST_P(Format, IsRefusedWhenItIsCutShort) {
    const auto whole = written();
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, whole.size() / 3}) {
        EXPECT_NE(outcome(test::read(bank_, whole.substr(0, size))), "read") << size;
    }
    // Between two rows of a CSV nothing tells; the next statement's opening balance does.
    if (GetParam() != BankFormat::csv) {
        EXPECT_NE(outcome(test::read(bank_, whole.substr(0, whole.size() - 40))), "read");
    }
}

TEST_P(Format, HasItsTextsWithoutCardNumbers) {
    auto statement = a_day();
    statement.entries[0].description = "card 4242424242424242";
    const auto read = read_statements(
        {write_statement(bank_, statement)},
        {bank_, [](std::string_view text) {
             return replaced(std::string(text) + "4242424242424242", "4242424242424242", "*").substr(0, 64);
         }});
    ASSERT_TRUE(read);
    EXPECT_THAT(read->front().entries[0].description, HasSubstr("card *"));
}

INSTANTIATE_TEST_SUITE_P(, Format, testing::Values(BankFormat::camt053, BankFormat::mt940, BankFormat::csv),
                         [](const auto& row) {
                             return row.param == BankFormat::camt053 ? "Camt053"
                                    : row.param == BankFormat::mt940 ? "Mt940"
                                                                     : "Csv";
                         });

}  // namespace
}  // namespace payments::bank::test
