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

TEST(OrdersFile, NamesADayUntilWhichAnOrderIsToBePaidOrNone) {
    const std::string header = "merchant_order_id,amount,currency,created_at,due_date\n";
    const std::string row = "W1,100,CNY,2026-11-17T08:52:12Z,";
    for (const char* day : {"", "2026-11-17", "2028-02-29", "0001-01-01", "9999-12-31"}) {
        EXPECT_EQ(refusal_of(header + row + day + "\n"), "read") << day;
    }
    for (const char* day : {"2026-02-29", "2026-2-1", "0000-01-01", "30", "2026-12-17T00:00:00Z"}) {
        EXPECT_EQ(refusal_of(header + row + day + "\n"),
                  "orders.csv:2: due_date: is no day; write e.g. 2026-12-17, or leave the field out")
            << day;
    }
}

TEST(AnOrder, IsDueOnItsDayByItsTermsOrOnItsOwn) {
    const auto due = [](const char* created_at, std::optional<core::BusinessDay> named, int terms_days) {
        const Order order{core::MerchantOrderId("W1"),
                          core::Money(1, *core::Currency::from_code("CNY")),
                          *core::parse_rfc3339(created_at),
                          "",
                          "",
                          "",
                          named,
                          terms_days};
        return core::format_day(due_day_of(order, {"UTC", std::chrono::minutes(0)}));
    };
    EXPECT_EQ(due("2026-11-17T23:59:59Z", std::nullopt, 0), "2026-11-17");
    EXPECT_EQ(due("2026-11-17T23:59:59Z", std::nullopt, 30), "2026-12-17");
    EXPECT_EQ(due("2026-11-17T23:59:59Z", core::parse_day("2026-11-20"), 30), "2026-11-20");
    EXPECT_EQ(due("9999-12-01T00:00:00Z", std::nullopt, 3660), "9999-12-31") << "the last day there is";
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
