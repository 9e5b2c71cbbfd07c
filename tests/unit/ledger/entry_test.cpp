#include "ledger/entry.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/failure.h"

namespace ledger {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

core::Money money(std::int64_t minor, const char* code) { return {minor, *core::Currency::from_code(code)}; }
core::Money eur(std::int64_t minor) { return money(minor, "EUR"); }
core::Money usd(std::int64_t minor) { return money(minor, "USD"); }

const Account kCash = Account::bank("main");
const Account kSales = *Account::from_name("income:sales");

EntryHead head() { return {"manual", "source", "", "", {}, *core::parse_day("2026-11-18")}; }

struct Refusal {
    const char* name;
    std::vector<Leg> legs;
    EntryError reason;
};

class EntryRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(EntryRefuses, WithTheFirstReasonThatApplies) {
    const auto entry = Entry::make(head(), GetParam().legs);

    ASSERT_FALSE(entry);
    EXPECT_EQ(entry.error(), GetParam().reason);
    EXPECT_FALSE(describe(entry.error()).empty());
}

INSTANTIATE_TEST_SUITE_P(
    , EntryRefuses,
    testing::Values(
        Refusal{"NoLeg", {}, EntryError::too_few_legs}, Refusal{"OneLeg", {{kCash, eur(5)}}, EntryError::too_few_legs},
        Refusal{"OneLegOfZero", {{kCash, eur(0)}}, EntryError::too_few_legs},
        Refusal{"ZeroLegs", {{kCash, eur(0)}, {kSales, eur(0)}}, EntryError::zero_leg},
        Refusal{"ZeroLegBesideGoodOnes", {{kCash, eur(5)}, {kSales, eur(-5)}, {kSales, usd(0)}}, EntryError::zero_leg},
        Refusal{"SumBeyond64Bits",
                {{kCash, eur(kMost)}, {kCash, eur(1)}, {kSales, eur(-kMost)}, {kSales, eur(-1)}},
                EntryError::sum_out_of_range},
        Refusal{"OffByOneCent", {{kCash, eur(5)}, {kSales, eur(-4)}}, EntryError::unbalanced},
        Refusal{"SameSign", {{kCash, eur(5)}, {kSales, eur(5)}}, EntryError::unbalanced},
        // Adds up to zero only for a reader who ignores the currency.
        Refusal{"TwoCurrencies", {{kCash, eur(5)}, {kSales, usd(-5)}}, EntryError::unbalanced},
        Refusal{"OneCurrencyOfTwoOff",
                {{kCash, eur(5)}, {kSales, eur(-5)}, {kCash, usd(5)}, {kSales, usd(-6)}},
                EntryError::unbalanced}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Entry, TakesLegsThatBalanceInEachCurrency) {
    const auto entry = Entry::make(
        head(), {{kCash, eur(5)}, {kSales, eur(-3)}, {kSales, eur(-2)}, {kCash, usd(1)}, {kSales, usd(-1)}});

    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->legs().size(), 5U);
    EXPECT_EQ(entry->head().source_key, "source");
}

TEST(Entry, TakesTheLargestAmounts) { EXPECT_TRUE(Entry::make(head(), {{kCash, eur(kMost)}, {kSales, eur(-kMost)}})); }

TEST(Entry, IsUndoneByItsReversal) {
    const auto entry = Entry::make(head(), {{kCash, eur(5)}, {kSales, eur(-5)}, {kCash, usd(7)}, {kSales, usd(-7)}});
    ASSERT_TRUE(entry);
    auto other = head();
    other.source_key = "reversal of source";
    const auto reversal = entry->reversal(other);

    EXPECT_EQ(reversal.head().source_key, "reversal of source");
    Balances sum;
    for (const auto* one : {&*entry, &reversal}) {
        for (const auto& leg : one->legs()) {
            sum.add(leg.account, leg.amount);
        }
    }
    EXPECT_TRUE(sum.empty());
}

TEST(Balances, ForgetsWhatAddsUpToZero) {
    Balances balances;
    balances.add(kCash, eur(5));
    balances.add(kCash, usd(5));
    balances.subtract(kCash, eur(5));
    balances.add(kSales, eur(0));

    const auto legs = balances.legs();
    ASSERT_EQ(legs.size(), 1U);
    EXPECT_EQ(legs[0].account, kCash);
    EXPECT_EQ(legs[0].amount, usd(5));
}

TEST(Balances, RefusesASumBeyond64Bits) {
    Balances balances;
    balances.add(kCash, eur(kMost));

    EXPECT_THROW(balances.add(kCash, eur(1)), core::BrokenRule);
    EXPECT_THROW(balances.subtract(kSales, eur(std::numeric_limits<std::int64_t>::min())), core::BrokenRule);
    EXPECT_EQ(balances.legs().size(), 1U);
}

struct Name {
    const char* name;
    std::optional<Account::Kind> kind;
};
void PrintTo(const Name& row, std::ostream* out) { *out << '"' << row.name << '"'; }

class AccountName : public testing::TestWithParam<Name> {};

TEST_P(AccountName, SaysWhatKindItIs) {
    const auto account = Account::from_name(GetParam().name);

    ASSERT_EQ(account.has_value(), GetParam().kind.has_value()) << GetParam().name;
    if (account) {
        EXPECT_EQ(account->kind(), *GetParam().kind);
        EXPECT_EQ(account->name(), GetParam().name);
    }
}

const std::string kLongest = "bank:" + std::string(123, 'x');
const std::string kTooLong = kLongest + "x";

INSTANTIATE_TEST_SUITE_P(
    , AccountName,
    testing::Values(
        Name{"receivable:orders", Account::Kind::asset}, Name{"transit:payment:stripe", Account::Kind::asset},
        Name{"transit:funds:stripe", Account::Kind::asset}, Name{"transit:customer:stripe", Account::Kind::liability},
        Name{"bank:main", Account::Kind::asset}, Name{"payable:seller_1:shop-2", Account::Kind::liability},
        Name{"deferred:orders", Account::Kind::liability}, Name{"income:commission", Account::Kind::income},
        Name{"expense:channel_fee:stripe", Account::Kind::expense}, Name{kLongest.c_str(), Account::Kind::asset},
        Name{kTooLong.c_str(), std::nullopt}, Name{"", std::nullopt}, Name{"bank", std::nullopt},
        Name{"bank:", std::nullopt}, Name{"bank::main", std::nullopt}, Name{"bank:main:", std::nullopt},
        Name{"Bank:main", std::nullopt}, Name{"bank:m ain", std::nullopt}, Name{"bank:m\nain", std::nullopt},
        Name{"transit:else:stripe", std::nullopt}, Name{"equity:own", std::nullopt}));

TEST(Account, IsCalledAsInTheChart) {
    EXPECT_EQ(Account::transit_payment("stripe").name(), "transit:payment:stripe");
    EXPECT_EQ(Account::transit_funds("stripe").name(), "transit:funds:stripe");
    EXPECT_EQ(Account::transit_customer("stripe").name(), "transit:customer:stripe");
    EXPECT_EQ(Account::channel_fee("stripe").name(), "expense:channel_fee:stripe");
    for (const auto& account :
         {Account::receivable_orders(), Account::deferred_orders(), Account::transit_payment("c"),
          Account::transit_funds("c"), Account::transit_customer("c"), Account::bank("b"), Account::channel_fee("c")}) {
        const auto read = Account::from_name(account.name());
        ASSERT_TRUE(read) << account.name();
        EXPECT_EQ(read->kind(), account.kind()) << account.name();
    }
}

}  // namespace
}  // namespace ledger
