// Reports that are refused: where, and in which words.
#include <gtest/gtest.h>

#include "core/archive.h"
#include "payments/channels/stripe/summaries.h"
#include "support.h"

namespace payments::stripe {
namespace {

const core::BusinessDay kDay = *core::parse_day("2026-09-01");
const std::string kHeader = "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,source_id\n";
const std::string kCharge = "txn_1,2026-09-01 09:15:02,usd,100.00,3.20,96.80,charge,ch_A\n";

std::string row(int number) {
    const auto n = std::to_string(number);
    return "txn_" + n + ",2026-09-01 09:15:02,usd,1.00,0.20,0.80,charge,ch_" + n + "\n";
}

struct Refused {
    const char* name;
    std::string text;
    std::uint64_t line;
    const char* field;
    const char* what;  // part of it
};

class StatementRefuses : public testing::TestWithParam<Refused> {};

TEST_P(StatementRefuses, SayingWhereAndWhat) {
    const auto statement = test::channel()->read_statement({{"report.csv", GetParam().text}}, kDay);

    ASSERT_FALSE(statement);
    EXPECT_EQ(statement.error().file, "report.csv");
    EXPECT_EQ(statement.error().line, GetParam().line);
    EXPECT_EQ(statement.error().field, GetParam().field);
    EXPECT_NE(statement.error().what.find(GetParam().what), std::string::npos) << statement.error().message();
    EXPECT_FALSE(statement.error().remedy.empty());
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

std::string charge_with(const std::string& from, const std::string& to) {
    return kHeader + row(9) + with(kCharge, from, to);
}

INSTANTIATE_TEST_SUITE_P(
    , StatementRefuses,
    testing::Values(
        Refused{"Empty", "", 0, "", "empty"},
        Refused{"WithoutId", with(kHeader, "balance_transaction_id", "id"), 1, "balance_transaction_id", "missing"},
        Refused{"WithoutNet", with(kHeader, "net", "nett"), 1, "net", "missing"},
        Refused{"WithoutCreated", with(kHeader, "created_utc", "made"), 1, "created", "missing"},
        Refused{"ColumnTwice", with(kHeader, "source_id", "net"), 1, "net", "twice"},
        Refused{"ErrorPage", "<html>\n<body>Not found</body>\n", 1, "balance_transaction_id", "missing"},
        Refused{"NotUtf8", kHeader + with(kCharge, "ch_A", "ch_\xFF"), 2, "", "UTF-8"},
        Refused{"NotUtf8FurtherDown", kHeader + kCharge + with(kCharge, "ch_A", "ch_\xFF") + kCharge, 3, "", "UTF-8"},
        Refused{"RowShort", charge_with(",ch_A\n", "\n"), 3, "", "cut short"},
        Refused{"RowLong", charge_with("ch_A", "ch_A,x"), 3, "", "cells"},
        Refused{"HeaderWithoutLineEnd", kHeader.substr(0, kHeader.size() - 1), 1, "", "cut"},
        Refused{"QuotedHeaderCut", with(kHeader, ",source_id\n", ",\"source_id\""), 1, "", "cut"},
        Refused{"LastRowCutInACell", kHeader + row(9) + kCharge.substr(0, kCharge.size() - 2), 3, "", "cut"},
        Refused{"QuoteNotClosed", charge_with("ch_A\n", "\"ch_A"), 3, "", "quote"},
        Refused{"HeaderTwice", kHeader + kCharge + kHeader + kCharge, 3, "", "two reports"},
        Refused{"SecondHalfIsTheFirst", kHeader + row(1) + row(2) + row(3) + row(1) + row(2) + row(3), 0, "",
                "repeats"},
        Refused{"NetIsNotGrossLessFee", charge_with("96.80", "96.81"), 3, "net", "gross less fee"},
        Refused{"NoAmount", charge_with("100.00", "abc"), 3, "gross", "no amount"},
        Refused{"AmountTooFine", charge_with("3.20", "3.201"), 3, "fee", "no amount"},
        Refused{"AmountBeyondRange", charge_with("100.00", "100000000000.00"), 3, "gross", "no amount"},
        Refused{"UnknownCurrency", charge_with("usd", "zzz"), 3, "currency", "currency"},
        Refused{"ChargeBelowZero", charge_with("100.00,3.20,96.80", "-100.00,0,-100.00"), 3, "gross", "sign"},
        Refused{"NoSuchDay", charge_with("2026-09-01", "2026-09-31"), 3, "created_utc", "no time"},
        Refused{"TimeWithOffset", charge_with("09:15:02", "09:15:02Z"), 3, "created_utc", "no time"},
        Refused{"TransactionEmpty", charge_with("txn_1", ""), 3, "balance_transaction_id", "empty"},
        Refused{"OneRowOfAnotherDay", charge_with("2026-09-01", "2026-09-02"), 3, "created", "2026-09-02"},
        Refused{"AllOfAnotherDay", kHeader + with(kCharge, "2026-09-01", "2026-08-31"), 0, "created", "another day"},
        Refused{"BalanceSummary", "category,description,net_amount,currency\nactivity,Activity,1.00,usd\n", 0, "",
                "balance summary"},
        Refused{"Payouts", "payout_id,balance_transaction_id,currency,gross,fee,net,reporting_category\n", 0, "",
                "payouts"},
        Refused{"CategorySummary", "reporting_category,currency,count,gross,fee,net\n", 0, "", "summary"}),
    [](const auto& each) { return std::string(each.param.name); });

StatementRefusal refusal_of(const std::vector<StatementFile>& files, core::BusinessDay day = kDay) {
    const auto statement = test::channel()->read_statement(files, day);
    EXPECT_FALSE(statement);
    return statement ? StatementRefusal{} : statement.error();
}

TEST(StatementFiles, AreOneReport) {
    const std::string text = kHeader + kCharge;

    EXPECT_NE(refusal_of({}).what.find("no file"), std::string::npos);
    const auto twice = refusal_of({{"a.csv", text}, {"b.csv", text}});
    EXPECT_EQ(twice.file, "b.csv");
    EXPECT_NE(twice.what.find("twice"), std::string::npos);
    EXPECT_NE(refusal_of({{"a.csv", text}, {"b.csv", kHeader}}).what.find("second report"), std::string::npos);
    EXPECT_NE(refusal_of({{"a.zip", core::zip({{"a.csv", text}, {"b.csv", text}})}}).what.find("2 files"),
              std::string::npos);
}

TEST(StatementFiles, AreRefusedWhenCutShortInTransit) {
    const auto packed = core::gzip(kHeader + kCharge);

    EXPECT_EQ(refusal_of({{"report.csv.gz", packed.substr(0, packed.size() - 5)}}).file, "report.csv.gz");
}

// A report without rows has only its name to tell its day.
TEST(StatementName, TellsTheDayOfAReportWithoutRows) {
    const std::string name = "Itemized_balance_change_from_activity_2026-09-01_to_2026-09-02_UTC.csv";

    EXPECT_NE(refusal_of({{name, kHeader}}, *core::parse_day("2026-09-02")).what.find("name"), std::string::npos);
    EXPECT_NE(refusal_of({{name, kHeader}}, *core::parse_day("2026-08-31")).what.find("name"), std::string::npos);
    EXPECT_TRUE(test::channel()->read_statement({{name, kHeader}}, kDay));
    EXPECT_TRUE(test::channel()->read_statement({{"x_2026-09-01_to_2026-09-01.csv", kHeader}}, kDay));
    EXPECT_TRUE(test::channel()->read_statement({{"x_2026-13-01_to_2026-13-02.csv", kHeader}}, kDay));
}

TEST(BalanceSummary, IsRefusedWhenItDoesNotAddUp) {
    const std::string header = "category,net_amount,currency\n";

    EXPECT_TRUE(read_balance_summary(header + "starting_balance,1.00,usd\nactivity,2.50,usd\npayouts,-1.50,usd\n"
                                              "ending_balance,2.00,usd\n"));
    EXPECT_FALSE(read_balance_summary(header + "starting_balance,1.00,usd\nactivity,2.50,usd\npayouts,-1.50,usd\n"
                                               "ending_balance,2.01,usd\n"));
    EXPECT_FALSE(read_balance_summary(header + "starting_balance,0,usd\nending_balance,1.00,eur\n"));
    EXPECT_FALSE(read_balance_summary(header));
}

}  // namespace
}  // namespace payments::stripe
