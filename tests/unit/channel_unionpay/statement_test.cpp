#include "payments/channels/unionpay/statement.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "settlement.h"

namespace payments::unionpay::test {
namespace {

TEST(APaymentsRow, IsReadInTheProductsWords) {
    const auto statement = read({{archive_name(kDay), zipped({{transactions_name(kDay), payment_row().row()},
                                                              {summary_name(kDay), summary(payment_totals())}})}});
    ASSERT_EQ(outcome(statement), "read");
    ASSERT_EQ(statement->lines.size(), 1U);
    const auto& line = statement->lines.front();
    EXPECT_EQ(line.type, TransactionType::payment);
    EXPECT_EQ(line.status, TransactionStatus::captured);
    EXPECT_EQ(line.channel_txn_id.text(), "432611181121443244922");
    EXPECT_EQ(line.merchant_order_id.text(), "U26111800000GEz9J");
    EXPECT_EQ(line.amount, core::Money(12345, *core::Currency::from_code("CNY")));
    EXPECT_EQ(line.fee, core::Money(74, *core::Currency::from_code("CNY")));
    EXPECT_EQ(core::format_rfc3339(*line.occurred_at), "2026-11-18T03:21:44Z");
    EXPECT_EQ(line.masked_card, "622155******0000");
    EXPECT_EQ(line.attributes.at("trace_no"), "449221");
    EXPECT_EQ(line.member, "INN26111888ZM_777290058110097");
    EXPECT_EQ(line.line, 1U);
    EXPECT_EQ(statement->files.front().lines, 1U);
    EXPECT_EQ(statement->totals.size(), 7U);
    for (const auto& total : statement->totals) {
        EXPECT_TRUE(total.agrees()) << total.name << " " << total.stated << " " << total.actual;
    }
    EXPECT_TRUE(statement->warnings.empty());
}

TEST(ARefundsRow, IsNegativeAndNamesThePaymentsOrder) {
    const auto statement = read({plain(payment_row().row() + refund_row().row())});
    ASSERT_EQ(outcome(statement), "read");
    const auto& line = statement->lines.at(1);
    EXPECT_EQ(line.type, TransactionType::refund);
    EXPECT_EQ(line.status, TransactionStatus::captured);
    EXPECT_EQ(line.amount.minor(), -5000);
    EXPECT_EQ(line.fee->minor(), -30);
    EXPECT_EQ(line.own_order_id, "RU26111800000GEz9J");
    EXPECT_EQ(line.merchant_order_id.text(), "U26111800000GEz9J");
    EXPECT_EQ(line.related_txn_id.text(), "432611181121443244922");
    EXPECT_EQ(line.line, 2U);
    EXPECT_EQ(line.member, "");
}

TEST(AnEmptyFile, IsAStatementWithoutLines) {
    const auto statement = read({{archive_name(kDay), zipped({{transactions_name(kDay), ""}})}});
    ASSERT_EQ(outcome(statement), "read");
    EXPECT_TRUE(statement->lines.empty());
    EXPECT_EQ(outcome(read({plain("")})), "read");
    EXPECT_EQ(outcome(read({plain("\r\n")})), "read");
}

TEST(TheNightOfNewYear, BelongsToTheYearOfTheFile) {
    const SettlementDay new_year{kMerchant, *core::parse_day("2027-01-01")};
    auto row = payment_row();
    row.text(zm::kTraceTime, "1231231500");
    const auto statement = with_lines([&](const LineTaker& take) {
        return read_settlement({{transactions_name(new_year), row.row()}}, new_year, context(), {}, take);
    });
    ASSERT_EQ(outcome(statement), "read");
    EXPECT_EQ(core::format_rfc3339(*statement->lines.front().occurred_at), "2026-12-31T15:15:00Z");
}

struct Judgement {
    const char* name;
    const char* txn_type;
    std::int64_t settled;
    std::int64_t net;
    const char* says;  // "type status amount"
};

class RowMeans : public testing::TestWithParam<Judgement> {};

TEST_P(RowMeans, WhatTypeAndDirectionSay) {
    auto row = payment_row();
    row.text(zm::kTxnType, GetParam().txn_type).directed(zm::kSettled, GetParam().settled);
    row.directed(zm::kNet, GetParam().net);
    const auto statement = read({plain(row.row())});
    ASSERT_EQ(outcome(statement), "read");
    std::string says;
    for (const auto& line : statement->lines) {
        says.append(name_of(line.type)).append(" ").append(name_of(line.status));
        says += " " + std::to_string(line.amount.minor());
    }
    EXPECT_EQ(says, GetParam().says);
    EXPECT_EQ(statement->warnings.size(), statement->lines.empty() ? 1U : 0U);
}

INSTANTIATE_TEST_SUITE_P(, RowMeans,
                         testing::Values(Judgement{"Consume", "01", 5, 5, "payment captured 12345"},
                                         Judgement{"AllOfItTheFee", "01", 0, 0, "payment captured 12345"},
                                         Judgement{"ConsumeTaken", "01", -5, -5, "payment abnormal 12345"},
                                         Judgement{"NetTaken", "01", 5, -5, "payment abnormal 12345"},
                                         Judgement{"Completion", "03", 5, 5, "payment captured 12345"},
                                         Judgement{"Refund", "04", -5, -5, "refund captured -12345"},
                                         Judgement{"RefundGiven", "04", 5, 5, "refund abnormal -12345"},
                                         Judgement{"Cancel", "31", -5, -5, "reversal captured -12345"},
                                         Judgement{"CompletionCancel", "33", -5, -5, "reversal captured -12345"},
                                         Judgement{"UnknownGiven", "11", 5, 5, "adjustment abnormal 12345"},
                                         Judgement{"UnknownTaken", "12", -5, -5, "adjustment abnormal -12345"},
                                         Judgement{"PreAuthorisation", "02", 0, 0, ""},
                                         Judgement{"SettledPreAuthorisation", "02", 5, 5, "adjustment abnormal 12345"}),
                         [](const auto& row) { return std::string(row.param.name); });

struct Bytes {
    const char* name;
    std::function<std::string()> file;
    const char* outcome;  // without file name
};

std::string changed(std::size_t byte, const std::string& to) {
    auto row = payment_row().row();
    return payment_row().row() + row.replace(byte - 1, to.size(), to);
}

std::string row_of_length(std::size_t length) { return payment_row().row().substr(0, length) + "\r\n"; }

class FileIsRefused : public testing::TestWithParam<Bytes> {};

TEST_P(FileIsRefused, WithLineFieldAndRemedy) {
    const std::string remedy = "; fetch the file from UnionPay again";
    const std::string expected = GetParam().outcome;
    EXPECT_EQ(outcome(read({plain(GetParam().file())})),
              expected == "read" ? expected : transactions_name(kDay) + expected + remedy);
}

INSTANTIATE_TEST_SUITE_P(
    , FileIsRefused,
    testing::Values(
        Bytes{"Whole", [] { return payment_row().row(); }, "read"},
        Bytes{"LineFeedsOnly", [] { return payment_row().row().substr(0, 607) + "\n"; }, "read"},
        Bytes{"WithoutReserve", [] { return row_of_length(508); }, "read"},
        Bytes{"OldReserve", [] { return row_of_length(542); }, "read"},
        Bytes{"LongerReserve", [] { return payment_row().row().substr(0, 607) + " more\r\n"; }, "read"},
        Bytes{"OneByteShort", [] { return row_of_length(507); }, ":1: the row has 507 bytes, at least 508 are needed"},
        Bytes{"CutInTheLastRow", [] { return payment_row().row() + payment_row().row().substr(0, 600); },
              ":2: the last row has no line end: the file is cut short"},
        Bytes{"CutBeforeTheLineEnd", [] { return payment_row().row().substr(0, 607); },
              ":1: the last row has no line end: the file is cut short"},
        Bytes{"EmptyLineInBetween", [] { return "\r\n" + payment_row().row(); },
              ":1: the row has 0 bytes, at least 508 are needed"},
        Bytes{"Shifted", [] { return payment_row().row().substr(1, 606) + "x\r\n"; },
              ":1: 发送机构标识码: no blank at byte 28, where the field ends"},
        Bytes{"SeparatorBehindTheLastField", [] { return changed(509, "x"); },
              ":2: 原始交易订单号: no blank at byte 509, where the field ends"},
        Bytes{"ZeroAmount", [] { return changed(67, "000000000000"); },
              ":2: 交易金额: must be an amount in fen above zero"},
        Bytes{"BlankAmount", [] { return changed(67, "            "); },
              ":2: 交易金额: must be an amount in fen above zero"},
        Bytes{"DecimalAmount", [] { return changed(67, "0000000123.4"); },
              ":2: 交易金额: must be an amount in fen above zero"},
        Bytes{"FeeWithoutDirection", [] { return changed(167, " "); },
              ":2: 商户手续费: must be C or D and 12 digits (a blank instead of the letter for zero)"},
        Bytes{"SettledWithMinus", [] { return changed(181, "-"); },
              ":2: 结算金额: must be C or D and 12 digits (a blank instead of the letter for zero)"},
        Bytes{"ImpossibleTime", [] { return changed(36, "1131"); },
              ":2: 交易传输时间: must be a time MMDDhhmmss that exists"},
        Bytes{"NoQueryId", [] { return changed(88, std::string(21, ' ')); }, ":2: 查询流水号: is empty"},
        Bytes{"OtherMerchant", [] { return changed(294, "777290058110098"); },
              ":2: 商户代码: is not the configured merchant 777290058110097"},
        Bytes{"OrderIdIsNoGbk", [] { return changed(113, "\xFF\xFF"); }, ":2: 商户订单号: the bytes are no GBK text"},
        Bytes{"NulInOrderId", [] { return changed(113, std::string(1, '\0')); },
              ":2: 商户订单号: the bytes are no GBK text"},
        Bytes{"DeleteInOrderId", [] { return changed(113, "\x7F"); }, ":2: 商户订单号: the bytes are no GBK text"}),
    [](const auto& row) { return std::string(row.param.name); });

// A character of three bytes where GBK has two moves everything behind it.
TEST(AFileInUtf8, IsRefusedByItsShiftedColumns) {
    auto bytes = payment_row().text(zm::kMerchantNote, "").directed(zm::kDiscount, 0).directed(zm::kInvoice, 0).row();
    ASSERT_EQ(outcome(read({plain(bytes)})), "read");
    bytes.replace(397, 2, "门");
    EXPECT_NE(outcome(read({plain(bytes)})), "read");
}
TEST(ACardNumberAsOrderNumber, IsRedactedLikeTheCallbacks) {
    auto row = payment_row();
    row.text(zm::kOrderId, "6200000000000005").text(zm::kAccount, std::string(kTestCard));
    const auto statement = read({plain(row.row())});
    ASSERT_EQ(outcome(statement), "read");
    const auto& line = statement->lines.front();
    EXPECT_EQ(line.merchant_order_id.text(), context().redact("6200000000000005"));
    EXPECT_NE(line.merchant_order_id.text(), "6200000000000005");
    EXPECT_EQ(line.masked_card, "622155******0000");
    EXPECT_EQ(line.card_fingerprint, context().fingerprint(kTestCard));
}

TEST(ALineListedTwice, StaysTwice) {
    const auto statement = read({plain(payment_row().row() + payment_row().row())});
    ASSERT_EQ(outcome(statement), "read");
    EXPECT_EQ(statement->lines.size(), 2U);
}

TEST(ADispute, IsAnAdjustmentThatNamesItsOriginalByTrace) {
    RowWriter row(zme_layout());
    row.text(zme::kCode, "E23").text(zme::kTraceNo, "449999").text(zme::kTraceTime, "1118090000");
    row.fen(zme::kAmount, 12345).fen(zme::kOrigAmount, 12345).directed(zme::kFee, 74).directed(zme::kSettled, -12271);
    row.text(zme::kOrigTraceNo, "449221").text(zme::kOrigTraceTime, "1117112144").text(zme::kOrigSettleDate, "1117");
    row.text(zme::kMerchantId, kMerchant);
    auto rows = row.row();
    rows += row.text(zme::kTraceTime, "x").row();  // doesn't read
    const auto statement = read(one_zip({{transactions_name(kDay), payment_row().row()},
                                         {disputes_name(kDay), rows},
                                         {summary_name(kDay), summary(payment_totals())}}));
    ASSERT_EQ(outcome(statement), "read");
    ASSERT_EQ(statement->lines.size(), 2U);
    const auto& line = statement->lines.back();
    EXPECT_EQ(line.type, TransactionType::adjustment);
    EXPECT_EQ(line.amount.minor(), -12345);
    EXPECT_EQ(line.fee->minor(), -74);
    EXPECT_EQ(line.channel_status, "E23");
    EXPECT_TRUE(line.channel_txn_id.empty());
    EXPECT_EQ(line.attributes.at("orig_trace_no"), "449221");
    EXPECT_EQ(line.attributes.at("orig_trace_time"), "1117112144");
    EXPECT_EQ(statement->warnings.size(), 1U);
    for (const auto& total : statement->totals) {
        EXPECT_TRUE(total.agrees()) << total.name;
    }
}

}  // namespace
}  // namespace payments::unionpay::test
