// What a signed callback may say, and what becomes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/reader.h"
#include "payments/channels/wechatpay/resource.h"
#include "tests/unit/channel_wechatpay/platform.h"

namespace payments::wechatpay::test {
namespace {

using testing::HasSubstr;
using testing::Not;

core::Result<CallbackMessage, CallbackRefusal> read(const CallbackRequest& request) {
    return make_channel(options(), plain_context())->read_callback(request);
}

std::string verdict_of(const CallbackRequest& request) {
    const auto message = read(request);
    if (message) {
        return "accepted";
    }
    return (message.error().kind == CallbackRefusal::Kind::unauthentic ? "401 " : "400 ") + message.error().reason;
}

core::Currency cny() { return core::Currency::from_code("CNY").value(); }

TEST(WechatPayment, BecomesOneTransaction) {
    const auto message = read(signed_resource(payment()));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->event_id, "b62e271c-3389-58a0-8146-4a704966e8f1");
    EXPECT_EQ(message->event_type, "TRANSACTION.SUCCESS");
    ASSERT_EQ(message->transactions.size(), 1U);
    const auto& paid = message->transactions[0];
    EXPECT_EQ(paid.type, TransactionType::payment);
    EXPECT_EQ(paid.status, TransactionStatus::captured);
    EXPECT_EQ(paid.channel_txn_id.text(), "4200000925202611184997714292");
    EXPECT_EQ(paid.merchant_order_id.text(), "W2026111800001");
    EXPECT_EQ(paid.amount, core::Money(100, cny()));  // what was ordered, not what was left after coupons
    EXPECT_EQ(paid.occurred_at, at("2026-11-18T16:00:01Z"));
    EXPECT_EQ(core::format_day(paid.business_day), "2026-11-19");  // Beijing's day
    EXPECT_TRUE(paid.related_txn_id.empty());
}

TEST(WechatPayment, IsKeptWithoutPersonalData) {
    const auto message = read(signed_resource(payment()));
    ASSERT_TRUE(message);
    const auto kept = core::json::parse(message->redacted_body);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->path("resource", "transaction_id")->string(), "4200000925202611184997714292");
    EXPECT_EQ(kept->path("resource", "amount", "total")->integer(), 100);
    for (const char* secret : {"oSomebody", "openid", "private words", "attach", "支付成功"}) {
        EXPECT_THAT(message->redacted_body, Not(HasSubstr(secret)));
    }
}

TEST(WechatPayment, PassesEveryIdentifierThroughTheRedactor) {
    auto context = plain_context();
    context.redact = [](std::string_view text) { return "<" + std::string(text) + ">"; };
    const auto message = make_channel(options(), context)->read_callback(signed_resource(refund(), "REFUND.SUCCESS"));
    ASSERT_TRUE(message);
    const auto& refunded = message->transactions.at(0);
    EXPECT_EQ(refunded.channel_txn_id.text(), "<50300807092026111805990201735>");
    EXPECT_EQ(refunded.related_txn_id.text(), "<4200000925202611184997714292>");
    EXPECT_EQ(refunded.merchant_order_id.text(), "<W2026111800001>");
    EXPECT_EQ(refunded.own_order_id, "<RW2026111800001>");
    EXPECT_THAT(message->redacted_body, HasSubstr("<W2026111800001>"));
}

TEST(WechatPayment, WithoutACurrencyIsInYuan) {
    const auto message = read(signed_resource(payment(R"({"total":7})")));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->transactions.at(0).amount, core::Money(7, cny()));
}

struct BadAmount {
    const char* name;
    const char* json;
    const char* verdict;
};

class WechatAmount : public testing::TestWithParam<BadAmount> {};

