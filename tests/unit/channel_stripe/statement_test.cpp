// Itemized reports: what becomes of their rows.
#include <gtest/gtest.h>

#include "core/archive.h"
#include "core/crypto/digest.h"
#include "support.h"

namespace payments::stripe {
namespace {

using test::usd;
using Type = TransactionType;

const core::BusinessDay kDay = *core::parse_day("2026-09-01");
constexpr const char* kName = "Itemized_balance_change_from_activity_2026-09-01_to_2026-09-02_UTC.csv";
constexpr const char* kHeader =
    "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,source_id,customer_facing_amount,"
    "customer_facing_currency,charge_id,payment_intent_id,payment_metadata[order_id]\n";
constexpr const char* kCharge =
    "txn_1,2026-09-01 09:15:02,usd,100.00,3.20,96.80,charge,ch_A,100.00,usd,ch_A,pi_A,ORD-1\n";

core::Result<Statement, StatementRefusal> read(const std::string& text, const std::string& name = kName) {
    return test::channel()->read_statement({{name, text}}, kDay);
}

StatementLine line_of(const std::string& row) {
    auto statement = read(kHeader + row);
    EXPECT_TRUE(statement) << (statement ? "" : statement.error().message());
    return statement->lines.at(0);
}

TEST(StatementCharge, IsAPaymentWithItsFee) {
    const auto statement = read(std::string(kHeader) + kCharge);

    ASSERT_TRUE(statement);
    ASSERT_EQ(statement->lines.size(), 1U);
    const auto& line = statement->lines[0];
    EXPECT_EQ(line.type, Type::payment);
    EXPECT_EQ(line.status, TransactionStatus::captured);
    EXPECT_EQ(line.channel_status, "");
    EXPECT_EQ(line.channel_txn_id.text(), "ch_A");
    EXPECT_EQ(line.merchant_order_id.text(), "ORD-1");
    EXPECT_EQ(line.amount, usd(10000));
    EXPECT_EQ(line.fee, usd(320));
    EXPECT_EQ(core::format_rfc3339(*line.occurred_at), "2026-09-01T09:15:02Z");
    EXPECT_EQ(line.attributes.at("balance_transaction"), "txn_1");
    EXPECT_EQ(line.attributes.at("payment_intent"), "pi_A");
    EXPECT_EQ(line.line, 2U);
    EXPECT_EQ(statement->files.at(0).lines, 1U);
    EXPECT_EQ(statement->files.at(0).sha256, core::crypto::sha256_hex(std::string(kHeader) + kCharge));
    EXPECT_TRUE(statement->totals.empty());
    EXPECT_TRUE(statement->warnings.empty());
    EXPECT_EQ(statement->dialect, "stripe balance_change_from_activity itemized (13 columns)");
}

struct Mapping {
    const char* category;
    const char* gross;
    const char* fee;
    const char* net;
    Type type;
};

class StatementCategory : public testing::TestWithParam<Mapping> {};

TEST_P(StatementCategory, HasItsType) {
    const auto& row = GetParam();
    const auto line = line_of("txn_1,2026-09-01 09:00:00,usd," + std::string(row.gross) + "," + row.fee + "," +
                              row.net + "," + row.category + ",x_1,,,ch_A,,ORD-1\n");

    EXPECT_EQ(line.type, row.type);
    EXPECT_EQ(line.channel_txn_id.text(), "x_1");
    EXPECT_EQ(line.channel_status, "");
    EXPECT_EQ(line.attributes.at("reporting_category"), row.category);
    EXPECT_EQ(line.merchant_order_id.text(), "ORD-1");
    EXPECT_EQ(line.related_txn_id.text(), row.type == Type::payment ? "" : "ch_A");
}

INSTANTIATE_TEST_SUITE_P(, StatementCategory,
                         testing::Values(Mapping{"charge", "0.16", "0.25", "-0.09", Type::payment},
                                         Mapping{"refund", "-25", "0", "-25", Type::refund},
                                         Mapping{"refund_failure", "25.00", "0.00", "25.00", Type::reversal},
                                         Mapping{"dispute", "-49.95", "15.00", "-64.95", Type::dispute},
                                         Mapping{"dispute_reversal", "49.95", "-15.00", "64.95", Type::reversal},
                                         Mapping{"payout", "-95.91", "0", "-95.91", Type::payout},
                                         Mapping{"payout_reversal", "95.91", "0", "95.91", Type::reversal},
                                         Mapping{"fee", "-2.00", "0", "-2.00", Type::fee},
                                         Mapping{"network_cost", "-0.07", "0", "-0.07", Type::fee},
                                         Mapping{"tax", "-0.38", "0", "-0.38", Type::fee},
                                         Mapping{"transfer", "-70", "0", "-70", Type::adjustment},
                                         Mapping{"charge_failure", "-5", "0", "-5", Type::adjustment},
                                         Mapping{"platform_earning", "1.23", "0", "1.23", Type::adjustment}),
                         [](const auto& row) { return std::string(row.param.category); });

TEST(StatementCategoryUnknown, IsForAPersonToSee) {
    const auto line = line_of("txn_1,2026-09-01 09:00:00,usd,1,0,1,new_thing,,,,,,\n");

    EXPECT_EQ(line.type, Type::adjustment);
    EXPECT_EQ(line.channel_status, "new_thing");
    EXPECT_EQ(line.channel_txn_id.text(), "txn_1");
}

TEST(StatementAmount, IsTheCustomersAndTheFeeTheSettlements) {
    const auto payment = line_of("txn_1,2026-09-01 09:00:00,usd,12.34,0.66,11.68,charge,ch_A,10.00,eur,ch_A,,\n");
    const auto refund = line_of("txn_1,2026-09-01 09:00:00,usd,-12.34,0,-12.34,refund,re_A,10.00,eur,ch_A,,\n");
    const auto yen = line_of("txn_1,2026-09-01 09:00:00,usd,8.10,0.50,7.60,charge,ch_A,1200.00,jpy,ch_A,,\n");

    EXPECT_EQ(payment.amount, test::money(1000, "EUR"));
    EXPECT_EQ(payment.fee, usd(66));
    EXPECT_EQ(payment.attributes.at("settlement_minor"), "1234");
    EXPECT_EQ(payment.attributes.at("settlement_currency"), "USD");
    EXPECT_EQ(refund.amount, test::money(-1000, "EUR"));
    EXPECT_EQ(yen.amount, test::money(1200, "JPY"));
}

// The events tell disputes by their balance transactions, in the settlement currency.
TEST(StatementAmount, OfADisputeIsTheSettlements) {
    const auto line = line_of("txn_1,2026-09-01 09:00:00,usd,-12.34,15,-27.34,dispute,du_A,-10.00,eur,ch_A,,\n");

    EXPECT_EQ(line.amount, usd(-1234));
    EXPECT_EQ(line.fee, usd(1500));
}

TEST(StatementIds, FallBackAsFarAsIsSafe) {
    const std::string header = "balance_transaction_id,created,currency,gross,fee,net,reporting_category,charge_id\n";
    const auto statement = read(header +
                                "txn_1,2026-09-01 09:00:00,usd,1,0,1,charge,ch_A\n"
                                "txn_2,2026-09-01 09:00:00,usd,-1,0,-1,refund,ch_A\n"
                                "txn_3,2026-09-01 09:00:00,usd,-1,0,-1,fee,\n");

    ASSERT_TRUE(statement);
    EXPECT_EQ(statement->lines[0].channel_txn_id.text(), "ch_A");
    EXPECT_EQ(statement->lines[1].channel_txn_id.text(), "");
    EXPECT_EQ(statement->lines[1].related_txn_id.text(), "ch_A");
    EXPECT_EQ(statement->lines[1].attributes.at("balance_transaction"), "txn_2");
    EXPECT_EQ(statement->lines[2].channel_txn_id.text(), "txn_3");
    ASSERT_EQ(statement->warnings.size(), 1U);
    EXPECT_NE(statement->warnings[0].find("source_id"), std::string::npos);
}

TEST(StatementIds, AreRedacted) {
    const auto line = line_of("txn_1,2026-09-01 09:00:00,usd,1,0,1,charge,ch_A,,,ch_A,,4242424242424242\n");

    EXPECT_EQ(line.merchant_order_id.text(), "424242******4242");
}

TEST(StatementText, MayBeWrittenInManyWays) {
    std::string crlf = std::string(kHeader) + kCharge;
    for (auto at = crlf.find('\n'); at != std::string::npos; at = crlf.find('\n', at + 2)) {
        crlf.replace(at, 1, "\r\n");
    }
    const std::string quoted =
        "\"reporting_category\",\"net\",\"fee\",\"gross\",\"currency\",\"created\",\"source_id\","
        "\"balance_transaction_id\"\n\"charge\",\"96.8\",\"3.2\",\"100\",\"USD\",\"2026-09-01 "
        "09:15:02\",\"ch_A\",\"txn_1\"";
    const std::string plain = std::string(kHeader) + kCharge;
    for (const auto& text : {plain, crlf, "\xEF\xBB\xBF" + plain, "\xEF\xBB\xBF" + crlf, quoted, core::gzip(plain)}) {
        const auto statement = read(text);
        ASSERT_TRUE(statement) << statement.error().message();
        ASSERT_EQ(statement->lines.size(), 1U);
        EXPECT_EQ(statement->lines[0].amount, usd(10000));
        EXPECT_EQ(statement->lines[0].channel_txn_id.text(), "ch_A");
        EXPECT_EQ(statement->lines[0].member, "");
    }
    const auto zipped = read(core::zip({{"report.csv", plain}}));
    ASSERT_TRUE(zipped);
    EXPECT_EQ(zipped->lines.at(0).member, "report.csv");
}

TEST(StatementWithoutRows, IsValid) {
    const auto statement = read(kHeader);

    ASSERT_TRUE(statement);
    EXPECT_TRUE(statement->lines.empty());
}

TEST(StatementRowsTwice, AreTheChannelsMistakeAndKept) {
    const auto statement = read(std::string(kHeader) + kCharge + kCharge);

    ASSERT_TRUE(statement);
    EXPECT_EQ(statement->lines.size(), 2U);
}

TEST(StatementPayoutReport, LeavesThePayoutItselfOut) {
    const auto statement = read(
        "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created,available_on,currency,"
        "gross,fee,net,reporting_category,source_id\n"
        "po_A,2026-09-07 00:00:00,txn_1,2026-09-01 09:15:02,2026-09-04 00:00:00,usd,100,3.2,96.8,charge,ch_A\n"
        "po_A,2026-09-07 00:00:00,txn_2,2026-09-05 00:00:00,2026-09-04 00:00:00,usd,-96.8,0,-96.8,payout,po_A\n",
        "Itemized_payout_reconciliation.csv");

    ASSERT_TRUE(statement) << statement.error().message();
    ASSERT_EQ(statement->lines.size(), 1U);
    EXPECT_EQ(statement->lines[0].attributes.at("payout"), "po_A");
    EXPECT_EQ(statement->dialect, "stripe payout_reconciliation itemized (11 columns)");
    EXPECT_EQ(statement->warnings.size(), 1U);
}

// New York, 1 November 2026: 01:30 is there twice. The day is certain, the instant is not.
TEST(StatementLocalTime, WithoutInstantWhereTheClockGoesBack) {
    auto options = test::options();
    options.time_zone = "America/New_York";
    const auto statement = test::channel(std::move(options))
                               ->read_statement({{"report.csv",
                                                  "balance_transaction_id,created,currency,gross,fee,net,"
                                                  "reporting_category,source_id\n"
                                                  "txn_1,2026-11-01 01:30:00,usd,1,0,1,charge,ch_A\n"
                                                  "txn_2,2026-11-01 23:59:59,usd,1,0,1,charge,ch_B\n"}},
                                                *core::parse_day("2026-11-01"));

    ASSERT_TRUE(statement) << statement.error().message();
    EXPECT_FALSE(statement->lines.at(0).occurred_at);
    EXPECT_EQ(core::format_rfc3339(*statement->lines.at(1).occurred_at), "2026-11-02T04:59:59Z");
}

}  // namespace
}  // namespace payments::stripe
