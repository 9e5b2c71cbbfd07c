// From which day an order is due, and files of fulfilments.
#include "payments/release.h"

#include <gtest/gtest.h>

#include "audit/redact.h"
#include "core/failure.h"

namespace payments {
namespace {

core::Instant instant(const char* text) { return *core::parse_rfc3339(text); }
config::SplitTime when(const char* text) { return *config::split_time_from(text); }

TEST(DueDay, CountsFromThePaymentOrTheFulfilmentInUtc) {
    const auto paid = instant("2026-11-18T23:59:59Z");
    const auto fulfilled = instant("2026-11-20T00:00:00Z");
    EXPECT_EQ(due_day(when("capture+1"), paid, {}), core::parse_day("2026-11-19"));
    EXPECT_EQ(due_day(when("capture+13"), paid, fulfilled), core::parse_day("2026-12-01"));
    EXPECT_EQ(due_day(when("fulfilment+7"), paid, fulfilled), core::parse_day("2026-11-27"));
    EXPECT_EQ(due_day(when("2026-12-31"), paid, {}), core::parse_day("2026-12-31"));
    // Another zone's evening is the next day in UTC.
    EXPECT_EQ(due_day(when("capture+1"), instant("2026-11-18T20:00:00-05:00"), {}), core::parse_day("2026-11-20"));
}

TEST(DueDay, IsNoneWhereNoDayIsWaitedFor) {
    const auto paid = instant("2026-11-18T23:59:59Z");
    EXPECT_EQ(due_day(when("capture"), paid, paid), std::nullopt);
    EXPECT_EQ(due_day(when("fulfilment"), paid, paid), std::nullopt);
    EXPECT_EQ(due_day(when("fulfilment+7"), paid, {}), std::nullopt);
}

std::string refusal_of(const std::string& text, std::vector<Fulfilment>* found = nullptr) {
    static const audit::Redactor redactor{core::KeyBytes("a key for tests of 32 bytes long")};
    try {
        const auto fulfilments = read_fulfilments("f", text, instant("2026-11-20T00:00:00Z"),
                                                  [](std::string_view part) { return redactor.redact(part); });
        if (found != nullptr) {
            *found = fulfilments;
        }
        return "read";
    } catch (const core::InputError& error) {
        return error.what();
    }
}

TEST(FulfilmentFile, IsCsvOrJsonLines) {
    for (const std::string text :
         {"merchant_order_id,fulfilled_at\nW1,2026-11-18T08:00:00Z\nW2,2026-11-18T09:00:00+08:00\n",
          "{\"merchant_order_id\":\"W1\",\"fulfilled_at\":\"2026-11-18T08:00:00Z\"}\n"
          "{\"fulfilled_at\":\"2026-11-18T01:00:00Z\",\"merchant_order_id\":\"W2\"}\n"}) {
        std::vector<Fulfilment> found;
        ASSERT_EQ(refusal_of(text, &found), "read");
        ASSERT_EQ(found.size(), 2U);
        EXPECT_EQ(found[0].order.text(), "W1");
        EXPECT_EQ(found[0].at, instant("2026-11-18T08:00:00Z"));
        EXPECT_EQ(found[1].at, instant("2026-11-18T01:00:00Z"));
    }
}

TEST(FulfilmentFile, IsRefusedWithLineAndField) {
    const std::string head = "merchant_order_id,fulfilled_at\n";
    EXPECT_EQ(refusal_of(head + "W1,\n"), "f:2: fulfilled_at: is missing; every fulfilment needs it");
    EXPECT_EQ(refusal_of(head + "W1,today\n"),
              "f:2: fulfilled_at: is no RFC 3339 time; write e.g. 2026-11-17T08:52:12Z");
    EXPECT_EQ(refusal_of(head + "W1,2026-11-20T00:00:01Z\n"),
              "f:2: fulfilled_at: has not come yet; tell it when it has");
    EXPECT_EQ(refusal_of(head + "W1,2026-11-20T00:00:00Z\nW1,2026-11-19T00:00:00Z\n"),
              "f:3: merchant_order_id: stands in line 2 already");
    EXPECT_EQ(refusal_of("merchant_order_id,at\n"),
              "f:1: at: unknown column; known are merchant_order_id, fulfilled_at");
    EXPECT_EQ(refusal_of("{\"merchant_order_id\":5}"), "f:1: merchant_order_id: must be a text");
}

}  // namespace
}  // namespace payments