TEST_P(WechatAmount, IsTakenOrRefused) {
    EXPECT_EQ(verdict_of(signed_resource(payment(GetParam().json))), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(
    , WechatAmount,
    testing::Values(BadAmount{"One", R"({"total":1})", "accepted"},
                    BadAmount{"Zero", R"({"total":0})", "400 amount_out_of_range"},
                    BadAmount{"Negative", R"({"total":-1})", "400 amount_out_of_range"},
                    BadAmount{"Largest", R"({"total":999999999999})", "accepted"},
                    BadAmount{"TooLarge", R"({"total":1000000000000})", "400 amount_out_of_range"},
                    BadAmount{"BeyondSixtyFourBits", R"({"total":18446744073709551617})", "400 amount_malformed"},
                    BadAmount{"Fraction", R"({"total":1.0})", "400 amount_malformed"},
                    BadAmount{"Exponent", R"({"total":1e2})", "400 amount_malformed"},
                    BadAmount{"Text", R"({"total":"100"})", "400 amount_malformed"},
                    BadAmount{"Null", R"({"total":null})", "400 amount_malformed"},
                    BadAmount{"Absent", R"({"payer_total":100})", "400 amount_malformed"},
                    BadAmount{"NoObject", R"(100)", "400 amount_malformed"},
                    BadAmount{"UnknownCurrency", R"({"total":1,"currency":"XQZ"})", "400 currency_unknown"},
                    BadAmount{"NumberAsCurrency", R"({"total":1,"currency":156})", "400 currency_unknown"},
                    BadAmount{"AnotherCurrency", R"({"total":1,"currency":"HKD"})", "accepted"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(WechatPayment, OfAnotherMerchantIsRefused) {
    EXPECT_EQ(verdict_of(signed_resource(payment(R"({"total":1})", "1900000110"))), "400 merchant_differs");
    EXPECT_EQ(verdict_of(signed_resource(payment(R"({"total":1})", ""))), "400 merchant_differs");
    // Without a merchant nothing says that it is ours.
    EXPECT_EQ(verdict_of(signed_resource(
                  R"({"out_trade_no":"W1","transaction_id":"42","trade_state":"SUCCESS","amount":{"total":1},)"
                  R"("success_time":"2026-11-18T10:00:00+08:00"})")),
              "400 merchant_differs");
}

TEST(WechatPayment, OfAnotherAppIsRefusedWhereOneIsConfigured) {
    auto configured = options();
    configured.app_id = "wxanother";
    const auto refused =
        make_channel(std::move(configured), plain_context())->read_callback(signed_resource(payment()));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "app_id_differs");
    auto right = options();
    right.app_id = kApp;
    EXPECT_TRUE(make_channel(std::move(right), plain_context())->read_callback(signed_resource(payment())));
}

const std::string kOfAPartner =
    R"({"sp_appid":"wx8888888888888888","sp_mchid":"1900000109","sub_mchid":"1900009231",)"
    R"("out_trade_no":"W7","transaction_id":"4200000000000000000000000007","trade_state":"SUCCESS",)"
    R"("success_time":"2026-11-18T10:00:00+08:00","payer":{"sp_openid":"oX"},"amount":{"total":5,"currency":"CNY"}})";

TEST(WechatPayment, OfAPartnerNamesItsSubMerchant) {
    const auto message = read(signed_resource(kOfAPartner));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->transactions.at(0).attributes.at("sub_mchid"), "1900009231");
    EXPECT_THAT(message->redacted_body, Not(HasSubstr("openid")));
}

std::string combined(const std::string& second_merchant, const std::string& second_amount) {
    return R"({"combine_appid":"wx1","combine_mchid":"1900000109","combine_out_trade_no":"C1",)"
           R"("combine_payer_info":{"openid":"oX"},"sub_orders":[)"
           R"({"mchid":"1900000109","trade_state":"SUCCESS","transaction_id":"42001","out_trade_no":"P1",)"
           R"("success_time":"2026-11-18T10:00:00+08:00","amount":{"total_amount":10,"currency":"CNY"}},)"
           R"({"mchid":")" +
           second_merchant +
           R"(","trade_state":"SUCCESS","transaction_id":"42002","out_trade_no":"P2",)"
           R"("success_time":"2026-11-18T10:00:00+08:00","amount":{"total_amount":)" +
           second_amount + R"(,"currency":"CNY"}}]})";
}

// Two tenants may have one partner: a sub-merchant's money is in the books of the tenant whose it is.
std::string verdict_where_sub_merchants_are(std::set<std::string, std::less<>> ours, const CallbackRequest& request) {
    auto configured = options();
    configured.merchant.sub_merchants = std::move(ours);
    const auto message = make_channel(std::move(configured), plain_context())->read_callback(request);
    return message ? "taken" : message.error().reason;
}

TEST(WechatPayment, OfAnotherSubMerchantIsRefusedWhereOursAreNamed) {
    const auto request = signed_resource(kOfAPartner);
    EXPECT_EQ(verdict_where_sub_merchants_are({}, request), "taken");
    EXPECT_EQ(verdict_where_sub_merchants_are({"1900009230", "1900009231"}, request), "taken");
    EXPECT_EQ(verdict_where_sub_merchants_are({"1900009230"}, request), "sub_merchant_differs");
    EXPECT_EQ(verdict_where_sub_merchants_are({"1900009231"}, signed_resource(payment())), "sub_merchant_differs")
        << "it names none";
    EXPECT_EQ(verdict_where_sub_merchants_are({"1900009231"}, signed_resource(combined(kMerchant, "20"))),
              "sub_merchant_differs");
    EXPECT_EQ(verdict_where_sub_merchants_are({"1900009231"}, signed_resource(refund(), "REFUND.SUCCESS")),
              "sub_merchant_differs");
    EXPECT_EQ(part_of({CallbackRefusal::Kind::bad_content, "sub_merchant_differs"}), VerdictPart::binding);
}

TEST(WechatCombinedOrder, IsOnePaymentForEachPart) {
    const auto message = read(signed_resource(combined(kMerchant, "20")));
    ASSERT_TRUE(message);
    ASSERT_EQ(message->transactions.size(), 2U);
    EXPECT_EQ(message->transactions[0].merchant_order_id.text(), "P1");
    EXPECT_EQ(message->transactions[1].channel_txn_id.text(), "42002");
    EXPECT_EQ(message->transactions[1].amount, core::Money(20, cny()));
}

TEST(WechatCombinedOrder, IsRefusedAsAWhole) {
    EXPECT_EQ(verdict_of(signed_resource(combined(kMerchant, "0"))), "400 amount_out_of_range");
    EXPECT_EQ(verdict_of(signed_resource(combined("1900000110", "20"))), "400 merchant_differs");
    EXPECT_EQ(verdict_of(signed_resource(R"({"combine_mchid":"1900000109","sub_orders":[]})")),
              "400 resource_shape_unknown");
    EXPECT_EQ(verdict_of(signed_resource(R"({"combine_mchid":"1900000109","sub_orders":[1]})")),
              "400 merchant_differs");
}

TEST(WechatRefund, IsNegativeAndPointsToItsPayment) {
    const auto message = read(signed_resource(refund(), "REFUND.SUCCESS"));
    ASSERT_TRUE(message);
    ASSERT_EQ(message->transactions.size(), 1U);
    const auto& refunded = message->transactions[0];
    EXPECT_EQ(refunded.type, TransactionType::refund);
    EXPECT_EQ(refunded.status, TransactionStatus::captured);
    EXPECT_EQ(refunded.channel_txn_id.text(), "50300807092026111805990201735");
    EXPECT_EQ(refunded.related_txn_id.text(), "4200000925202611184997714292");
    EXPECT_EQ(refunded.merchant_order_id.text(), "W2026111800001");
    EXPECT_EQ(refunded.own_order_id, "RW2026111800001");
    EXPECT_EQ(refunded.amount, core::Money(-60, cny()));
    EXPECT_EQ(refunded.occurred_at, at("2026-11-18T08:59:59Z"));
    // The account that got the money is told with a card's last digits.
    EXPECT_THAT(message->redacted_body, Not(HasSubstr("0403")));
}

TEST(WechatRefund, ThatDidNotGoThroughMovesNothing) {
    const auto abnormal = read(signed_resource(refund("ABNORMAL"), "REFUND.ABNORMAL"));
    ASSERT_TRUE(abnormal);
    EXPECT_EQ(abnormal->transactions.at(0).status, TransactionStatus::abnormal);
    EXPECT_EQ(abnormal->transactions.at(0).occurred_at, at("2026-11-18T09:00:00Z"));
    for (const char* word : {"CLOSED", "CLOSE"}) {
        const auto closed = read(signed_resource(refund(word), "REFUND.CLOSED"));
        ASSERT_TRUE(closed);
        EXPECT_EQ(closed->transactions.at(0).status, TransactionStatus::closed);
    }
}

TEST(WechatRefund, OfAnotherMerchantIsRefused) {
    auto foreign = refund();
    foreign.replace(foreign.find(kMerchant), std::string(kMerchant).size(), "1900000110");
    EXPECT_EQ(verdict_of(signed_resource(foreign, "REFUND.SUCCESS")), "400 merchant_differs");
    // Every field that names the merchant has to name ours.
    auto doubtful = refund();
    doubtful.insert(1, R"("sp_mchid":"1900000110",)");
    EXPECT_EQ(verdict_of(signed_resource(doubtful, "REFUND.SUCCESS")), "400 merchant_differs");
}

TEST(WechatRefund, OfNothingIsRefused) {
    EXPECT_EQ(verdict_of(signed_resource(refund("SUCCESS", "0"), "REFUND.SUCCESS")), "400 amount_out_of_range");
    EXPECT_EQ(verdict_of(signed_resource(refund("SUCCESS", "-60"), "REFUND.SUCCESS")), "400 amount_out_of_range");
    EXPECT_EQ(verdict_of(signed_resource(refund("SUCCESS", "0.6"), "REFUND.SUCCESS")), "400 amount_malformed");
}

// A refund's fields under a payment's event must not be booked as a payment, nor the other way round.
TEST(WechatEvent, WithTheOthersShapeIsRefused) {
    EXPECT_EQ(verdict_of(signed_resource(refund())), "400 identifier_malformed");
    EXPECT_EQ(verdict_of(signed_resource(payment(), "REFUND.SUCCESS")), "400 identifier_malformed");
}

TEST(WechatState, ThatIsNotSuccessMovesNothing) {
    EXPECT_EQ(status_of_trade_state("SUCCESS"), TransactionStatus::captured);
    EXPECT_EQ(status_of_trade_state("REFUND"), TransactionStatus::captured);
    EXPECT_EQ(status_of_trade_state("CLOSED"), TransactionStatus::closed);
    EXPECT_EQ(status_of_trade_state("REVOKED"), TransactionStatus::revoked);
    EXPECT_EQ(status_of_trade_state("PAYERROR"), TransactionStatus::failed);
    EXPECT_EQ(status_of_trade_state("USERPAYING"), TransactionStatus::processing);
    EXPECT_EQ(status_of_trade_state("success"), TransactionStatus::abnormal);
    EXPECT_EQ(status_of_trade_state("SOMETHING_NEW"), TransactionStatus::abnormal);

    const auto failed = read(signed_resource(payment(R"({"total":1})", kMerchant, "PAYERROR"), "TRANSACTION.FAIL"));
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->transactions.at(0).status, TransactionStatus::failed);
}

