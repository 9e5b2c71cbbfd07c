// Posting and reading on a real PostgreSQL, and what verify() sees when somebody with the keys to it does damage.
#include "ledger/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "core/db/work.h"
#include "tests/support/books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Books : public testing::Test {
protected:
    std::optional<core::EntryId> sale(const std::string& source_key, std::int64_t minor,
                                      const char* business_day = "2026-11-18", const std::string& group = "") {
        return books_.post(entry_head(source_key, group, business_day),
                           {{account("bank:main"), cny(minor)}, {account("income:sales"), cny(-minor)}});
    }

    TenantBooks books_;
};

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

    EXPECT_EQ(books_.balances(day("2026-11-16")), Sums{});
    EXPECT_EQ(books_.balances(day("2026-11-17")), (Sums{{"bank:main CNY", 500}, {"income:sales CNY", -500}}));
    EXPECT_EQ(books_.balances(day("2026-11-18")), (Sums{{"bank:main CNY", 520}, {"income:sales CNY", -520}}));
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

// What many post is noted, and added up now and then; a reader sees the sum of both.
class BalanceChanges : public Books {
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
        std::set<core::TenantId> whose;
        for (const auto* tenant : tenants) {
            whose.insert(tenant->tenant());
        }
        core::db::TenantsTransaction transaction(books_database(), {whose.begin(), whose.end()});
        core::db::Trip first(transaction);
        const EntryNumbers numbers(first, postings.size());
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

TEST_F(BalanceChanges, AreAddedUpNowAndThen) {
    for (int batch = 0; batch < kBatches; ++batch) {
        sell({&books_}, "batch:" + std::to_string(batch), kEach);
        EXPECT_EQ(books_.balances().at("bank:main CNY"), (batch + 1) * kEach);
    }
    // One entry in 256 has them added up: of 3,000 none would be chosen once in a hundred thousand times.
    EXPECT_EQ(rows("balances", books_), 2);
    EXPECT_LT(rows("balance_changes", books_), kBatches);
    EXPECT_EQ(books_.complaints(), "");
}

// A session plans the database's own statements once, here while there are few accounts.
TEST_F(BalanceChanges, CostNoMoreWhenThereAreManyAccounts) {
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
    books_.with([&](auto& transaction) {
        EXPECT_TRUE(sells(transaction, "sale:2"));
        core::db::run(transaction,
                      "insert into ledger.accounts (tenant_id, account, kind)"
                      " select $1, 'payable:p' || n, 'liability' from generate_series(1, 20000) n",
                      transaction.tenant().text());
        const auto before = read(transaction);
        EXPECT_TRUE(sells(transaction, "sale:3"));
        EXPECT_GT(read(transaction), before) << "what is read is counted";
        EXPECT_LT(read(transaction), before + 100);
    });
    EXPECT_EQ(books_.complaints(), "");
}

// Lines of two writers whose numbers lie between each other's, over the border of a block of numbers.
class AccountLines : public BalanceChanges {
protected:
    AccountLines() {
        const auto last = books_test_database().administer_here("select last_value from ledger.entries_entry_id_seq");
        first_ = (last[0][0].as<std::int64_t>() / kBlock + 1) * kBlock - 8;
        enter("odd", 1);
        enter("even", 0);
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

    static constexpr std::int64_t kBlock = 4096;
    std::int64_t first_ = 0;
};

TEST_F(AccountLines, ComeInTheOrderOfTheirEntriesWhereverAPageBegins) {
    for (std::int64_t page = 1; page < 34; ++page) {
        std::int64_t after = 0;
        std::int64_t expected = 1;
        while (true) {
            const auto lines =
                books_.with([&](auto& transaction) { return account_lines(transaction, "bank:main", after, page); });
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
    books_test_database().administer_here("select setval('ledger.entries_entry_id_seq', " +
                                          std::to_string(first_ + kBlock) + ")");
    EXPECT_EQ(books_.complaints(), "");
}

TEST_F(BalanceChanges, AreARowForEachTenantOfAStatement) {
    const TenantBooks other;
    sell({&books_, &other}, "batch", 4);
    for (const TenantBooks* books : {static_cast<const TenantBooks*>(&books_), &other}) {
        EXPECT_LE(rows("balance_changes", *books), 1);
        EXPECT_EQ(books->balances().at("bank:main CNY"), 2);
        EXPECT_EQ(books->complaints(), "");
    }
}

// So much is added up at once.
TEST_F(BalanceChanges, AreNotWaitedForWhileAnotherAddsThemUp) {
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
    EXPECT_EQ(rows("balance_changes", books_), 1) << "of the one that found another adding up";
    EXPECT_EQ(books_.complaints(), "");
}

TEST_F(BalanceChanges, OfManyWritersAtOnceAreAllAddedUpOnce) {
    const TenantBooks other;
    std::vector<std::thread> writers;
    writers.reserve(4);
    for (int writer = 0; writer < 4; ++writer) {
        writers.emplace_back([&, writer] {
            // In both orders, so that whoever waited for the other while adding up would stand still.
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
        EXPECT_LT(rows("balance_changes", *books), 4 * kBatches);
        EXPECT_EQ(books->complaints(), "");
    }
}

// Damage as only somebody with the cluster's own rights can do it: past triggers, foreign keys and row-level security.
class Verify : public Books {
protected:
    Verify() {
        sale("sale:1", 500);
        id_ = std::to_string(sale("sale:2", 20)->number());
    }

    void damage(const std::string& sql) {
        books_test_database().administer_here("set session_replication_role = replica; " + sql);
    }
    std::string of_the_entry() const {
        return " where tenant_id = '" + books_.tenant().text() + "' and entry_id = " + id_;
    }
    // Each sale is a statement, and so has a page on each of its accounts.
    std::string of_the_pages() const {
        return " where tenant_id = '" + books_.tenant().text() + "' and first_entry_id = " + id_;
    }
    std::string of_its_leg(int number) const { return of_the_pages() + " and lines[1][2] = " + std::to_string(number); }
    std::string of_the_account() const {
        return " where account_no = (select account_no from ledger.accounts where account = 'bank:main' and tenant_id "
               "= '" +
               books_.tenant().text() + "')";
    }
    // What the database does at every 256th entry or so.
    void add_up() {
        books_test_database().administer_here("set duizhang.tenant = '" + books_.tenant().text() +
                                              "'; select ledger.add_up_balance_changes(array['" +
                                              books_.tenant().text() + "'])");
    }
    std::vector<std::string> breaches() { return books_.verify().breaches; }
    // Those that name an entry. Most damage leaves a kept balance off, too.
    std::vector<std::string> entry_breaches() {
        auto found = breaches();
        std::erase_if(found, [](const std::string& breach) { return !breach.starts_with("entry "); });
        return found;
    }

    std::string id_;
};

TEST_F(Verify, FindsNothingWrongWithGoodBooks) { EXPECT_THAT(breaches(), IsEmpty()); }

TEST_F(Verify, FindsAnAmountChangedInTheEntry) {
    damage("update ledger.entries set leg_amounts = '{21,-20}'" + of_the_entry());
    EXPECT_THAT(breaches(), ElementsAre("entry " + id_ + " does not balance in CNY: 1",
                                        "entry " + id_ +
                                            " says its leg 1 is 21 CNY on bank:main and it is 20 CNY on"
                                            " bank:main"));
}

TEST_F(Verify, FindsAnAmountChangedOnTheAccount) {
    damage("update ledger.pages set lines[1][3] = 21" + of_its_leg(1));
    EXPECT_THAT(breaches(), ElementsAre("entry " + id_ +
                                            " says its leg 1 is 20 CNY on bank:main and it is 21 CNY on"
                                            " bank:main",
                                        "account bank:main in CNY: 520 is kept and 521 added up"));
}

TEST_F(Verify, FindsAKeptBalanceThatIsOff) {
    add_up();
    damage("update ledger.balances set debit_minor = debit_minor + 7" + of_the_account());
    EXPECT_THAT(breaches(), ElementsAre("account bank:main in CNY: 527 is kept and 520 added up"));
    damage("delete from ledger.balances" + of_the_account());
    EXPECT_THAT(breaches(), ElementsAre("account bank:main in CNY: 0 is kept and 520 added up"));
}

TEST_F(Verify, FindsABalanceChangeThatIsGone) {
    add_up();
    sale("sale:3", 1);
    damage("delete from ledger.balance_changes where tenant_id = '" + books_.tenant().text() + "'");
    EXPECT_THAT(breaches(), ElementsAre("account bank:main in CNY: 520 is kept and 521 added up",
                                        "account income:sales in CNY: -520 is kept and -521 added up"));
}

TEST_F(Verify, FindsAChangedCurrency) {
    damage("update ledger.entries set leg_currencies = '{USD,CNY}'" + of_the_entry());
    EXPECT_THAT(breaches(), ElementsAre("entry " + id_ + " does not balance in CNY: -20",
                                        "entry " + id_ + " does not balance in USD: 20",
                                        "entry " + id_ +
                                            " says its leg 1 is 20 USD on bank:main and it is 20 CNY on"
                                            " bank:main"));
}

TEST_F(Verify, FindsALegRemovedFromItsAccount) {
    damage("delete from ledger.pages" + of_its_leg(2));
    EXPECT_THAT(entry_breaches(), ElementsAre("entry " + id_ +
                                              " says its leg 2 is -20 CNY on income:sales and it is"
                                              " on no account"));
}

TEST_F(Verify, FindsALegRemovedFromTheEntry) {
    damage(
        "alter table ledger.entries drop constraint entries_two_legs, drop constraint entries_whole_legs;"
        "update ledger.entries set leg_accounts = '{bank:main}', leg_currencies = '{CNY,CNY}', leg_amounts = '{20}'" +
        of_the_entry());
    EXPECT_THAT(breaches(), ElementsAre("entry " + id_ + " does not balance in CNY: 20", "entry " + id_ + " has 1 legs",
                                        "entry " + id_ +
                                            " says its leg 2 is  CNY on  and it is -20 CNY on"
                                            " income:sales"));
    damage("delete from ledger.entries" + of_the_entry() +
           "; alter table ledger.entries add constraint entries_two_legs check (cardinality(leg_amounts) >= 2),"
           " add constraint entries_whole_legs check (array_ndims(leg_amounts) = 1 and array_lower(leg_amounts, 1) = 1"
           " and array_dims(leg_accounts) = array_dims(leg_amounts)"
           " and array_dims(leg_currencies) = array_dims(leg_amounts))");
}

TEST_F(Verify, FindsARemovedEntry) {
    damage("delete from ledger.entries" + of_the_entry());
    EXPECT_THAT(breaches(), ElementsAre("entry " + id_ + " has a leg 1 on bank:main that it does not speak of",
                                        "entry " + id_ + " has a leg 2 on income:sales that it does not speak of"));
}

TEST_F(Verify, FindsAnAddedPairOfLegs) {
    damage("update ledger.pages set lines = lines || array[lines[1][1], lines[1][2] + 2, lines[1][3]]" +
           of_the_pages());
    EXPECT_THAT(entry_breaches(),
                ElementsAre("entry " + id_ + " has a leg 3 on bank:main that it does not speak of",
                            "entry " + id_ + " has a leg 4 on income:sales that it does not speak of"));
}

TEST_F(Verify, FindsALegThatIsOnItsAccountTwice) {
    damage("update ledger.pages set lines = lines || lines" + of_its_leg(1));
    EXPECT_THAT(breaches(), ElementsAre("entry " + id_ + " has its leg 1 on its account more than once",
                                        "account bank:main in CNY: 520 is kept and 540 added up"));
}

TEST_F(Verify, FindsALegMovedToAnotherAccount) {
    const auto number = [&](const std::string& account) {
        return "(select account_no from ledger.accounts where account = '" + account + "' and tenant_id = '" +
               books_.tenant().text() + "')";
    };
    books_.post(entry_head("sale:3"), {{account("bank:other"), cny(1)}, {account("income:sales"), cny(-1)}});
    damage("update ledger.pages set account_no = " + number("bank:other") + of_its_leg(1));
    EXPECT_THAT(entry_breaches(), ElementsAre("entry " + id_ +
                                              " says its leg 1 is 20 CNY on bank:main and it is 20"
                                              " CNY on bank:other"));
    damage("update ledger.pages set account_no = -7" + of_its_leg(1));
    EXPECT_THAT(breaches(),
                ElementsAre("entry " + id_ + " says its leg 1 is 20 CNY on bank:main and it is 20 CNY on number -7",
                            "account bank:main in CNY: 520 is kept and 500 added up",
                            "account of no name in CNY: 0 is kept and 20 added up"));
}

TEST_F(Verify, FindsALegOfZero) {
    damage(
        "alter table ledger.entries drop constraint legs_not_zero;"
        "update ledger.pages set lines[1][3] = 0" +
        of_the_pages() + ";update ledger.entries set leg_amounts = '{0,0}'" + of_the_entry());
    EXPECT_THAT(entry_breaches(),
                ElementsAre("entry " + id_ + " has a leg of zero", "entry " + id_ + " has a leg of zero"));
    damage("delete from ledger.entries" + of_the_entry() +
           "; alter table ledger.entries add constraint legs_not_zero"
           " check (array_position(leg_amounts, 0) is null and array_position(leg_amounts, null) is null)");
}

TEST_F(Verify, LooksAtOneTenantOnly) {
    damage("delete from ledger.pages" + of_the_pages());
    const TenantBooks other;
    EXPECT_THAT(other.verify().breaches, IsEmpty());
    EXPECT_EQ(other.verify().entries, 0);
}

}  // namespace
}  // namespace ledger
