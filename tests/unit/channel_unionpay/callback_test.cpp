#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "payments/channels/unionpay/vocabulary.h"
#include "world.h"

namespace payments::unionpay::test {
namespace {

const Channel& channel() {
    static const auto made = make_channel(options(), context());
    return *made;
}

CallbackMessage accepted(const Fields& fields) {
    auto result = told(channel(), form(well_signed(fields)));
    EXPECT_EQ(verdict(result), "accepted");
    return result ? *result : CallbackMessage{};
}

Transaction only_transaction(const Fields& fields) {
    const auto message = accepted(fields);
    core::ensure(message.transactions.size() == 1, "one transaction is told");
    return message.transactions.front();
}

TEST(APayment, IsToldInTheProductsWords) {
    const auto told = only_transaction(payment_fields());
    EXPECT_EQ(told.type, TransactionType::payment);
    EXPECT_EQ(told.status, TransactionStatus::captured);
    EXPECT_EQ(told.channel_txn_id.text(), "432611181121443244922");
    EXPECT_EQ(told.merchant_order_id.text(), "U26111800000GEz9J");
    EXPECT_EQ(told.own_order_id, "");
    EXPECT_TRUE(told.related_txn_id.empty());
    EXPECT_EQ(told.amount, core::Money(12345, *core::Currency::from_code("CNY")));
    EXPECT_EQ(core::format_rfc3339(told.occurred_at), "2026-11-18T03:21:44Z");
    EXPECT_EQ(core::format_day(told.business_day), "2026-11-18");
    EXPECT_EQ(told.date_rank, 1);
    EXPECT_EQ(
        told.attributes,
        (Attributes{{"trace_no", "449221"}, {"trace_time", "1118112144"}, {"txn_type", "01"}, {"resp_code", "00"}}));
    EXPECT_EQ(told.masked_card, "622155******0000");
    EXPECT_EQ(told.card_fingerprint, "");
}

TEST(ARefund, IsNegativeAndNamesItsPaymentByQueryId) {
    const auto told = only_transaction(refund_fields());
    EXPECT_EQ(told.type, TransactionType::refund);
    EXPECT_EQ(told.amount.minor(), -12345);
    EXPECT_EQ(told.own_order_id, "RU26111800000GEz9J");
    EXPECT_TRUE(told.merchant_order_id.empty());
    EXPECT_EQ(told.related_txn_id.text(), "432611181100003244921");
}

TEST(TheAnswer, IsOk) {
    EXPECT_EQ(channel().accepted().status, 200);
    EXPECT_EQ(channel().accepted().body, "ok");
    EXPECT_EQ(channel().callback_content_type(), "application/x-www-form-urlencoded");
    EXPECT_TRUE(channel().returns_fee_on_refund());
    EXPECT_EQ(channel().name(), "unionpay");
}

struct Told {
    const char* name;
    const char* txn_type;
    const char* resp_code;
    const char* says;  // "type status sign", empty for no transaction
};

class MessageMeans : public testing::TestWithParam<Told> {};

TEST_P(MessageMeans, WhatTheSpecificationSays) {
    auto fields = payment_fields();
    fields["txnType"] = GetParam().txn_type;
    fields["respCode"] = GetParam().resp_code;
    std::string says;
    for (const auto& told : accepted(fields).transactions) {
        says.append(name_of(told.type)).append(" ").append(name_of(told.status));
        says += told.amount.minor() < 0 ? " -" : " +";
    }
    EXPECT_EQ(says, GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    , MessageMeans,
    testing::Values(
        Told{"Consume", "01", "00", "payment captured +"}, Told{"WithDefects", "01", "A6", "payment captured +"},
        Told{"Completion", "03", "00", "payment captured +"}, Told{"Refund", "04", "00", "refund captured -"},
        Told{"Cancel", "31", "00", "reversal captured -"}, Told{"CompletionCancel", "33", "00", "reversal captured -"},
        Told{"Timeout", "04", "03", "refund processing -"}, Told{"Unknown", "04", "04", "refund processing -"},
        Told{"Accepted", "04", "05", "refund processing -"}, Told{"Failed", "01", "01", "payment failed +"},
        Told{"IssuerRefuses", "04", "51", "refund failed -"}, Told{"UnknownCode", "01", "zz", "payment failed +"},
        Told{"Query", "00", "00", ""}, Told{"PreAuthorisation", "02", "00", ""},
        Told{"PreAuthorisationCancel", "32", "00", ""}, Told{"Binding", "79", "00", ""}, Told{"Credit", "12", "00", ""},
        Told{"NewType", "Z9", "00", ""}),
    [](const auto& row) { return std::string(row.param.name); });

struct Field {
    const char* name;
    const char* field;
    const char* value;  // nullptr: the field is left out
    const char* verdict;
};

class ContentIsJudged : public testing::TestWithParam<Field> {};

TEST_P(ContentIsJudged, AfterTheSignature) {
    auto fields = payment_fields();
    fields.erase(GetParam().field);
    if (GetParam().value != nullptr) {
        fields[GetParam().field] = GetParam().value;
    }
    EXPECT_EQ(verdict(told(channel(), form(well_signed(fields)))), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(
    , ContentIsJudged,
    testing::Values(Field{"OneFen", "txnAmt", "1", "accepted"}, Field{"TheMost", "txnAmt", "999999999999", "accepted"},
                    Field{"LeadingZeros", "txnAmt", "000000000001", "accepted"},
                    Field{"Zero", "txnAmt", "0", "400 amount_out_of_range"},
                    Field{"ThirteenDigits", "txnAmt", "1000000000000", "400 amount_malformed"},
                    Field{"Negative", "txnAmt", "-1", "400 amount_malformed"},
                    Field{"Decimal", "txnAmt", "1.00", "400 amount_malformed"},
                    Field{"Hex", "txnAmt", "0x10", "400 amount_malformed"},
                    Field{"Blank", "txnAmt", " 1", "400 amount_malformed"},
                    Field{"FullWidth", "txnAmt", "１", "400 amount_malformed"},
                    Field{"NoAmount", "txnAmt", nullptr, "400 amount_malformed"},
                    Field{"OtherCurrency", "currencyCode", "840", "accepted"},
                    Field{"NoSuchCurrency", "currencyCode", "000", "400 currency_unknown"},
                    Field{"LettersForCurrency", "currencyCode", "CNY", "400 currency_unknown"},
                    Field{"CurrencyLeftOut", "currencyCode", nullptr, "accepted"},
                    Field{"NoQueryId", "queryId", nullptr, "400 query_id_missing"},
                    Field{"QueryIdWithLineEnd", "queryId", "43\r\n26", "400 query_id_missing"},
                    Field{"NoOrderId", "orderId", nullptr, "400 order_id_missing"},
                    Field{"LongOrderId", "orderId", "12345678901234567890123456789012345678901234567890123456789012345",
                          "400 order_id_missing"},
                    Field{"NoTime", "txnTime", nullptr, "400 time_impossible"},
                    Field{"ImpossibleTime", "txnTime", "20261118250000", "400 time_impossible"},
                    Field{"OldTime", "txnTime", "20161118112144", "accepted"},
                    Field{"ImpossibleSettleDate", "settleDate", "0230", "400 settle_date_impossible"},
                    Field{"LongSettleDate", "settleDate", "20261118", "400 settle_date_impossible"},
                    Field{"NoTxnType", "txnType", nullptr, "400 txn_type_missing"},
                    Field{"NoRespCode", "respCode", nullptr, "400 resp_code_missing"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(TheBusinessDay, IsTheSettleDateInTheYearNearest) {
    auto fields = payment_fields();
    fields["txnTime"] = "20261231233000";
    fields["settleDate"] = "0101";
    EXPECT_EQ(core::format_day(only_transaction(fields).business_day), "2027-01-01");
    fields["txnTime"] = "20270101000100";
    fields["settleDate"] = "1231";
    EXPECT_EQ(core::format_day(only_transaction(fields).business_day), "2026-12-31");
}

TEST(WithoutASettleDate, TheDayIsDerivedAndRanksLower) {
    auto fields = payment_fields();
    fields.erase("settleDate");
    fields["respCode"] = "05";
    fields["txnTime"] = "20261118230000";
    const auto told = only_transaction(fields);
    EXPECT_EQ(core::format_day(told.business_day), "2026-11-19");
    EXPECT_EQ(told.date_rank, 0);
}

TEST(AFailureWithoutQueryId, IsAMessageWithoutTransaction) {
    auto fields = payment_fields();
    fields["respCode"] = "01";
    fields.erase("queryId");
    EXPECT_TRUE(accepted(fields).transactions.empty());
}

TEST(TheEventId, IsTheSameForTheSameNewsOnly) {
    const auto first = accepted(payment_fields()).event_id;
    EXPECT_EQ(accepted(payment_fields()).event_id, first);
    auto other = payment_fields();
    other["respCode"] = "05";
    EXPECT_NE(accepted(other).event_id, first);
    EXPECT_NE(accepted(refund_fields()).event_id, first);
    EXPECT_EQ(accepted(payment_fields()).event_type, "01");
}

struct Account {
    const char* name;
    std::string acc_no;
    const char* masked;
    bool fingerprint;
};

class CardIsShown : public testing::TestWithParam<Account> {};

TEST_P(CardIsShown, MaskedOrNotAtAll) {
    const auto card = card_from(GetParam().acc_no, context());
    EXPECT_EQ(card.masked, GetParam().masked);
    EXPECT_EQ(!card.fingerprint.empty(), GetParam().fingerprint);
}

INSTANTIATE_TEST_SUITE_P(
    , CardIsShown,
    testing::Values(Account{"None", "", "", false},
                    Account{"Masked", "6216***********0018", "6216***********0018", false},
                    Account{"MaskedTooLittle", "62155881*2340000", "621558******0000", false},
                    Account{"MaskedAtTheEnd", "622155**********", "622155**********", false},
                    Account{"InClear", std::string(kTestCard), "622155******0000", true},
                    Account{"DigitsBetweenStars", "6221*588*0000", "", false},
                    Account{"Encrypted", "ORRSXWY1kMr8UJNxGx9xKPuO0Uhm8JT8aQV3sWswJfIsjw==", "", false},
                    Account{"Short", "0000000018", "", false}, Account{"Huge", std::string(4000, '*'), "", false}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ACardInClear, LeavesNoTraceButItsFingerprint) {
    auto fields = payment_fields();
    const std::string card(kTestCard);
    fields["accNo"] = card;
    fields["customerInfo"] = card;
    fields["tokenPayData"] = "{token=" + card + "}";
    fields["reqReserved"] = card;
    fields["respMsg"] = "card 6200000000000005 [0000000]";
    fields["orderId"] = "6200000000000005";
    const auto message = accepted(fields);
    const auto& told = message.transactions.front();
    EXPECT_EQ(told.card_fingerprint, context().fingerprint(card));
    EXPECT_EQ(told.merchant_order_id.text(), context().redact("6200000000000005"));
    for (const auto& text : {message.redacted_body, message.event_id, told.merchant_order_id.text()}) {
        EXPECT_EQ(text.find(card), std::string::npos) << text;
        EXPECT_EQ(text.find("6200000000000005"), std::string::npos) << text;
    }
    EXPECT_EQ(message.redacted_body.find("accNo"), std::string::npos);
    EXPECT_EQ(message.redacted_body.find("sign"), std::string::npos);
    EXPECT_NE(message.redacted_body.find(R"("queryId":"432611181121443244922")"), std::string::npos);
}

TEST(ACardInClear, IsNotKeptAsATypeNobodyKnows) {
    auto fields = payment_fields();
    fields["txnType"] = "6200000000000005";
    const auto message = accepted(fields);
    EXPECT_EQ(message.event_type, context().redact("6200000000000005"));
    EXPECT_NE(message.event_type, "6200000000000005");
}

}  // namespace
}  // namespace payments::unionpay::test