TEST(WechatEvent, ThatMovesNoMoneyHereIsAcceptedWithoutTransactions) {
    const std::string sharing =
        R"({"mchid":"1900000999","transaction_id":"42","order_id":"30","out_order_no":"P1",)"
        R"("receiver":{"type":"MERCHANT_ID","account":"1900000109","amount":5,"description":"x"},)"
        R"("success_time":"2026-11-18T10:00:00+08:00"})";
    // Sources disagree on its event type, so it is known by its shape under each of them.
    for (const char* event : {"PROFITSHARING.SUCCESS", "PROFITSHARING", "TRANSACTION.SUCCESS", "REFUND.SUCCESS"}) {
        const auto message = read(signed_resource(sharing, event));
        ASSERT_TRUE(message) << event;
        EXPECT_TRUE(message->transactions.empty());
        EXPECT_EQ(message->event_type, event);
    }
    const auto complaint =
        read(signed_resource(R"({"complaint_id":"200","action_type":"CREATE_COMPLAINT"})", "COMPLAINT.CREATE"));
    ASSERT_TRUE(complaint);
    EXPECT_TRUE(complaint->transactions.empty());
    EXPECT_EQ(verdict_of(signed_resource(R"({"whatever":[1,{"a":null}]})", "MALL_TRANSACTION.SUCCESS")), "accepted");
}

