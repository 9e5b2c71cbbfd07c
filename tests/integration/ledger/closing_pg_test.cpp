// Closing: what a close fixes, what comes after it, and races of closing and posting.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/db/work.h"
#include "core/files.h"
#include "ledger/closing.h"
#include "tests/support/selling_books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Closing : public SellingBooks {
protected:
    Close close_until(const char* until, const std::string& accepted = "") const {
        return close(books_database(), books_.tenant(), day(until), accepted, key_, clock_);
    }
    std::vector<std::string> breaches() const {
        return books_.with([&](auto& transaction) {
            auto found = verify_seals(transaction, key_.public_key());
            for (auto& breach : verify_closes(transaction, key_.public_key())) {
                found.push_back(std::move(breach));
            }
            return found;
        });
    }
    std::string date_of(core::EntryId id) const {
        return books_.with([&](auto& transaction) { return find_entry(transaction, id)->business_date; });
    }
    static void edit(const std::string& sql) {
        books_test_database().administer_here("set session_replication_role = replica; " + sql);
    }
    std::string mine() const { return " tenant_id = '" + books_.tenant().text() + "' "; }

    SealKey key_{core::KeyBytes(std::string(32, 's'))};
    core::FixedClock clock_{instant("2026-11-25T01:00:00.123Z")};
};

TEST_F(Closing, FixesTheDaysAndDatesWhatComesLateOnTheFirstOpenDay) {
    sale("sale:1", 500, "2026-11-18");
    sale("sale:2", 300, "2026-11-20");
    const auto made = close_until("2026-11-19");
    EXPECT_EQ(made.entries, 1);
    EXPECT_FALSE(made.after);
    const auto late = sale("sale:3", 100, "2026-11-18");
    ASSERT_TRUE(late);
    EXPECT_EQ(date_of(*late), "2026-11-20");
    EXPECT_EQ(date_of(*sale("sale:4", 100, "2026-11-21")), "2026-11-21");
    EXPECT_EQ(books_.balances({day("2026-11-19"), std::nullopt}),
              (Sums{{"bank:main CNY", 500}, {"income:sales CNY", -500}}));
    EXPECT_THAT(breaches(), IsEmpty());
    EXPECT_EQ(books_.complaints(), "");
}

TEST_F(Closing, GoesForwardAndAgainIsHarmless) {
    sale("sale:1", 500, "2026-11-18");
    const auto first = close_until("2026-11-18");
    EXPECT_EQ(close_until("2026-11-18").digest, first.digest);
    EXPECT_EQ(close_until("2026-11-01").digest, first.digest);
    sale("sale:2", 500, "2026-11-18");
    const auto second = close_until("2026-11-20", "no statement\nstripe: open\n");
    EXPECT_EQ(second.previous, first.digest);
    EXPECT_EQ(second.after, day("2026-11-18"));
    EXPECT_EQ(second.entries, 1);
    EXPECT_EQ(books_.with([](auto& transaction) { return closed_until(transaction); }), day("2026-11-20"));
    EXPECT_THAT(breaches(), IsEmpty());
}

TEST_F(Closing, OfEmptyBooksClosesThem) {
    EXPECT_EQ(close_until("2026-11-18").entries, 0);
    EXPECT_EQ(date_of(*sale("sale:1", 500, "2026-11-18")), "2026-11-19");
    EXPECT_THAT(breaches(), IsEmpty());
}

TEST_F(Closing, MakesTheDatabaseRefuseAnEntryOfTheseDays) {
    sale("sale:1", 500, "2026-11-18");
    close_until("2026-11-18");
    const auto raw = [&](const std::string& key, const std::string& date) {
        books_.with([&](auto& transaction) {
            core::db::run(
                transaction,
                "insert into ledger.entries (tenant_id, event, source_key, group_key, description,"
                " occurred_at, business_date, leg_accounts, leg_currencies, leg_amounts) values ($1, 'manual',"
                " $2, '', '', now(), $3::date, '{bank:main,income:sales}', '{CNY,CNY}', '{5,-5}')",
                books_.tenant().text(), key, date);
        });
    };
    try {
        raw("raw:1", "2026-11-18");
        FAIL() << "an entry came into a closed day";
    } catch (const core::db::DatabaseFailure& failure) {
        EXPECT_EQ(failure.constraint(), "entries_on_open_days");
    }
    raw("raw:2", "2026-11-19");
    // Another tenant's days are his own.
    TenantBooks other;
    EXPECT_TRUE(other.post(entry_head("sale:1", "", "2026-11-18"),
                           {{account("bank:main"), cny(1)}, {account("income:sales"), cny(-1)}}));
    EXPECT_EQ(other.balances({day("2026-11-18"), std::nullopt}),
              (Sums{{"bank:main CNY", 1}, {"income:sales CNY", -1}}));
}

