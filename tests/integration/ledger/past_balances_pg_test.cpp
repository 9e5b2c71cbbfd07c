// What stood on accounts at the end of any business day, and what the books said at any instant.
#include <gtest/gtest.h>

#include <random>

#include "core/db/work.h"
#include "tests/support/selling_books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field

class PastBalances : public SellingBooks {
protected:
    Sums until(const char* business_day) const { return books_.balances({day(business_day), std::nullopt}); }
    Sums recorded(core::Instant when) const { return books_.balances({std::nullopt, when}); }
    static Sums sold(std::int64_t minor) { return {{"bank:main CNY", minor}, {"income:sales CNY", -minor}}; }

    // What the database's clock said at some instant after all that stands in the books, and before all that will.
    core::Instant now() const {
        const auto read = books_test_database().administer_here(
            "select pg_sleep(0.005), (extract(epoch from clock_timestamp()) * 1000)::bigint, pg_sleep(0.005)");
        return core::Instant(std::chrono::milliseconds(read[0][1].as<std::int64_t>()));
    }
    void TearDown() override { EXPECT_EQ(books_.complaints(), ""); }
};

TEST_F(PastBalances, AreThoseOfTheDayWhereverItLiesInItsMonth) {
    sale("last of a year", 1, "2025-12-31");
    sale("first of a year", 10, "2026-01-01");
    sale("last of a short month", 100, "2026-02-28");
    sale("first of the next", 1000, "2026-03-01");
    for (const bool entered : {false, true}) {
        SCOPED_TRACE(entered ? "on pages" : "as they wait");
        if (entered) {
            enter_on_pages();
        }
        EXPECT_EQ(until("2025-12-30"), Sums{});
        EXPECT_EQ(until("2025-12-31"), sold(1));
        EXPECT_EQ(until("2026-01-01"), sold(11));
        EXPECT_EQ(until("2026-02-27"), sold(11));
        EXPECT_EQ(until("2026-02-28"), sold(111));
        EXPECT_EQ(until("2026-03-01"), sold(1111));
        EXPECT_EQ(until("2099-12-31"), sold(1111));
    }
}

TEST_F(PastBalances, CountWhatIsDatedInTheFirstYearOrBeforeItOnce) {
    sale("today's", 1, "2026-11-18");
    sale("on the first day", 10, "0001-01-01");
    auto ides = entry_head("before all years");
    ides.business_day = date::year(-43) / date::March / 15;
    books_.post(ides, {{account("bank:main"), cny(100)}, {account("income:sales"), cny(-100)}});
    for (const bool entered : {false, true}) {
        SCOPED_TRACE(entered ? "on pages" : "as they wait");
        if (entered) {
            enter_on_pages();
        }
        EXPECT_EQ(books_.balances(), sold(111));
        EXPECT_EQ(until("0001-01-01"), sold(110));
        EXPECT_EQ(until("2026-11-17"), sold(110));
        EXPECT_EQ(until("2026-11-18"), sold(111));
    }
}

TEST_F(PastBalances, TakeInWhatIsDatedBack) {
    sale("today's", 1, "2026-11-18");
    enter_on_pages();
    sale("of last month", 10, "2026-10-07");
    EXPECT_EQ(until("2026-10-07"), sold(10));
    enter_on_pages();
    EXPECT_EQ(until("2026-10-07"), sold(10));
    EXPECT_EQ(until("2026-11-18"), sold(11));
}

TEST_F(PastBalances, SayWhatTheBooksSaidAtAnInstant) {
    const auto at_first = now();
    sale("first", 1, "2026-11-18");
    enter_on_pages();
    const auto then = now();
    sale("dated back since", 10, "2026-11-01");
    EXPECT_EQ(recorded(at_first), Sums{});
    EXPECT_EQ(recorded(then), sold(1));
    EXPECT_EQ(books_.balances({day("2026-11-17"), then}), Sums{}) << "the other was recorded later";
    EXPECT_EQ(books_.balances({day("2026-11-17"), now()}), sold(10));
    enter_on_pages();
    EXPECT_EQ(recorded(then), sold(1));
    EXPECT_EQ(recorded(now()), sold(11));
}

// However PostgreSQL plans it: after some questions, without looking at what is asked.
TEST_F(PastBalances, LookAtNoEntryWhereNoInstantIsAsked) {
    for (int i = 0; i < 20; ++i) {
        sale("sale:" + std::to_string(i), 1, "2026-11-18");
    }
    books_.with([](auto& transaction) {
        const auto looked_at = [&] {
            return core::db::run(
                       transaction,
                       "select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint "
                       "from pg_stat_xact_user_tables where schemaname = 'ledger' and relname = 'entries'")[0][0]
                .template as<std::int64_t>();
        };
        core::db::run(transaction, "select set_config('plan_cache_mode', 'force_generic_plan', true)");
        const auto before = looked_at();
        EXPECT_EQ(trial_balance(transaction).size(), 2U);
        EXPECT_EQ(trial_balance(transaction, {day("2026-11-18"), std::nullopt}).size(), 2U);
        EXPECT_EQ(looked_at(), before);
        trial_balance(transaction, {std::nullopt, core::Instant()});
        EXPECT_EQ(looked_at(), before + 20);
    });
}

// Against the plainest way: entries of a random history, added up one by one.
TEST_F(PastBalances, AreWhatEntriesAddUpToWheneverAsked) {
    struct Sold {
        core::BusinessDay day;
        core::Instant recorded;
        std::int64_t minor;
    };
    std::mt19937_64 random(7);
    const date::sys_days first(date::year(2024) / 2 / 27);
    const auto any_day = [&] { return core::BusinessDay(first + date::days(random() % 800)); };
    std::vector<Sold> all;
    for (int i = 0; i < 120; ++i) {
        const Sold one{any_day(), now(), static_cast<std::int64_t>(random() % 1000 + 1)};
        sale("sale:" + std::to_string(i), one.minor, core::format_day(one.day).c_str());
        all.push_back(one);
        if (random() % 10 == 0) {
            enter_on_pages();
        }
    }
    for (int i = 0; i < 200; ++i) {
        const AsOf when{random() % 4 == 0 ? std::nullopt : std::optional(any_day()),
                        random() % 2 == 0 ? std::nullopt : std::optional(all[random() % all.size()].recorded)};
        std::int64_t sum = 0;
        for (const auto& one : all) {
            const bool dated = !when.until || one.day <= *when.until;
            const bool known = !when.recorded || one.recorded < *when.recorded;
            sum += dated && known ? one.minor : 0;
        }
        ASSERT_EQ(books_.balances(when), sum == 0 ? Sums{} : sold(sum)) << "question " << i;
    }
}

TEST_F(PastBalances, OfOneAccountAreItsOwnInEachCurrency) {
    sale("in yuan", 5);
    books_.post(entry_head("in dollars"), {{account("bank:main"), usd(7)}, {account("income:sales"), usd(-7)}});
    const auto found =
        books_.with([](auto& transaction) { return account_balances(transaction, "bank:main", AsOf{}); });
    ASSERT_EQ(found.size(), 2);
    EXPECT_EQ(found[0].currency, "CNY");
    EXPECT_EQ(found[0].balance_minor(), 5);
    EXPECT_EQ(found[1].currency, "USD");
    EXPECT_EQ(found[1].balance_minor(), 7);
    EXPECT_TRUE(books_.with([](auto& transaction) { return account_balances(transaction, "bank:other"); }).empty());
}

}  // namespace
}  // namespace ledger
