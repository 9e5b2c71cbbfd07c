// The trail in the database: written with the act, never changed, and what is wrong with it is named.
#include "audit/trail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "core/crypto/encoding.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "tests/support/books.h"

namespace audit {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

core::KeyBytes master(char fill) { return core::KeyBytes(std::string(32, fill)); }
core::Instant at(int second) { return core::Instant(std::chrono::seconds(1'795'000'000 + second)); }

class TrailInDatabase : public testing::Test {
protected:
    TrailInDatabase()
        : trail_(master('m'), "shop-1", [](std::string_view text) {
              return text == "4242424242424242" ? std::string("424242******4242") : std::string(text);
          }) {}

    const core::TenantId& tenant() const { return books_.tenant(); }
    void act(const std::string& object, bool commit = true) const {
        core::db::TenantTransaction transaction(books_database(), tenant());
        trail_.record(transaction, {"anna", "10.0.0.1"}, {"key.issue", object, "null", "{}"}, at(0));
        if (commit) {
            transaction.commit();
        }
    }
    std::optional<SignedHead> head() const {
        core::db::TenantTransaction transaction(books_database(), tenant());
        auto made = trail_.make_head(transaction, at(1));
        transaction.commit();
        return made;
    }
    std::vector<SignedRecord> records() const {
        core::db::TenantTransaction transaction(books_database(), tenant());
        return read_trail(transaction, {}, 1000);
    }
    std::vector<std::string> found(const std::vector<SignedHead>& published = {}) const {
        core::db::TenantTransaction transaction(books_database(), tenant());
        return verify_trail(transaction, {trail_.key().public_key()}, published).found;
    }
    // As somebody with all of the database, past rules and walls.
    void edit(const std::string& sql) const {
        books_test_database().administer_here("set session_replication_role = replica; " + sql +
                                              "; set session_replication_role = origin");
    }
    std::string where(int number) const {
        return " where tenant_id = '" + tenant().text() + "' and number = " + std::to_string(number);
    }

    TenantBooks books_;
    Trail trail_;
};

TEST_F(TrailInDatabase, KeepsWhoDidWhatFromWhere) {
    act("key 1");
    act("4242424242424242");
    const auto all = records();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].record.number, 1);
    EXPECT_EQ(all[0].record.actor, "anna");
    EXPECT_EQ(all[0].record.origin, "10.0.0.1");
    EXPECT_EQ(all[0].record.at, at(0));
    EXPECT_EQ(all[1].record.object, "424242******4242");
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(TrailInDatabase, HasNoRecordOfWhatWasNotCommitted) {
    act("key 1");
    act("key 2", false);
    act("key 3");
    const auto all = records();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[1].record.number, 2) << "without gaps";
    EXPECT_EQ(all[1].record.object, "key 3");
}

TEST_F(TrailInDatabase, NumbersTheActsOfManyAtOnce) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            for (int i = 0; i < 10; ++i) {
                act("key");
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(records().back().record.number, 40);
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(TrailInDatabase, IsOnlyEverAddedTo) {
    act("key 1");
    (void)head();
    for (const std::string& table : {std::string("trail"), std::string("trail_heads")}) {
        for (const std::string& sql : {"update audit." + table + " set key_id = key_id || 'x'",
                                       "delete from audit." + table, "truncate audit." + table}) {
            EXPECT_THROW(books_test_database().administer_here(sql), std::exception) << sql;
        }
    }
    EXPECT_THROW(books_.with([](auto& open) { core::db::run(open, "delete from audit.trail"); }),
                 core::db::DatabaseFailure);
    EXPECT_EQ(records().size(), 1U);
}

TEST_F(TrailInDatabase, NamesTheFirstRecordThatIsNotAsItWasSigned) {
    for (int i = 1; i <= 5; ++i) {
        act("key " + std::to_string(i));
    }
    const auto kept = *head();
    ASSERT_THAT(found({kept}), IsEmpty());
    const auto tried = [&](const std::string& sql) {
        edit("create table backup_of_trail as select * from audit.trail" + where(2).substr(0, where(2).find(" and")));
        edit(sql);
        const auto now = found({kept});
        edit("delete from audit.trail where tenant_id = '" + tenant().text() +
             "'; insert into audit.trail select * from backup_of_trail; drop table backup_of_trail");
        return now.empty() ? std::string("nothing") : now.front();
    };
    EXPECT_THAT(tried("update audit.trail set actor = 'bob'" + where(3)), HasSubstr("record 3"));
    EXPECT_THAT(tried("update audit.trail set signature = decode(repeat('ab', 64), 'hex')" + where(2)),
                HasSubstr("record 2"));
    EXPECT_THAT(tried("update audit.trail set occurred_at = occurred_at + interval '7 microseconds'" + where(4)),
                HasSubstr("record 4"));
    EXPECT_THAT(
        tried("alter table audit.trail drop constraint trail_whole; update audit.trail set object = ''" + where(1) +
              "; alter table audit.trail add constraint trail_whole check (actor <> '' and act <> '' "
              "and origin <> '' and object <> '' and before <> '' and after <> '' and outcome <> '') not valid"),
        HasSubstr("record 1"));
    EXPECT_THAT(tried("delete from audit.trail" + where(4)), HasSubstr("record 4"));
    EXPECT_THAT(tried("delete from audit.trail" + where(5)), HasSubstr("vouches for records that are gone"));
    EXPECT_THAT(tried("update audit.trail set number = 9" + where(2) + "; update audit.trail set number = 2" +
                      where(3) + "; update audit.trail set number = 3" + where(9)),
                HasSubstr("record 2"));
    EXPECT_THAT(found({kept}), IsEmpty());
}

TEST_F(TrailInDatabase, IsNotBelievedWhenAnotherKeySignedIt) {
    act("key 1");
    core::db::TenantTransaction transaction(books_database(), tenant());
    const auto other = TrailKey(master('x')).public_key();
    EXPECT_THAT(verify_trail(transaction, {other}, {}).found, ElementsAre(HasSubstr("none of ours")));
}

TEST_F(TrailInDatabase, ThatWasTakenBackAsAWholeIsToldByAPublishedHead) {
    act("key 1");
    act("key 2");
    const auto kept = *head();
    edit("delete from audit.trail" + where(2) + "; delete from audit.trail_heads where tenant_id = '" +
         tenant().text() + "'");
    EXPECT_THAT(found(), IsEmpty()) << "nothing in the database tells";
    EXPECT_THAT(found({kept}), ElementsAre(HasSubstr("gone")));
    act("another second");
    EXPECT_THAT(found({kept}), ElementsAre(HasSubstr("of other records")));
}

TEST_F(TrailInDatabase, ThatWasChangedIsNotSignedAnew) {
    act("key 1");
    act("key 2");
    (void)head();
    edit("update audit.trail set leaf = decode(repeat('ab', 32), 'hex')" + where(1));
    act("key 3");
    EXPECT_THROW((void)head(), core::OutsideFailure);
}

TEST_F(TrailInDatabase, ThatLacksARecordIsNotSigned) {
    act("key 1");
    (void)head();
    act("key 2");
    act("key 3");
    edit("delete from audit.trail" + where(2));
    EXPECT_THROW((void)head(), core::OutsideFailure);
}

// So many that a head is made of what was added to them.
TEST_F(TrailInDatabase, HasHeadsThatGoOnFromEachOtherHoweverLongItIs) {
    std::vector<TenantAct> acts(10'001, {tenant(), {"anna", "10.0.0.1"}, {"key.issue", "key"}, at(0)});
    core::db::TenantTransaction transaction(books_database(), tenant());
    core::db::Trip last(transaction);
    trail_.record(transaction, last, acts);
    last.run();
    transaction.commit();
    EXPECT_EQ(head()->head.size, 10'001U);
    act("one more");
    EXPECT_EQ(head()->head.size, 10'002U);
    act("and another");
    EXPECT_EQ(head()->head.size, 10'003U);
    EXPECT_THAT(found(), IsEmpty());
    // What was under a head and is changed since is under each later one as it was.
    edit("update audit.trail set leaf = decode(repeat('ab', 32), 'hex')" + where(7));
    act("key 3");
    const auto later = *head();
    EXPECT_THAT(found({later}),
                testing::IsSupersetOf({HasSubstr("record 7"), HasSubstr("published elsewhere of 10004")}));
    core::db::TenantTransaction tomorrow(books_database(), tenant());
    trail_.record(tomorrow, {"anna", "10.0.0.1"}, {"key.issue", "key 4"}, at(0));
    EXPECT_THROW((void)trail_.make_head(tomorrow, at(86'402)), core::OutsideFailure);
}

TEST_F(TrailInDatabase, HasAHeadWhenSomethingWasAdded) {
    EXPECT_FALSE(head());
    act("key 1");
    const std::vector<core::TenantId> own{tenant()};
    EXPECT_EQ(trails_behind(books_database(), own), own);
    const auto made = head();
    ASSERT_TRUE(made);
    EXPECT_EQ(made->head.size, 1U);
    EXPECT_FALSE(head());
    EXPECT_EQ(trails_behind(books_database(), own), own) << "it isn't published";
    core::db::TenantTransaction transaction(books_database(), tenant());
    mark_published(transaction, 1, at(2));
    transaction.commit();
    EXPECT_THAT(trails_behind(books_database(), own), IsEmpty());
    EXPECT_EQ(read_published(head_line(*made) + "\n", "heads").front().signature, made->signature);
    EXPECT_THROW(read_published(head_line(*made) + "\n{}\n", "heads"), core::InputError);
}

}  // namespace
}  // namespace audit
