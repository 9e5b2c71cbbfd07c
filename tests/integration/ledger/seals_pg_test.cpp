// Seals: what they cover, what they find, and what is published of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "core/db/work.h"
#include "core/files.h"
#include "ledger/batch.h"
#include "ledger/gate.h"
#include "ledger/seals.h"
#include "tests/support/selling_books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Seals : public SellingBooks {
protected:
    std::vector<Seal> seal_now() const { return seal(books_database(), books_.tenant(), key_, clock_); }
    std::vector<std::string> breaches() const {
        return books_.with([&](auto& transaction) { return verify_seals(transaction, key_.public_key()); });
    }
    std::vector<std::string> publish() const {
        return books_.with([&](auto& transaction) { return publish_seals(transaction, folder_.path()); });
    }
    // As somebody who owns the database: nothing refuses it.
    static void edit(const std::string& sql) {
        books_test_database().administer_here("set session_replication_role = replica; " + sql);
    }
    std::string mine() const { return " tenant_id = '" + books_.tenant().text() + "' "; }
    static std::string number(std::optional<core::EntryId> id) { return std::to_string(id->number()); }

    SealKey key_{core::KeyBytes(std::string(32, 's'))};
    core::FixedClock clock_{instant("2026-11-19T01:00:00.123Z")};
    TestFolder folder_;
};

TEST_F(Seals, CoverWhatWasPostedSinceTheLastOne) {
    EXPECT_THAT(seal_now(), IsEmpty());
    sale("sale:1", 500);
    sale("sale:2", 300);
    const auto first = seal_now();
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].entries, 2U);
    EXPECT_EQ(first[0].previous, "");
    EXPECT_THAT(seal_now(), IsEmpty());
    sale("sale:3", 200);
    const auto second = seal_now();
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].number, 2);
    EXPECT_EQ(second[0].after_entry, first[0].until_entry);
    EXPECT_EQ(second[0].previous, first[0].digest);
    EXPECT_THAT(breaches(), IsEmpty());
}

TEST_F(Seals, NameTheEntryThatWasChangedRemovedOrPutIn) {
    const auto changed = number(sale("sale:1", 500));
    const auto removed = number(sale("sale:2", 300));
    sale("sale:3", 100);
    seal_now();
    edit("update ledger.entries set description = 'something else' where entry_id = " + changed);
    edit("create temp table taken as select * from ledger.entries where entry_id = " + removed +
         "; delete from ledger.entries where entry_id = " + removed);
    EXPECT_THAT(breaches(), ElementsAre("entry " + changed + " was changed since seal 1",
                                        "entry " + removed + " is gone, and is in seal 1"));
}

TEST_F(Seals, NameTheEntryWithANumberThatWasSealedAlready) {
    const auto last = sale("sale:1", 500)->number();
    const auto sealed = seal_now();
    ASSERT_GT(sealed[0].until_entry, last);
    edit("set duizhang.tenant = '" + books_.tenant().text() +
         "'; insert into ledger.entries (tenant_id, entry_id, event, source_key, group_key, description,"
         " occurred_at, business_date, leg_accounts, leg_currencies, leg_amounts) overriding system value select"
         " tenant_id, " +
         std::to_string(sealed[0].until_entry) +
         ", event, 'forged', group_key, description,"
         " occurred_at, business_date, leg_accounts, leg_currencies, leg_amounts from ledger.entries where" +
         mine());
    EXPECT_THAT(breaches(), ElementsAre("entry " + std::to_string(sealed[0].until_entry) +
                                        " was put in after it, and is not in seal 1"));
}

