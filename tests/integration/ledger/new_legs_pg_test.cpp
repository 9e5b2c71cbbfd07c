// What many post waits, and comes to pages and balances now and then; a reader sees the sum of both.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "core/db/work.h"
#include "ledger/batch.h"
#include "tests/support/selling_books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field

class NewLegs : public SellingBooks {
protected:
    static constexpr int kBatches = 60;
    static constexpr int kEach = 50;

    // `count` sales of 1 in one statement.
    static void sell(const std::vector<const TenantBooks*>& tenants, const std::string& name, int count) {
        std::vector<Posting> postings;
        for (int i = 0; i < count; ++i) {
            const auto& tenant = tenants[static_cast<std::size_t>(i) % tenants.size()]->tenant();
            auto entry = Entry::make(entry_head(name + ":" + std::to_string(i)),
                                     {{account("bank:main"), cny(1)}, {account("income:sales"), cny(-1)}});
            core::ensure(static_cast<bool>(entry), "a sale balances");
            postings.push_back({tenant, *std::move(entry)});
        }
        post_together(postings);
    }
    static void post_together(const std::vector<Posting>& postings) {
        std::set<core::TenantId> whose;
        for (const auto& posting : postings) {
            whose.insert(posting.tenant);
        }
        core::db::TenantsTransaction transaction(books_database(), {whose.begin(), whose.end()});
        core::db::Trip first(transaction);
        const EntryNumbers numbers(first, postings.size(), hold_days_open(first, whose));
        first.run();
        core::db::Trip second(transaction);
        AccountsToOpen accounts;
        const NewEntries posted(second, postings, numbers.all(first), accounts);
        second.run();
        transaction.commit();
    }
    static std::int64_t rows(const std::string& table, const TenantBooks& books) {
        return books_test_database()
            .administer_here("select count(*) from ledger." + table + " where tenant_id = '" + books.tenant().text() +
                             "'")[0][0]
            .as<std::int64_t>();
    }
};

TEST_F(NewLegs, ComeToPagesAndBalancesNowAndThen) {
    for (int batch = 0; batch < kBatches; ++batch) {
        sell({&books_}, "batch:" + std::to_string(batch), kEach);
        EXPECT_EQ(books_.balances().at("bank:main CNY"), (batch + 1) * kEach);
    }
    // One entry in 256 has them entered: of 3,000 none would be chosen once in a hundred thousand times.
    EXPECT_EQ(rows("balances", books_), 2);
    EXPECT_LT(rows("new_legs", books_), kBatches * kEach / 8);
    EXPECT_LT(rows("pages", books_), kBatches * kEach * 2 / 40) << "of an account's lines many stand on one";
    EXPECT_EQ(books_.verify().entries, kBatches * kEach);
    EXPECT_EQ(books_.complaints(), "");
}