TEST(WechatResource, MustBeOneStrictObject) {
    EXPECT_EQ(verdict_of(signed_resource(R"({"mchid":"1","mchid":"2"})")), "400 resource_key_repeated");
    EXPECT_EQ(verdict_of(signed_resource(R"([])")), "400 resource_shape_unknown");
    EXPECT_EQ(verdict_of(signed_resource(R"({"mchid":"1")")), "400 resource_not_json");
    EXPECT_EQ(verdict_of(signed_resource("{\"mchid\":\"\xFF\"}")), "400 resource_not_utf8");
    EXPECT_EQ(verdict_of(signed_resource("")), "400 resource_empty");
}

TEST(WechatResource, MayComeWithEmptyAssociatedData) {
    Notification notification;
    notification.resource = payment();
    notification.associated_data = "";
    EXPECT_EQ(verdict_of(signed_request(notification.body())), "accepted");
    std::string without = notification.body();
    const std::string member = R"("associated_data":"",)";
    without.erase(without.find(member), member.size());
    EXPECT_EQ(verdict_of(signed_request(without)), "accepted");
}

TEST(WechatResource, CannotChooseItsCipher) {
    Notification notification;
    notification.resource = payment();
    for (const char* algorithm : {"AEAD_SM4_GCM", "none", ""}) {
        notification.algorithm = algorithm;
        EXPECT_EQ(verdict_of(signed_request(notification.body())), "401 resource_not_decryptable");
    }
}