TEST_F(Closing, NamesWhatWasDoneToClosedDays) {
    const auto first = std::to_string(sale("sale:1", 500, "2026-11-18")->number());
    close_until("2026-11-18");
    const auto later = std::to_string(sale("sale:2", 300, "2026-11-20")->number());
    edit("update ledger.entries set description = 'better' where entry_id = " + first);
    EXPECT_THAT(breaches(), ElementsAre("entry " + first + " was changed since seal 1",
                                        "close of 2026-11-18 had other entries than these days have now"));
    edit("update ledger.entries set description = 'a test''s entry' where entry_id = " + first);
    EXPECT_THAT(breaches(), IsEmpty());
    edit("update ledger.entries set business_date = '2026-11-17' where entry_id = " + later);
    EXPECT_THAT(breaches(),
                ElementsAre("entry " + later + " is dated 2026-11-17 and came after the close of 2026-11-18"));
    edit("update ledger.entries set business_date = '2026-11-20' where entry_id = " + later);
    edit("update ledger.entries set leg_amounts = '{501,-501}' where entry_id = " + first);
    EXPECT_THAT(breaches(), ElementsAre("entry " + first + " was changed since seal 1",
                                        "close of 2026-11-18 had other entries than these days have now",
                                        "close of 2026-11-18 had another trial balance than its entries give now"));
    edit("update ledger.entries set leg_amounts = '{500,-500}' where entry_id = " + first);
    edit("update ledger.closes set accepted = 'nothing was open' where" + mine());
    EXPECT_THAT(breaches(), ElementsAre("close of 2026-11-18 was changed: its digest is another one's"));
}

TEST_F(Closing, IsPublishedAndMissedWhereItIsGone) {
    TestFolder folder;
    const auto publish = [&] {
        return books_.with([&](auto& transaction) { return publish_closes(transaction, folder.path()); });
    };
    sale("sale:1", 500, "2026-11-18");
    close_until("2026-11-18");
    EXPECT_THAT(publish(), IsEmpty());
    EXPECT_THAT(core::read_file(folder.path() / "close-2026-11-18.json", 1U << 16U),
                HasSubstr("\"closed_until\": \"2026-11-18\""));
    edit("delete from ledger.closes where" + mine());
    EXPECT_THAT(publish(), ElementsAre(HasSubstr("the books have no such close")));
}

// Whoever posts while days are closed, one after the other: what is dated within a closed day was there before.
TEST_F(Closing, LeavesNoEntryOutsideWhoeverPostsMeanwhile) {
    std::atomic<bool> done = false;
    std::atomic<int> posted = 0;
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer) {
        writers.emplace_back([&, writer] {
            for (int i = 0; !done; ++i) {
                const auto date = "2026-11-" + std::to_string(10 + i % 9);
                const auto key = "sale:" + std::to_string(writer) + ":" + std::to_string(i);
                posted += sale(key, 1 + i, date.c_str()) ? 1 : 0;
            }
        });
    }
    for (const char* until : {"2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13", "2026-11-14", "2026-11-15",
                              "2026-11-16", "2026-11-17", "2026-11-18"}) {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        close_until(until);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    done = true;
    for (auto& writer : writers) {
        writer.join();
    }
    EXPECT_GT(posted, 50);
    EXPECT_THAT(breaches(), IsEmpty());
    EXPECT_EQ(books_.verify().entries, posted);
    EXPECT_EQ(books_.complaints(), "");
}

}  // namespace
}  // namespace ledger
