// What is left of refused callbacks: little, redacted, and never more than so much.
#include "payments/quarantine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/crypto/digest.h"
#include "tests/support/movements.h"

namespace payments {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field

std::string without_digits(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= '0' && c <= '9' ? '*' : c;
    }
    return out;
}

CallbackRequest request(std::string body) { return {{}, std::move(body), instant("2026-11-18T09:00:00Z")}; }
CallbackRefusal unauthentic(const char* reason) { return {CallbackRefusal::Kind::unauthentic, reason}; }

class Refused : public testing::Test {
protected:
    std::vector<QuarantineRecord> kept(std::size_t limit = 1000) const {
        return books_.with([&](auto& transaction) { return quarantined(transaction, limit); });
    }
    TenantBooks books_;
};

TEST_F(Refused, LeaveWhyAndARedactedPiece) {
    const auto body = "merId=777\x01&orderId=O-8&accNo=6221558812340000&cvn2=123&reserved=" + std::string(5000, 'x');
    {
        Quarantine quarantine(books_database(), without_digits);
        EXPECT_TRUE(quarantine.add(books_.tenant(), "stripe", unauthentic("signature_wrong"), request(body)));
    }
    const auto records = kept();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].channel, "stripe");
    EXPECT_EQ(records[0].verdict, "signature");
    EXPECT_EQ(records[0].reason, "signature_wrong");
    EXPECT_EQ(records[0].body_bytes, static_cast<std::int64_t>(body.size()));
    EXPECT_EQ(records[0].body_sha256, core::crypto::sha256_hex(body));
    EXPECT_EQ(records[0].excerpt, "merId=***. orderId=O-* (3 other fields)");
}

TEST_F(Refused, SayWhichPartOfTheVerdictFailed) {
    EXPECT_EQ(part_of(unauthentic("timestamp_stale")), VerdictPart::freshness);
    EXPECT_EQ(part_of(unauthentic("key_unknown")), VerdictPart::signature);
    EXPECT_EQ(part_of({CallbackRefusal::Kind::bad_content, "merchant_differs"}), VerdictPart::binding);
    EXPECT_EQ(part_of({CallbackRefusal::Kind::bad_content, "livemode_differs"}), VerdictPart::binding);
    EXPECT_EQ(part_of({CallbackRefusal::Kind::bad_content, "amount_malformed"}), VerdictPart::content);
}

TEST_F(Refused, TakeNoMoreThanTheirRoom) {
    std::size_t added = 0;
    {
        Quarantine quarantine(books_database(), without_digits);
        for (std::size_t i = 0; i < 3 * Quarantine::kWaitingEach; ++i) {
            added += quarantine.add(books_.tenant(), "stripe", unauthentic("signature_wrong"), request("x")) ? 1 : 0;
        }
        EXPECT_TRUE(quarantine.add(books_.tenant(), "stripe", {CallbackRefusal::Kind::bad_content, "merchant_differs"},
                                   request("x")))
            << "what was signed has room beside forgeries";
        EXPECT_TRUE(quarantine.add(books_.tenant(), "wechatpay", unauthentic("signature_wrong"), request("x")));
    }
    EXPECT_LE(added, 2 * Quarantine::kWaitingEach);  // all at once, but for what was written in between
    EXPECT_EQ(kept().size(), added + 2);
}

TEST_F(Refused, KeepTheLatestOfEachChannelOnly) {
    books_test_database().administer_here(
        "insert into payments.quarantine (tenant_id, channel, verdict, reason, received_at, body_bytes, body_sha256,"
        " excerpt) select '" +
        books_.tenant().text() +
        "', c, 'signature', 'old', '2026-01-01', 0, '', '' from unnest(array['stripe', 'wechatpay']) c,"
        " generate_series(1, " +
        std::to_string(Quarantine::kKept) + ")");
    {
        Quarantine quarantine(books_database(), without_digits);
        for (int i = 0; i < 7; ++i) {
            quarantine.add(books_.tenant(), "stripe", unauthentic("signature_wrong"), request("x"));
        }
        quarantine.add(books_.tenant(), "stripe", {CallbackRefusal::Kind::bad_content, "old"}, request("x"));
    }
    const auto records = kept(5000);
    EXPECT_EQ(records.size(), 2 * Quarantine::kKept + 1) << "another part of the verdict has its own room";
    EXPECT_EQ(std::count_if(records.begin(), records.end(), [](const auto& r) { return r.reason != "old"; }), 7);
    EXPECT_EQ(kept(3).size(), 3U);
}

}  // namespace
}  // namespace payments
