// The fee that the contract gives: by the rate of its currency and day, of payments and refunds alone.
#include <gtest/gtest.h>

#include "payments/channels/stripe/stripe.h"
#include "reconciliation/impl/records.h"

namespace reconciliation {
namespace {

using payments::TransactionType;

const core::Currency kCny = *core::Currency::from_code("CNY");
const core::Currency kUsd = *core::Currency::from_code("USD");

core::BusinessDay day(const char* text) { return *core::parse_day(text); }

config::FeeRate rate(const char* from, std::int64_t basis_points, core::Currency currency = kCny) {
    return {*from == '\0' ? std::nullopt : core::parse_day(from),
            currency,
            basis_points,
            0,
            core::Rounding::half_up,
            std::nullopt};
}

payments::StatementLine line(TransactionType type, std::int64_t minor, core::Currency currency = kCny) {
    payments::StatementLine told{.type = type,
                                 .status = payments::TransactionStatus::captured,
                                 .channel_status = {},
                                 .channel_txn_id = core::ChannelTxnId("1"),
                                 .merchant_order_id = {},
                                 .own_order_id = {},
                                 .related_txn_id = {},
                                 .amount = core::Money(minor, currency),
                                 .fee = core::Money(1, currency),
                                 .occurred_at = {},
                                 .attributes = {},
                                 .masked_card = {},
                                 .card_fingerprint = {},
                                 .file_index = 0,
                                 .member = {},
                                 .line = 1};
    return told;
}

class ContractFee : public testing::Test {
protected:
    ContractFee() {
        payments::stripe::Options options;
        options.account = "acct_1Acme";
        options.webhook_secrets.emplace_back("whsec_of_this_test");
        keeps_fees_ = payments::stripe::make_channel(std::move(options),
                                                     {"acme", [](std::string_view) { return std::string(); },
                                                      [](std::string_view text) { return std::string(text); }});
    }
    std::optional<std::int64_t> of(const payments::StatementLine& told, const std::vector<config::FeeRate>& rates,
                                   const char* on = "2026-11-18") const {
        return expected_fee(told, rates, *keeps_fees_, day(on));
    }
    std::unique_ptr<payments::Channel> keeps_fees_;
};

TEST_F(ContractFee, IsByTheRateInForceOnTheDay) {
    const std::vector<config::FeeRate> rates = {rate("", 100), rate("2026-11-18", 60), rate("2026-06-01", 80)};
    const auto payment = line(TransactionType::payment, 10'000);
    EXPECT_EQ(of(payment, rates, "2026-05-31"), 100);
    EXPECT_EQ(of(payment, rates, "2026-06-01"), 80);
    EXPECT_EQ(of(payment, rates, "2026-11-17"), 80);
    EXPECT_EQ(of(payment, rates, "2026-11-18"), 60);
    EXPECT_EQ(of(payment, rates, "2027-01-01"), 60);
}

TEST_F(ContractFee, IsUnknownBeforeTheFirstRate) {
    EXPECT_EQ(of(line(TransactionType::payment, 10'000), {rate("2026-11-19", 60)}), std::nullopt);
    EXPECT_EQ(of(line(TransactionType::payment, 10'000), {}), std::nullopt);
}

TEST_F(ContractFee, IsByTheRateOfItsCurrency) {
    const std::vector<config::FeeRate> rates = {rate("", 60), rate("", 290, kUsd)};
    EXPECT_EQ(of(line(TransactionType::payment, 10'000), rates), 60);
    EXPECT_EQ(of(line(TransactionType::payment, 10'000, kUsd), rates), 290);
    EXPECT_EQ(of(line(TransactionType::payment, 10'000, *core::Currency::from_code("EUR")), rates), std::nullopt);
}

TEST_F(ContractFee, OfARefundIsWhatComesBack) {
    auto returned = rate("", 60);
    returned.fixed_minor = 30;
    EXPECT_EQ(of(line(TransactionType::payment, 10'000), {returned}), 90);
    EXPECT_EQ(of(line(TransactionType::refund, -10'000), {returned}), 0) << "the channel keeps it by default";
    returned.returned_on_refund = true;
    EXPECT_EQ(of(line(TransactionType::refund, -10'000), {returned}), -60) << "the fixed part stays";
    returned.returned_on_refund = false;
    EXPECT_EQ(of(line(TransactionType::refund, -10'000), {returned}), 0);
}

TEST_F(ContractFee, IsOfPaymentsAndRefundsAlone) {
    for (const auto type : {TransactionType::dispute, TransactionType::payout, TransactionType::adjustment}) {
        EXPECT_EQ(of(line(type, 10'000), {rate("", 60)}), std::nullopt);
    }
}

// Both sides of the cut, and both edges.
TEST(NearTheCut, IsWithinTheWindowBeforeAndBehind) {
    const core::DayCut cut{"UTC", std::chrono::minutes(0)};
    const auto near = [&](const char* at) {
        Record record;
        record.business_day = day("2026-11-18");
        record.occurred_at = core::parse_rfc3339(at);
        return is_near_cut(record, cut, std::chrono::minutes(15));
    };
    EXPECT_FALSE(near("2026-11-18T23:44:59Z"));
    EXPECT_TRUE(near("2026-11-18T23:45:00Z"));
    EXPECT_TRUE(near("2026-11-19T00:15:00Z"));
    EXPECT_FALSE(near("2026-11-19T00:15:01Z"));
    EXPECT_FALSE(is_near_cut(Record{}, cut, std::chrono::minutes(15))) << "who knows when";
}

}  // namespace
}  // namespace reconciliation
