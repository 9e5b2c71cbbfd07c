// Posting and reading on a real PostgreSQL.
#include "ledger/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/selling_books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::ElementsAre;
using testing::IsEmpty;

class Books : public SellingBooks {};

TEST_F(Books, PostsAnEntryOnceForEachSource) {
    const auto first = sale("sale:1", 500);
    ASSERT_TRUE(first);
    EXPECT_FALSE(sale("sale:1", 700));
    EXPECT_TRUE(sale("sale:2", 1));

    EXPECT_EQ(books_.balances(), (Sums{{"bank:main CNY", 501}, {"income:sales CNY", -501}}));
    EXPECT_EQ(books_.verify().entries, 2);
    EXPECT_EQ(books_.verify().legs, 4);
    EXPECT_EQ(books_.complaints(), "");
}

TEST_F(Books, LetsAnotherTenantUseTheSameSource) {
    const TenantBooks other;
    sale("sale:1", 500);
    EXPECT_TRUE(other.post(entry_head("sale:1"), {{account("bank:main"), cny(3)}, {account("income:sales"), cny(-3)}}));

    EXPECT_EQ(other.balances(), (Sums{{"bank:main CNY", 3}, {"income:sales CNY", -3}}));
    EXPECT_EQ(books_.balances(), (Sums{{"bank:main CNY", 500}, {"income:sales CNY", -500}}));
}

TEST_F(Books, ReadsAnEntryAsItWasPosted) {
    const auto id = books_.post(entry_head("sale:1", "order:1"), {{account("bank:main"), cny(500)},
                                                                  {account("bank:usd"), usd(7)},
                                                                  {account("income:sales"), cny(-500)},
                                                                  {account("income:sales"), usd(-7)}});
    ASSERT_TRUE(id);
    const auto entry = books_.with([&](auto& transaction) { return find_entry(transaction, *id); });

    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->event, "manual");
    EXPECT_EQ(entry->source_key, "sale:1");
    EXPECT_EQ(entry->group_key, "order:1");
    EXPECT_EQ(entry->description, "a test's entry");
    EXPECT_EQ(core::format_rfc3339(entry->occurred_at), "2026-11-18T01:02:03.456Z");
    EXPECT_EQ(entry->business_date, "2026-11-18");
    ASSERT_EQ(entry->legs.size(), 4U);
    EXPECT_EQ(entry->legs[1].number, 2);
    EXPECT_EQ(entry->legs[1].account, "bank:usd");
    EXPECT_EQ(entry->legs[1].currency, "USD");
    EXPECT_EQ(entry->legs[1].amount_minor, 7);
}

TEST_F(Books, FindsNoEntryOfAnotherTenant) {
    const auto id = sale("sale:1", 500);
    const TenantBooks other;

    EXPECT_FALSE(other.with([&](auto& transaction) { return find_entry(transaction, *id); }));
}

TEST_F(Books, SaysWhatStoodAtTheEndOfADay) {
    sale("sale:1", 500, "2026-11-17");
    sale("sale:2", 20, "2026-11-18");

    EXPECT_EQ(books_.balances({day("2026-11-16"), std::nullopt}), Sums{});
    EXPECT_EQ(books_.balances({day("2026-11-17"), std::nullopt}),
              (Sums{{"bank:main CNY", 500}, {"income:sales CNY", -500}}));
    EXPECT_EQ(books_.balances({day("2026-11-18"), std::nullopt}),
              (Sums{{"bank:main CNY", 520}, {"income:sales CNY", -520}}));
}

TEST_F(Books, TellsDebitsFromCredits) {
    sale("sale:1", 500);
    sale("refund:1", -200);
    const auto rows = books_.with([](auto& transaction) { return trial_balance(transaction); });

    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].account, "bank:main");
    EXPECT_EQ(rows[0].kind, "asset");
    EXPECT_EQ(rows[0].debit_minor, 500);
    EXPECT_EQ(rows[0].credit_minor, 200);
    EXPECT_EQ(rows[0].balance_minor(), 300);
    EXPECT_EQ(rows[1].kind, "income");
    EXPECT_EQ(rows[1].balance_minor(), -300);
}