TEST(WechatBody, MustBeTheEnvelope) {
    Notification notification;
    notification.resource = payment();
    const std::string body = notification.body();
    EXPECT_EQ(verdict_of(signed_request("")), "400 body_empty");
    EXPECT_EQ(verdict_of(signed_request(body.substr(0, body.size() / 2))), "400 body_not_json");
    EXPECT_EQ(verdict_of(signed_request(body + "x")), "400 body_not_json");
    EXPECT_EQ(verdict_of(signed_request(R"({"id":"1",)" + body.substr(1))), "400 body_key_repeated");
    EXPECT_EQ(verdict_of(signed_request("{\"id\":\"\xC3\"}")), "400 body_not_utf8");
    EXPECT_EQ(verdict_of(signed_request("{}")), "400 envelope_incomplete");
    EXPECT_EQ(verdict_of(signed_request("[]")), "400 envelope_incomplete");
    EXPECT_EQ(verdict_of(signed_request(std::string(100, '['))), "400 body_too_deep");
    notification.create_time = "yesterday";
    EXPECT_EQ(verdict_of(signed_request(notification.body())), "400 time_malformed");
}

TEST(WechatPayment, MustSayWhenAndWhat) {
    const auto without = [](const std::string& member) {
        std::string text = payment();
        text.erase(text.find(member), member.size());
        return verdict_of(signed_resource(text));
    };
    EXPECT_EQ(without(R"("success_time":"2026-11-19T00:00:01+08:00",)"), "400 time_malformed");
    EXPECT_EQ(without(R"("transaction_id":"4200000925202611184997714292",)"), "400 identifier_malformed");
    EXPECT_EQ(without(R"("out_trade_no":"W2026111800001",)"), "400 identifier_malformed");
    EXPECT_EQ(without(R"("trade_state":"SUCCESS",)"), "400 identifier_malformed");
    EXPECT_EQ(without(R"("bank_type":"OTHERS",)"), "accepted");
    EXPECT_EQ(without(R"("payer":{"openid":"oSomebody000000000000000000"},)"), "accepted");
}

}  // namespace
}  // namespace payments::wechatpay::test
