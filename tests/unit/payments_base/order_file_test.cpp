// Orders files: what their errors say, and what they never say.
#include <gtest/gtest.h>

#include "audit/redact.h"
#include "core/failure.h"
#include "payments/order.h"

namespace payments {
namespace {

const std::string kHeader = "merchant_order_id,amount,currency,created_at,split\n";

std::string refusal_of(const std::string& text) {
    static const config::TenantSettings tenant{
        core::TenantId("acme"), "acme", *core::Currency::from_code("CNY"), {}, {}};
    static const audit::Redactor redactor{core::KeyBytes("a key for tests of 32 bytes long")};
    try {
        const auto orders =
            read_orders("orders.csv", text, tenant, [](std::string_view part) { return redactor.redact(part); });
        return "read";
    } catch (const core::InputError& error) {
        return error.what();
    }
}

// A file without a header has data where the columns' names are looked for.
TEST(OrdersFile, ShowsNoCardNumberInAnError) {
    for (const std::string& text : {std::string("4242424242424242,100\n"), std::string("{\"4242424242424242\":1}\n"),
                                    kHeader + "W1,100,CNY,2026-11-17T08:52:12Z,4242424242424242\n"}) {
        const auto refusal = refusal_of(text);
        EXPECT_NE(refusal, "read") << text;
        EXPECT_EQ(refusal.find("4242424242424242"), std::string::npos) << refusal;
        EXPECT_NE(refusal.find("424242******4242"), std::string::npos) << refusal;
    }
}

// Two amounts of one order: nobody can say which is meant.
TEST(OrdersFile, HasEachColumnOnce) {
    EXPECT_EQ(refusal_of(kHeader + "W1,100,CNY,2026-11-17T08:52:12Z,\n"), "read");
    EXPECT_EQ(refusal_of("merchant_order_id,amount,currency,created_at,amount\nW1,100,CNY,2026-11-17T08:52:12Z,900\n"),
              "orders.csv:1: amount: is a column twice; leave one out");
}

TEST(OrdersFile, TakesMoneyAsItStandsInJsonElsewhere) {
    const std::string rest = R"("currency":"CNY"},"created_at":"2026-11-17T08:52:12Z"})";
    EXPECT_EQ(refusal_of(R"({"merchant_order_id":"W1","amount":{"amount":100,)" + rest), "read");
    EXPECT_EQ(refusal_of(R"({"merchant_order_id":"W1","currency":"CNY","amount":{"amount":100,)" + rest),
              "orders.csv:1: currency: stands twice; leave one out");
    EXPECT_EQ(refusal_of(R"({"merchant_order_id":"W1","amount":{"amount":"100",)" + rest),
              "orders.csv:1: amount: must be a whole number of minor units, or {\"amount\": 12345, \"currency\": "
              "\"CNY\"}");
}

}  // namespace
}  // namespace payments