TEST_F(Books, AddsUpGroupsOfEntries) {
    sale("sale:1", 500, "2026-11-18", "order:1");
    sale("sale:2", 20, "2026-11-18", "order:2");
    sale("sale:3", 3, "2026-11-18", "order:3");
    sale("sale:4", 7777, "2026-11-18", "");
    sale("sale:5", 5, "2026-11-18", "order:3");
    const auto key = [&](const char* group) { return GroupKey{books_.tenant(), group}; };
    const auto groups = books_.with([&](auto& transaction) {
        core::db::Trip trip(transaction);
        const GroupsQuestion question(trip, {key("order:1"), key("order:3"), key("order:4"), key("")});
        trip.run();
        return question.books(trip);
    });

    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups.at(key("order:1")).entries, 1);
    EXPECT_EQ(groups.at(key("order:3")).entries, 2);
    const auto legs = groups.at(key("order:3")).balances.legs();
    ASSERT_EQ(legs.size(), 2U);
    EXPECT_EQ(legs[0].amount, cny(8));
    EXPECT_EQ(legs[1].amount, cny(-8));
}

TEST_F(Books, ListsAnAccountsLinesInPages) {
    const auto first = sale("sale:1", 500);
    sale("sale:2", 20);
    sale("sale:3", 3);
    const auto amounts = [&](std::int64_t after, std::int64_t limit) {
        std::vector<std::int64_t> found;
        for (const auto& line :
             books_.with([&](auto& transaction) { return account_lines(transaction, "bank:main", after, limit); })) {
            found.push_back(line.amount_minor);
        }
        return found;
    };

    EXPECT_THAT(amounts(0, 10), ElementsAre(500, 20, 3));
    EXPECT_THAT(amounts(first->number(), 1), ElementsAre(20));
}

TEST_F(Books, EndAPageOfLinesWithAWholeEntry) {
    const auto usd = core::Currency::from_code("USD").value();
    const auto first = books_.post(entry_head("sale:1"), {{account("bank:main"), cny(5)},
                                                          {account("bank:main"), {7, usd}},
                                                          {account("bank:main"), cny(2)},
                                                          {account("income:sales"), cny(-7)},
                                                          {account("income:sales"), {-7, usd}}});
    sale("sale:2", 20);
    const auto amounts = [&](std::int64_t after) {
        std::vector<std::int64_t> found;
        for (const auto& line :
             books_.with([&](auto& transaction) { return account_lines(transaction, "bank:main", after, 1); })) {
            found.push_back(line.amount_minor);
        }
        return found;
    };
    const auto expect_pages = [&] {
        EXPECT_THAT(amounts(0), ElementsAre(5, 7, 2));
        EXPECT_THAT(amounts(first->number()), ElementsAre(20));
    };
    expect_pages();
    enter_on_pages();
    expect_pages();
}

TEST_F(Books, ForgetAnEntryThatWasNotCommitted) {
    {
        core::db::TenantTransaction transaction(books_database(), books_.tenant());
        auto entry =
            Entry::make(entry_head("sale:1"), {{account("bank:main"), cny(1)}, {account("income:sales"), cny(-1)}});
        ASSERT_TRUE(entry);
        EXPECT_TRUE(post(transaction, *entry));
    }
    EXPECT_EQ(books_.balances(), Sums{});
    EXPECT_TRUE(sale("sale:1", 500));
}

TEST_F(Books, RefuseABalanceBeyondSixtyFourBits) {
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    sale("sale:1", most);
    EXPECT_THROW(sale("sale:2", most), core::db::DatabaseFailure);

    EXPECT_EQ(books_.balances().at("bank:main CNY"), most);
    EXPECT_THAT(books_.verify().breaches, IsEmpty());
}

}  // namespace
}  // namespace ledger
