// Which callbacks are refused, and with which answer.
#include <gtest/gtest.h>

#include "support.h"

namespace payments::stripe {
namespace {

using test::charge;
using test::event;
using test::signed_request;
using Kind = CallbackRefusal::Kind;

TEST(Callback, IsReadWhenAllIsRight) {
    const auto message = test::channel()->read_callback(signed_request(event("charge.succeeded", charge())));

    ASSERT_TRUE(message);
    EXPECT_EQ(message->event_id, "evt_1");
    EXPECT_EQ(message->event_type, "charge.succeeded");
    ASSERT_EQ(message->transactions.size(), 1U);
    EXPECT_EQ(message->transactions[0].amount, test::usd(10000));
}

TEST(Callback, IsAcknowledgedAsStripeExpects) {
    const auto channel = test::channel();

    EXPECT_EQ(channel->accepted().status, 200);
    EXPECT_EQ(channel->accepted().body, R"({"received":true})");
    EXPECT_EQ(channel->callback_content_type(), "application/json");
    EXPECT_EQ(channel->name(), "stripe");
    EXPECT_FALSE(channel->returns_fee_on_refund());
}

TEST(CallbackIsUnauthentic, WithoutTheHeaderOrWithTwo) {
    auto request = signed_request(event("charge.succeeded", charge()));
    const auto header = request.headers.front();
    request.headers.clear();
    const auto without = test::channel()->read_callback(request);
    request.headers = {header, header};
    const auto twice = test::channel()->read_callback(request);

    ASSERT_FALSE(without);
    ASSERT_FALSE(twice);
    EXPECT_EQ(without.error().kind, Kind::unauthentic);
    EXPECT_EQ(without.error().reason, "signature_missing");
    EXPECT_EQ(twice.error().kind, Kind::unauthentic);
}

// Forged and replayed messages must not even be parsed: their content is no JSON here.
TEST(CallbackIsUnauthentic, BeforeItsContentIsLookedAt) {
    auto forged = signed_request("no json");
    forged.body += "!";
    auto stale = signed_request("no json");
    stale.received_at += std::chrono::seconds(301);

    const auto channel = test::channel();
    const auto first = channel->read_callback(forged);
    const auto second = channel->read_callback(stale);

    ASSERT_FALSE(first);
    ASSERT_FALSE(second);
    EXPECT_EQ(first.error().reason, "signature_wrong");
    EXPECT_EQ(second.error().reason, "timestamp_stale");
    EXPECT_EQ(second.error().kind, Kind::unauthentic);
}

TEST(CallbackIsUnauthentic, FromHostsThatSoundTrusted) {
    auto request = signed_request(event("charge.succeeded", charge()));
    request.headers = {{"Host", "localhost"}, {"X-Forwarded-For", "127.0.0.1"}};

    EXPECT_FALSE(test::channel()->read_callback(request));
}

struct Content {
    const char* name;
    std::string body;
    const char* reason;
};

class CallbackIsBadContent : public testing::TestWithParam<Content> {};

TEST_P(CallbackIsBadContent, ThoughRightlySigned) {
    const auto message = test::channel()->read_callback(signed_request(GetParam().body));

    ASSERT_FALSE(message);
    EXPECT_EQ(message.error().kind, Kind::bad_content);
    EXPECT_EQ(message.error().reason, GetParam().reason);
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

std::string paid() { return event("charge.succeeded", charge()); }
std::string paid_with(const std::string& from, const std::string& to) { return with(paid(), from, to); }

INSTANTIATE_TEST_SUITE_P(
    , CallbackIsBadContent,
    testing::Values(
        Content{"Empty", "", "body_empty"}, Content{"Truncated", paid().substr(0, 100), "body_not_json"},
        Content{"ByteOrderMark", "\xEF\xBB\xBF" + paid(), "body_not_json"},
        Content{"TrailingBytes", paid() + "x", "body_not_json"},
        Content{"NotUtf8", paid_with("ORD-1", "ORD-\xFF"), "body_not_utf8"},
        Content{"DuplicateKey", paid_with(R"("id":"evt_1")", R"("id":"evt_1","id":"evt_2")"), "body_duplicate_key"},
        Content{"AnArray", "[]", "not_an_event"},
        Content{"ThinEvent", paid_with(R"("object":"event")", R"("object":"v2.core.event")"), "thin_event"},
        Content{"NoObject", paid_with(R"("object":"event",)", ""), "not_an_event"},
        Content{"NoId", paid_with(R"("id":"evt_1",)", ""), "field_missing"},
        Content{"NoCreated", paid_with(R"("created":1788254101,)", ""), "field_missing"},
        Content{"NoLivemode", paid_with(R"("livemode":true,)", ""), "field_missing"},
        Content{"NoType", paid_with(R"("type":"charge.succeeded",)", ""), "field_missing"},
        Content{"NoData", paid_with(R"("data":)", R"("date":)"), "field_missing"},
        Content{"DataObjectIsText", event("charge.succeeded", R"("ch_A")"), "field_missing"},
        Content{"TestEvent", paid_with(R"("livemode":true)", R"("livemode":false)"), "livemode_differs"},
        Content{"AnotherAccount", paid_with(R"("livemode")", R"("account":"acct_1Other","livemode")"),
                "merchant_differs"},
        Content{"AccountIsANumber", paid_with(R"("livemode")", R"("account":1,"livemode")"), "merchant_differs"},
        Content{"AnotherKindOfObject", event("charge.succeeded", test::refund("succeeded", "null")), "object_differs"},
        Content{"NoChargeId", paid_with(R"("id":"ch_A",)", ""), "field_missing"},
        Content{"NoCaptured", paid_with(R"("captured":true,)", ""), "field_missing"},
        Content{"NoPaid", paid_with(R"("paid":true,)", ""), "field_missing"},
        Content{"NoStatus", paid_with(R"("status":"succeeded",)", ""), "field_missing"},
        Content{"NoChargeTime", paid_with(R"("created":1788254100,)", ""), "field_missing"},
        Content{"NoCurrency", paid_with(R"("currency":"usd",)", ""), "amount_impossible"},
        Content{"UnknownCurrency", event("charge.succeeded", charge("", "100", "zzz")), "amount_impossible"},
        Content{"Zero", event("charge.succeeded", charge("", "0")), "amount_impossible"},
        Content{"Negative", event("charge.succeeded", charge("", "-1")), "amount_impossible"},
        Content{"Fraction", event("charge.succeeded", charge("", "1.5")), "amount_impossible"},
        Content{"FloatingWhole", event("charge.succeeded", charge("", "100.0")), "amount_impossible"},
        Content{"Text", event("charge.succeeded", charge("", R"("100")")), "amount_impossible"},
        Content{"BeyondAllMoney", event("charge.succeeded", charge("", "1000000000000")), "amount_impossible"},
        Content{"BeyondInt64", event("charge.succeeded", charge("", "9223372036854775808")), "amount_impossible"},
        Content{"HalfAKrona", event("charge.succeeded", charge("", "550", "isk")), "amount_impossible"},
        Content{"CalendarsLastDays", paid_with("1788254100", "253402041600"), "field_missing"},
        Content{"YearTenThousand", paid_with("1788254100", "253402300800"), "field_missing"},
        Content{"IdBeyondLimit", paid_with("ch_A", "ch_" + std::string(253, 'A')), "field_missing"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(CallbackAccount, MayBeOursOrAbsent) {
    const auto ours = paid_with(R"("livemode")", R"("account":"acct_1Acme","livemode")");
    const auto null = paid_with(R"("livemode")", R"("account":null,"livemode")");

    EXPECT_TRUE(test::channel()->read_callback(signed_request(ours)));
    EXPECT_TRUE(test::channel()->read_callback(signed_request(null)));
}

TEST(CallbackLivemode, IsTheTenants) {
    auto options = test::options();
    options.livemode = false;
    const auto channel = test::channel(std::move(options));

    EXPECT_FALSE(channel->read_callback(signed_request(paid())));
    EXPECT_TRUE(channel->read_callback(signed_request(paid_with(R"("livemode":true)", R"("livemode":false)"))));
}

TEST(RedactedBody, KeepsOnlyWhatIsAllowed) {
    const auto body =
        event("charge.succeeded",
              charge(R"(,"billing_details":{"email":"jenny@example.com"},"receipt_url":"https://r.example",)"
                     R"("client_secret":"pi_A_secret_x","description":"for Jenny","customer":"cus_1",)"
                     R"("future_field":"private","amount_refunded":4242424242424242,)"
                     R"("payment_method_details":{"card":{"last4":"4242","brand":"visa",)"
                     R"("fingerprint":"Xt5EWLLDS7FJjR1c"}})"));

    const auto message = test::channel()->read_callback(signed_request(body));

    ASSERT_TRUE(message);
    const auto& kept = message->redacted_body;
    for (const auto* gone : {"jenny", "Jenny", "receipt", "secret", "cus_1", "private", "4242424242424242", "Xt5E"}) {
        EXPECT_EQ(kept.find(gone), std::string::npos) << gone;
    }
    EXPECT_EQ(kept,
              R"({"id":"evt_1","object":"event","type":"charge.succeeded","created":1788254101,"livemode":true,)"
              R"("data":{"object":{"id":"ch_A","object":"charge","amount":10000,"amount_captured":10000,)"
              R"("balance_transaction":"txn_1","captured":true,"created":1788254100,"currency":"usd","paid":true,)"
              R"("payment_intent":"pi_A","status":"succeeded","metadata":{"order_id":"ORD-1"},)"
              R"("payment_method_details":{"card":{"brand":"visa","last4":"4242"}}}}})");
}

TEST(RedactedBody, HasNoCardNumberThatPosesAsAnOrder) {
    const auto message = test::channel()->read_callback(signed_request(paid_with("ORD-1", "4242424242424242")));

    ASSERT_TRUE(message);
    EXPECT_EQ(message->redacted_body.find("4242424242424242"), std::string::npos);
    EXPECT_EQ(message->transactions[0].merchant_order_id.text(), "424242******4242");
}

}  // namespace
}  // namespace payments::stripe
