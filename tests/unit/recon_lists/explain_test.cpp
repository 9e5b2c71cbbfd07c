#include <gmock/gmock.h>

#include <set>

#include "tests/unit/recon_lists/sample_list.h"

namespace reconciliation {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

TEST(Explanation, SpeaksBothLanguagesForEveryKind) {
    std::set<DiscrepancyKind> seen;
    for (const auto& row : sample::every_kind().discrepancies) {
        SCOPED_TRACE(name_of(row.kind));
        seen.insert(row.kind);
        const auto told = explain(row, sample::kDay);
        EXPECT_THAT(told.zh, AllOf(HasSubstr("。"), HasSubstr(row.channel_txn_id), HasSubstr(row.merchant_order_id)));
        EXPECT_THAT(told.en, AllOf(HasSubstr("."), HasSubstr(row.channel_txn_id), HasSubstr(row.merchant_order_id)));
        EXPECT_THAT(told.suggested_action, MatchesRegex("[a-z]+(_[a-z]+)*"));
        EXPECT_FALSE(told.suggested_action_zh.empty());
        EXPECT_FALSE(told.suggested_action_en.empty());
    }
    EXPECT_EQ(seen.size(), all_discrepancy_kinds().size());
}

TEST(Explanation, StaysOneLine) {
    for (const auto& row : sample::every_kind().discrepancies) {
        const auto told = explain(row, sample::kDay);
        EXPECT_EQ((told.zh + told.en).find_first_of("\r\n"), std::string::npos) << name_of(row.kind);
    }
}

TEST(Explanation, NamesBothAmountsAndTheirDifference) {
    const auto told = explain(sample::amount_mismatch(), sample::kDay);
    EXPECT_THAT(told.zh, AllOf(HasSubstr("254.18 USD"), HasSubstr("254.17 USD"), HasSubstr("渠道少收 0.01 USD")));
    EXPECT_THAT(told.en, HasSubstr("the channel received less by 0.01 USD"));
    EXPECT_THAT(told.en, HasSubstr("rounding"));
}

TEST(Explanation, TellsPaidOutFromReceived) {
    auto refund = sample::amount_mismatch();
    refund.type = payments::TransactionType::refund;
    refund.ledger_amount = -9455;
    refund.channel_amount = -9400;
    EXPECT_THAT(explain(refund, sample::kDay).zh, HasSubstr("渠道少付 0.55 USD"));
    refund.channel_amount = -9500;
    EXPECT_THAT(explain(refund, sample::kDay).zh, HasSubstr("渠道多付 0.45 USD"));
    refund.channel_amount = 9455;
    EXPECT_THAT(explain(refund, sample::kDay).zh, HasSubstr("方向相反"));
}

TEST(Explanation, SaysHowLongAndWhatElse) {
    const auto old = explain(sample::missing_in_channel(), sample::kDay);
    EXPECT_THAT(old.zh, AllOf(HasSubstr("2026-11-16"), HasSubstr("挂了 2 天")));
    EXPECT_THAT(old.en, HasSubstr("open for 2 days"));
    EXPECT_THAT(explain(sample::amount_mismatch(), sample::kDay).zh, Not(HasSubstr("挂了")));

    const auto twofold = explain(sample::status_mismatch(), sample::kDay);
    EXPECT_THAT(twofold.zh, AllOf(HasSubstr("REVOKED"), HasSubstr("手续费不符")));
    EXPECT_THAT(twofold.en, HasSubstr("Fee differs from the contract"));
}

TEST(Explanation, OfTimingNamesTheDayThatClearsIt) {
    EXPECT_THAT(explain(sample::timing(), sample::kDay).zh, HasSubstr("2026-11-19"));
    EXPECT_THAT(explain(sample::timing(), core::BusinessDay{}).en, HasSubstr("the next day"));

    auto processing = sample::row(DiscrepancyKind::timing, "1");
    processing.channel_status = "PROCESSING";
    EXPECT_THAT(explain(processing, sample::kDay).zh, HasSubstr("处理中 PROCESSING"));
}

TEST(Explanation, CountsTheRepeats) {
    EXPECT_THAT(explain(sample::twice_at_channel(), sample::kDay).zh, HasSubstr("列了 2 次"));
    EXPECT_THAT(explain(sample::twice_in_ledger(), sample::kDay).en, HasSubstr("is booked 2 times"));
}

TEST(Explanation, SaysInWhoseFavourAFeeDiffers) {
    auto fee = sample::fee_mismatch();
    EXPECT_THAT(explain(fee, sample::kDay).zh, HasSubstr("对我们有利 0.14 USD"));
    fee.channel_fee = 260;
    EXPECT_THAT(explain(fee, sample::kDay).en, HasSubstr("0.15 USD to our disadvantage"));
}

TEST(Explanation, SetsTheOrderAgainstWhatWasPaid) {
    EXPECT_THAT(explain(sample::order_mismatch(), sample::kDay).zh,
                AllOf(HasSubstr("300.00 USD"), HasSubstr("少付 45.82 USD")));
    auto abroad = sample::order_mismatch();
    abroad.order_amount = 300;
    abroad.order_currency = "JPY";
    EXPECT_THAT(explain(abroad, sample::kDay).zh, AllOf(HasSubstr("300 JPY"), Not(HasSubstr("少付"))));
}

TEST(Explanation, QuotesTheStatementsOwnTotals) {
    const auto told = explain(sample::total_mismatch(), sample::kDay);
    EXPECT_THAT(told.zh, AllOf(HasSubstr("应结订单总金额"), HasSubstr("4001.57"), HasSubstr("4001.56")));
}

}  // namespace
}  // namespace reconciliation