TEST_F(Seals, FindWhatIsWrongWithThemselves) {
    for (int i = 1; i <= 3; ++i) {
        sale("sale:" + std::to_string(i), 500);
        seal_now();
    }
    EXPECT_THAT(breaches(), IsEmpty());
    const SealKey other(core::KeyBytes(std::string(32, 'o')));
    EXPECT_THAT(books_.with([&](auto& transaction) { return verify_seals(transaction, other.public_key()); }),
                ElementsAre("seal 1 is not signed with this key", "seal 2 is not signed with this key",
                            "seal 3 is not signed with this key"));
    edit("update ledger.seals set sealed_at = sealed_at - interval '1 day' where seal_no = 3 and" + mine());
    EXPECT_THAT(breaches(), ElementsAre("seal 3 was changed: its digest is another one's"));
    edit("delete from ledger.seals where seal_no = 2 and" + mine());
    EXPECT_THAT(breaches(), ElementsAre("seal 3 follows seal 1: seals are missing",
                                        "seal 3 was changed: its digest is another one's"));
}

TEST_F(Seals, WaitForAPostingThatTookItsNumberAndIsStillToCome) {
    core::db::TenantTransaction slow(books_database(), books_.tenant());
    core::db::Trip trip(slow);
    const EntryNumbers numbers(trip, 1, hold_days_open(trip, {books_.tenant()}));
    trip.run();
    auto sealed = std::async(std::launch::async, [&] { return seal_now(); });
    EXPECT_EQ(sealed.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
    core::db::Trip second(slow);
    AccountsToOpen accounts;
    auto entry = Entry::make(entry_head("slow"), {{account("bank:main"), cny(1)}, {account("income:sales"), cny(-1)}});
    const NewEntries posted(second, {{books_.tenant(), *entry}}, numbers.all(trip), accounts);
    second.run();
    slow.commit();
    const auto made = sealed.get();
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].entries, 1U);
}

TEST_F(Seals, LetOthersPostWhileSomebodyTakesLong) {
    core::db::TenantTransaction import(books_database(), books_.tenant());
    core::db::Trip trip(import);
    hold_days_open(trip, {books_.tenant()});
    trip.run();
    auto sealed = std::async(std::launch::async, [&] { return seal_now(); });
    for (int i = 0; i < 5; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_TRUE(sale("sale:" + std::to_string(i), 500));
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3))
            << "waits for moments, not for all";
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    EXPECT_EQ(sealed.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    import.commit();
    const auto made = sealed.get();
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].entries, 5U);
}

TEST_F(Seals, ArePublishedOnceAndAgainWhereTheyAreMissing) {
    sale("sale:1", 500);
    seal_now();
    sale("sale:2", 500);
    seal_now();
    EXPECT_THAT(publish(), IsEmpty());
    const auto first = core::read_file(folder_.path() / "000001.json", 1U << 20U);
    std::filesystem::remove(folder_.path() / "000001.json");
    EXPECT_THAT(publish(), IsEmpty());
    EXPECT_EQ(core::read_file(folder_.path() / "000001.json", 1U << 20U), first);
}

TEST_F(Seals, AreFoundMissingOrRewrittenByWhatWasPublished) {
    sale("sale:1", 500);
    seal_now();
    sale("sale:2", 500);
    seal_now();
    publish();
    edit("delete from ledger.seals where seal_no = 2 and" + mine());
    EXPECT_THAT(publish(), ElementsAre(HasSubstr("000002.json was published, and the books have no such seal")));
    // Made anew, as the program itself would, a moment later.
    clock_.set(instant("2026-11-19T02:00:00Z"));
    ASSERT_EQ(seal_now().size(), 1U);
    EXPECT_THAT(breaches(), IsEmpty());
    EXPECT_THAT(publish(), ElementsAre(HasSubstr("000002.json was published, and the books' seal 2 says something")));
}

TEST_F(Seals, AreNeverChangedNotByTheOwnerEither) {
    sale("sale:1", 500);
    seal_now();
    for (const std::string sql : {"update ledger.seals set seal_no = 7", "delete from ledger.seals"}) {
        EXPECT_THROW(books_.with([&](auto& transaction) { core::db::run(transaction, sql.c_str()); }),
                     core::db::DatabaseFailure)
            << sql;
    }
    EXPECT_THAT(breaches(), IsEmpty());
}

}  // namespace
}  // namespace ledger
