#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "core/text/csv.h"
#include "tests/unit/recon_lists/sample_list.h"

namespace reconciliation {
namespace {

constexpr std::string_view kContractHeader =
    "discrepancy_id,kind,tenant,channel,business_date,type,channel_txn_id,merchant_order_id,ledger_amount,"
    "channel_amount,difference,currency,ledger_fee,channel_fee,ledger_status,channel_status,occurred_at,age_days,"
    "suggested_action,evidence";

// The cells of each line, read by the project's own reader, by column name.
using Line = std::map<std::string, std::string>;

std::vector<Line> lines_of(const std::string& csv) {
    core::text::CsvReader reader(csv);
    std::vector<std::string> names;
    std::vector<Line> lines;
    while (true) {
        auto row = reader.next();
        if (!row || !*row) {
            EXPECT_TRUE(row) << "not CSV";
            return lines;
        }
        const auto& cells = (*row)->cells;
        if (names.empty()) {
            names = cells;
            continue;
        }
        EXPECT_EQ(cells.size(), names.size());
        Line line;
        for (std::size_t i = 0; i < std::min(names.size(), cells.size()); ++i) {
            line[names[i]] = cells[i];
        }
        lines.push_back(line);
    }
}

Line only_line(const Discrepancy& row) {
    const auto lines = lines_of(review_csv(sample::list_of({row})));
    EXPECT_EQ(lines.size(), 1U);
    return lines.empty() ? Line{} : lines.front();
}

TEST(ReviewCsv, BeginsWithAMarkAndTheContractsColumns) {
    const auto csv = review_csv(sample::list_of({}));
    EXPECT_EQ(csv.substr(0, 3), "\xEF\xBB\xBF");
    EXPECT_EQ(csv.substr(3, kContractHeader.size() + 1), std::string(kContractHeader) + ",");
    EXPECT_EQ(csv.find("\r\n"), csv.size() - 2) << "an empty list is its header alone";
}

// The first cells of rows in the contract's worked example.
TEST(ReviewCsv, WritesAmountsInMajorUnitsWithTheCurrencysDecimals) {
    const auto csv = review_csv(sample::list_of({sample::amount_mismatch(), sample::missing_in_ledger()}));
    EXPECT_THAT(csv, testing::HasSubstr("\r\n6ab055079bdc769a,amount_mismatch,acme,stripe,2026-11-18,payment,"
                                        "ch_39EPRD3QzkFY3sofbmWkbxEL,S26111800000N7112,254.18,254.17,-0.01,USD,,7.67,"
                                        "captured,,2026-11-18T16:05:27Z,0,confirm_amount,\"bill.csv.gz:5; entry:1\","));
    EXPECT_THAT(csv, testing::HasSubstr("\r\naf82b956b8a68ea2,missing_in_ledger,acme,stripe,2026-11-18,refund,"
                                        "re_3ILP8qhJKYyfkhNqWC0gODcC,S26111800000N7112,,-5297,-5297,JPY,,0,,,,0,"
                                        "verify_and_book,bill.csv.gz:18,"));
}

TEST(ReviewCsv, KnowsThreeDecimals) {
    auto row = sample::amount_mismatch();
    row.ledger_currency = row.channel_currency = "KWD";
    row.ledger_exponent = row.channel_exponent = 3;
    row.ledger_amount = 1005;
    row.channel_amount = 5;
    const auto line = only_line(row);
    EXPECT_EQ(line.at("ledger_amount"), "1.005");
    EXPECT_EQ(line.at("channel_amount"), "0.005");
    EXPECT_EQ(line.at("difference"), "-1.000");
}

TEST(ReviewCsv, LeavesTheDifferenceOfTwoCurrenciesEmpty) {
    const auto line = only_line(sample::currency_mismatch());
    EXPECT_EQ(line.at("difference"), "");
    EXPECT_EQ(line.at("currency"), "EUR");
    EXPECT_EQ(line.at("ledger_currency"), "USD");
    EXPECT_EQ(only_line(sample::amount_mismatch()).at("ledger_currency"), "");
}

TEST(ReviewCsv, HasTheBooksCurrencyWhereTheChannelHasNone) {
    const auto line = only_line(sample::missing_in_channel());
    EXPECT_EQ(line.at("currency"), "USD");
    EXPECT_EQ(line.at("channel_amount"), "");
    EXPECT_EQ(line.at("difference"), "-254.18");
    EXPECT_EQ(line.at("age_days"), "2");
    EXPECT_EQ(line.at("business_date"), "2026-11-18");
    EXPECT_EQ(line.at("item_date"), "2026-11-16");
}

TEST(ReviewCsv, GivesATotalMismatchARowWithoutATransaction) {
    const auto line = only_line(sample::total_mismatch());
    EXPECT_EQ(line.at("type"), "");
    EXPECT_EQ(line.at("ledger_amount"), "");
    EXPECT_EQ(line.at("channel_amount"), "");
    EXPECT_EQ(line.at("difference"), "0.00");
    EXPECT_EQ(line.at("currency"), "CNY");
    EXPECT_EQ(line.at("evidence"), "1982158722All2026-11-18.csv");
    EXPECT_EQ(line.at("totals"), "应结订单总金额: 4001.57 / 4001.56");
}

TEST(ReviewCsv, ListsWhatElseIsWrong) {
    EXPECT_EQ(only_line(sample::status_mismatch()).at("also"), "fee_mismatch");
    EXPECT_EQ(only_line(sample::order_mismatch()).at("order_amount"), "300.00");
}

TEST(ReviewCsv, KeepsANegativeFeeANumber) {
    auto row = sample::status_mismatch();
    row.channel_fee = -32;
    EXPECT_EQ(only_line(row).at("channel_fee"), "-0.32");
}

class FormulaInACell : public testing::TestWithParam<const char*> {};

// Order numbers and file names come from outside; whoever opens the list must not run them.
TEST_P(FormulaInACell, StaysText) {
    auto row = sample::amount_mismatch();
    row.merchant_order_id = GetParam();
    row.channel_txn_id = GetParam();
    row.channel_status = GetParam();
    row.evidence = {GetParam()};
    const auto line = only_line(row);
    for (const auto* column : {"merchant_order_id", "channel_txn_id", "channel_status", "evidence"}) {
        EXPECT_EQ(line.at(column), "'" + std::string(GetParam())) << column;
    }
}

INSTANTIATE_TEST_SUITE_P(, FormulaInACell,
                         testing::Values("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "=\"a\",\"b\"",
                                         "＝1+1", "－1", " =1"));

TEST(ReviewCsv, QuotesWhatWouldBreakALine) {
    auto row = sample::amount_mismatch();
    row.merchant_order_id = "a\"b,c\r\nd";
    EXPECT_EQ(only_line(row).at("merchant_order_id"), "a\"b,c\r\nd");
}

TEST(ReviewCsv, EndsEveryLineWithCrLf) {
    const auto csv = review_csv(sample::every_kind());
    std::size_t lines = 0;
    for (std::size_t at = csv.find('\n'); at != std::string::npos; at = csv.find('\n', at + 1)) {
        ASSERT_EQ(csv[at - 1], '\r');
        ++lines;
    }
    EXPECT_EQ(lines, 13U);
    EXPECT_EQ(csv, review_csv(sample::every_kind())) << "the same list gives the same bytes";
}

}  // namespace
}  // namespace reconciliation