// What doesn't stand in the table itself is unpacked for each line that is read.
TEST_F(NewLegs, StandInTheTableItselfHoweverManyAnEntryHas) {
    const auto post = [&](const std::string& name, std::int64_t legs) {
        std::vector<Leg> all(static_cast<std::size_t>(legs), {account("bank:main"), cny(1)});
        all.push_back({account("income:sales"), cny(-legs)});
        auto entry = Entry::make(entry_head(name), all);
        core::ensure(static_cast<bool>(entry), "a sale balances");
        return Posting{books_.tenant(), *std::move(entry)};
    };
    std::vector<Posting> postings;
    for (int i = 0; i < 60; ++i) {
        postings.push_back(post("long:" + std::to_string(i), i % 3 == 0 ? 50 : 1));
    }
    post_together(postings);
    const auto longest = [&](const std::string& table) {
        return books_test_database()
            .administer_here("select coalesce(max(pg_column_size(lines)), 0) from ledger." + table +
                             " where tenant_id = '" + books_.tenant().text() + "'")[0][0]
            .as<int>();
    };
    for (const bool entered : {false, true}) {
        if (entered) {
            enter_on_pages();
            EXPECT_GT(rows("pages", books_), 60 * 17 / 80);
        }
        EXPECT_LT(longest("new_legs"), 1900);
        EXPECT_LT(longest("pages"), 2000 + 50 * 24);
        EXPECT_EQ(books_.balances().at("bank:main CNY"), 20 * 50 + 40);
        EXPECT_EQ(books_.complaints(), "");
    }
    post_together({post("longer than a page", 200)});
    enter_on_pages();
    EXPECT_EQ(books_.balances().at("bank:main CNY"), 20 * 50 + 40 + 200);
    EXPECT_EQ(books_.with([](auto& open) { return account_lines(open, "bank:main", 0, 10'000); }).size(), 1240U);
    EXPECT_EQ(books_.complaints(), "") << "an entry's lines on an account stand on one page";
}

// Statements of 256 entries and more.
TEST_F(NewLegs, OfLargeStatementsComeToPagesToo) {
    constexpr int kLarge = 300;
    constexpr int kAtMost = 200;
    int statements = 0;
    // One leg in 8,192 has them entered: of 120,000 none would be chosen once in two million times.
    while (rows("pages", books_) == 0 && statements < kAtMost) {
        sell({&books_}, "large:" + std::to_string(statements++), kLarge);
        EXPECT_EQ(books_.balances().at("bank:main CNY"), statements * kLarge);
    }
    EXPECT_LT(statements, kAtMost);
    EXPECT_EQ(rows("balances", books_), 2);
    EXPECT_EQ(books_.complaints(), "");
}

TEST_F(NewLegs, AreAddedToWhatStandsAndToWhatIsNewInTwoMonths) {
    for (int time = 0; time < 3; ++time) {
        std::vector<Posting> postings;
        for (const char* day : {"2026-10-30", "2026-10-31", "2026-11-01"}) {
            auto head = entry_head(std::to_string(time) + " " + day);
            head.business_day = *core::parse_day(day);
            auto entry = Entry::make(
                head, {{account("bank:main"), cny(2)}, {account("payable:p" + std::to_string(time)), cny(-2)}});
            core::ensure(static_cast<bool>(entry), "what is owed balances");
            postings.push_back({books_.tenant(), *std::move(entry)});
        }
        post_together(postings);
        enter_on_pages();
        EXPECT_EQ(rows("new_legs", books_), 0);
        EXPECT_EQ(rows("balances", books_), 2 + time) << "of the bank, and of each party";
        EXPECT_EQ(rows("turnovers", books_), 5 * (2 + time)) << "of three days and two months";
        EXPECT_EQ(books_.balances().at("bank:main CNY"), 6 * (time + 1));
        EXPECT_EQ(books_.complaints(), "");
    }
}

// A session plans the database's own statements once, here while there are few accounts.
TEST_F(NewLegs, CostNoMoreWhenThereAreManyAccounts) {
    constexpr const char* kRead =
        "select sum(pg_stat_get_xact_tuples_returned(c.oid)) from pg_class c"
        " where c.oid in ('ledger.accounts'::regclass, 'ledger.accounts_pk'::regclass) and $1 <> ''";
    const auto read = [&](auto& transaction) {
        return core::db::run(transaction, kRead, "x")[0][0].template as<std::int64_t>();
    };
    const auto sells = [](auto& transaction, const std::string& source_key) {
        const auto entry =
            Entry::make(entry_head(source_key), {{account("bank:main"), cny(1)}, {account("income:sales"), cny(-1)}});
        core::ensure(static_cast<bool>(entry), "a sale balances");
        return post(transaction, *entry).has_value();
    };
    sale("sale:1", 1);
    books_test_database().administer_here("analyze ledger.accounts");
    // Of its own: one that has posted often might look for accounts to open by an older plan of another statement.
    core::db::Database session(books_test_database().service_options());
    core::db::TenantTransaction transaction(session, books_.tenant());
    EXPECT_TRUE(sells(transaction, "sale:2"));
    core::db::run(transaction,
                  "insert into ledger.accounts (tenant_id, account, kind)"
                  " select $1, 'payable:p' || n, 'liability' from generate_series(1, 20000) n",
                  transaction.tenant().text());
    const auto before = read(transaction);
    EXPECT_TRUE(sells(transaction, "sale:3"));
    EXPECT_GT(read(transaction), before) << "what is read is counted";
    EXPECT_LT(read(transaction), before + 100);
    transaction.commit();
    EXPECT_EQ(books_.complaints(), "");
}

// Lines of two writers whose numbers lie between each other's, over the border of a block of numbers.
class AccountLines : public NewLegs {
protected:
    AccountLines() {
        const auto last = books_test_database().administer_here("select last_value from ledger.entries_entry_id_seq");
        first_ = (last[0][0].as<std::int64_t>() / kBlock + 1) * kBlock - 8;
    }
    void TearDown() override {
        books_test_database().administer_here("select setval('ledger.entries_entry_id_seq', " +
                                              std::to_string(first_ + kBlock) + ")");
        EXPECT_EQ(books_.complaints(), "");
    }
    // 16 entries of one statement, every other number.
    void enter(const std::string& name, std::int64_t from) const {
        std::vector<Posting> postings;
        std::vector<std::int64_t> numbers;
        for (std::int64_t i = from; i < 32; i += 2) {
            auto entry = Entry::make(entry_head(name + std::to_string(i)),
                                     {{account("bank:main"), cny(i + 1)}, {account("income:sales"), cny(-i - 1)}});
            core::ensure(static_cast<bool>(entry), "a sale balances");
            postings.push_back({books_.tenant(), *std::move(entry)});
            numbers.push_back(first_ + i);
        }
        books_.with([&](auto& transaction) {
            core::db::Trip trip(transaction);
            AccountsToOpen accounts;
            const NewEntries posted(trip, postings, numbers, accounts);
            trip.run();
        });
    }

    void expect_all_in_their_order() const {
        for (std::int64_t page = 1; page < 34; ++page) {
            std::int64_t after = 0;
            std::int64_t expected = 1;
            while (true) {
                const auto lines = books_.with(
                    [&](auto& transaction) { return account_lines(transaction, "bank:main", after, page); });
                if (lines.empty()) {
                    break;
                }
                for (const auto& line : lines) {
                    ASSERT_EQ(line.amount_minor, expected++) << "in pages of " << page;
                    after = line.entry.number();
                }
            }
            EXPECT_EQ(expected, 33) << "in pages of " << page;
        }
    }

    static constexpr std::int64_t kBlock = 4096;
    std::int64_t first_ = 0;
};

TEST_F(AccountLines, ComeInTheOrderOfTheirEntriesWhereverAPageBegins) {
    enter("odd", 1);
    enter_on_pages();
    enter("even", 0);
    enter_on_pages();
    expect_all_in_their_order();
}

TEST_F(AccountLines, ComeFromPagesAndFromWhereTheyWaitInOneOrder) {
    enter("odd", 1);
    enter_on_pages();
    enter("even", 0);
    expect_all_in_their_order();
}

TEST_F(AccountLines, ComeInTheirOrderFromWhereTheyWait) {
    enter("odd", 1);
    enter("even", 0);
    expect_all_in_their_order();
}

TEST_F(NewLegs, AreFewRowsForEachTenantOfAStatement) {
    const TenantBooks other;
    sell({&books_, &other}, "batch", 16);
    for (const TenantBooks* books : {static_cast<const TenantBooks*>(&books_), &other}) {
        EXPECT_LE(rows("new_legs", *books), 3) << "of 16 numbers in a row, each eight are together";
        EXPECT_EQ(books->balances().at("bank:main CNY"), 8);
        EXPECT_EQ(books->complaints(), "");
    }
}

// So much is entered at once.
TEST_F(NewLegs, AreNotWaitedForWhileAnotherEntersThem) {
    constexpr std::int64_t kMuch = 2'000'000'000'000'000;
    const auto posts = [](auto& transaction, const std::string& source_key) {
        const auto entry = Entry::make(entry_head(source_key),
                                       {{account("bank:main"), cny(kMuch)}, {account("income:sales"), cny(-kMuch)}});
        core::ensure(static_cast<bool>(entry), "a sale balances");
        return post(transaction, *entry).has_value();
    };
    sale("sale:1", 1);
    core::db::TenantTransaction slow(books_database(), books_.tenant());
    EXPECT_TRUE(posts(slow, "sale:2"));
    EXPECT_TRUE(books_.with([&](auto& transaction) {
        core::db::run(transaction, "select set_config('lock_timeout', '2s', true) from (select $1::text) t", "");
        return posts(transaction, "sale:3");
    }));
    EXPECT_EQ(books_.balances().at("bank:main CNY"), kMuch + 1);
    slow.commit();
    EXPECT_EQ(books_.balances().at("bank:main CNY"), 2 * kMuch + 1);
    EXPECT_EQ(rows("new_legs", books_), 1) << "of the one that found another entering them";
    EXPECT_EQ(books_.complaints(), "");
}

TEST_F(NewLegs, OfManyWritersAtOnceAreAllEnteredOnce) {
    const TenantBooks other;
    std::vector<std::thread> writers;
    writers.reserve(4);
    for (int writer = 0; writer < 4; ++writer) {
        writers.emplace_back([&, writer] {
            // In both orders, so that whoever waited for the other while entering would stand still.
            const auto tenants = writer % 2 == 0 ? std::vector<const TenantBooks*>{&books_, &other}
                                                 : std::vector<const TenantBooks*>{&other, &books_};
            for (int batch = 0; batch < kBatches; ++batch) {
                sell(tenants, "writer:" + std::to_string(writer) + ":" + std::to_string(batch), kEach);
            }
        });
    }
    for (auto& writer : writers) {
        writer.join();
    }
    for (const TenantBooks* books : {static_cast<const TenantBooks*>(&books_), &other}) {
        EXPECT_EQ(books->balances().at("bank:main CNY"), 4 * kBatches * kEach / 2);
        EXPECT_LT(rows("new_legs", *books), 4 * kBatches * kEach / 8);
        EXPECT_EQ(books->complaints(), "");
    }
}

}  // namespace
}  // namespace ledger
