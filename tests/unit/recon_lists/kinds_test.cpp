#include <gmock/gmock.h>

#include <limits>
#include <set>

#include "tests/unit/recon_lists/sample_list.h"

namespace reconciliation {
namespace {

TEST(DiscrepancyKinds, HaveTwelveNamesEachFoundAgain) {
    std::set<std::string_view> names;
    for (const auto kind : all_discrepancy_kinds()) {
        names.insert(name_of(kind));
        EXPECT_EQ(discrepancy_kind_from(name_of(kind)), kind);
        EXPECT_FALSE(chinese_of(kind).empty());
        EXPECT_FALSE(english_of(kind).empty());
    }
    EXPECT_EQ(names.size(), 12U);
    EXPECT_EQ(discrepancy_kind_from("missing"), std::nullopt);
}

TEST(DiscrepancyKinds, CarryTheWordsOfTheField) {
    EXPECT_EQ(chinese_of(DiscrepancyKind::missing_in_ledger), "长款");
    EXPECT_EQ(chinese_of(DiscrepancyKind::missing_in_channel), "短款");
    EXPECT_EQ(chinese_of(DiscrepancyKind::timing), "跨日在途");
    EXPECT_EQ(chinese_of(payments::TransactionType::refund), "退款");
}

TEST(Difference, IsChannelLessLedgerWithAMissingSideAsZero) {
    EXPECT_EQ(sample::amount_mismatch().difference(), -1);
    EXPECT_EQ(sample::missing_in_channel().difference(), -25418);
    EXPECT_EQ(sample::missing_in_ledger().difference(), -5297);
    EXPECT_EQ(sample::total_mismatch().difference(), 0);
}

TEST(Difference, IsNothingBetweenTwoCurrencies) {
    EXPECT_EQ(sample::currency_mismatch().difference(), std::nullopt);
    // Listed as a duplicate, but just as impossible to subtract.
    auto twice = sample::twice_at_channel();
    twice.channel_currency = "EUR";
    EXPECT_EQ(twice.difference(), std::nullopt);
}

TEST(Difference, IsNothingWhenItDoesNotFit) {
    auto row = sample::amount_mismatch();
    row.ledger_amount = -2;
    row.channel_amount = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(row.difference(), std::nullopt);
}

TEST(DisplayExponent, ComesFromTheCurrency) {
    EXPECT_EQ(display_exponent("JPY"), 0);
    EXPECT_EQ(display_exponent("CNY"), 2);
    EXPECT_EQ(display_exponent("KWD"), 3);
    EXPECT_EQ(display_exponent("???"), 2);
}

}  // namespace
}  // namespace reconciliation
