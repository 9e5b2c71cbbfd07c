// The schema's history, and the check at start that the walls stand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/db/connection.h"
#include "core/db/migrations.h"
#include "core/db/work.h"
#include "core/failure.h"
#include "tests/support/test_database.h"

namespace core::db {
namespace {

using test_support::TestDatabase;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Migration kFirst{1, "0001_first", "create table core.first (x int)"};
const Migration kSecond{2, "0002_second", "create table core.second (x int)"};
const Migration kThird{3, "0003_third", "create table core.third (x int)"};

template <typename Error, typename Action>
std::string message_of(const Action& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
}

class Migrations : public testing::Test {
protected:
    bool has_table(const std::string& name) const {
        return database_.administer_here("select to_regclass('core." + name + "') is not null")[0][0].as<bool>();
    }
    std::string owner() const { return database_.owner_connection(); }

    TestDatabase database_{TestDatabase::Content::nothing};
};

TEST_F(Migrations, AreAppliedOnceAndInOrder) {
    EXPECT_THAT(migration_state(owner(), {kFirst, kSecond}).missing, ElementsAre("0001_first", "0002_second"));
    EXPECT_FALSE(has_table("migrations")) << "asking has changed something";

    EXPECT_THAT(migrate(owner(), {kFirst}), ElementsAre("0001_first"));
    EXPECT_THAT(migrate(owner(), {kFirst, kSecond}), ElementsAre("0002_second"));
    EXPECT_THAT(migrate(owner(), {kFirst, kSecond}), IsEmpty());

    const auto state = migration_state(owner(), {kFirst, kSecond, kThird});
    EXPECT_THAT(state.applied, ElementsAre("0001_first", "0002_second"));
    EXPECT_THAT(state.missing, ElementsAre("0003_third"));
}

TEST_F(Migrations, ThatChangedSinceAreRefused) {
    migrate(owner(), {kFirst, kSecond});
    auto changed = kSecond;
    changed.sql = "create table core.second (x bigint)";
    EXPECT_THAT(message_of<UsageError>([&] { migrate(owner(), {kFirst, changed}); }), HasSubstr("0002_second"));
    EXPECT_THAT(message_of<UsageError>([&] { migration_state(owner(), {kFirst, changed}); }), HasSubstr("changed"));
}

TEST_F(Migrations, OfANewerProgramAreRefusedByName) {
    migrate(owner(), {kFirst, kSecond, kThird});
    const auto message = message_of<UsageError>([&] { migrate(owner(), {kFirst}); });
    EXPECT_THAT(message, HasSubstr("0002_second, 0003_third"));
    EXPECT_THAT(message, HasSubstr("newer"));
}

TEST_F(Migrations, ThatCameInLaterUnderAnEarlierNumberAreRefused) {
    migrate(owner(), {kFirst, kThird});
    EXPECT_THAT(message_of<UsageError>([&] { migrate(owner(), {kFirst, kSecond, kThird}); }), HasSubstr("0002_second"));
    EXPECT_FALSE(has_table("second"));
}

TEST_F(Migrations, ThatFailLeaveNothing) {
    const Migration broken{2, "0002_broken", "create table core.half (x int); create table core.half (x int)"};
    const auto message = message_of<OutsideFailure>([&] { migrate(owner(), {kFirst, broken}); });
    EXPECT_THAT(message, HasSubstr("0002_broken"));
    EXPECT_THAT(message, HasSubstr("42P07"));
    EXPECT_TRUE(has_table("first"));
    EXPECT_FALSE(has_table("half"));
    EXPECT_THAT(migrate(owner(), {kFirst, kSecond}), ElementsAre("0002_second"));
}

TEST_F(Migrations, QuoteNoRowsWhenTheyFail) {
    const Migration broken{2, "0002_broken", "insert into core.first select '4111111111111111'::text::uuid::text::int"};
    const auto message = message_of<OutsideFailure>([&] { migrate(owner(), {kFirst, broken}); });
    EXPECT_THAT(message, HasSubstr("22P02"));
    EXPECT_THAT(message, testing::Not(HasSubstr("4111111111111111")));
}

TEST_F(Migrations, AreAppliedOnceByManyAtOnce) {
    std::atomic<std::size_t> applied{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] { applied += migrate(owner(), {kFirst, kSecond, kThird}).size(); });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(applied, 3U);
}

TEST_F(Migrations, CanBeReadButNotWrittenByTheService) {
    migrate(owner());
    EXPECT_THAT(migration_state(database_.service_connection()).missing, IsEmpty());
    Connection service(database_.service_connection());
    pqxx::nontransaction session(service.get());
    EXPECT_THROW(session.exec("insert into core.migrations values (999, 'x', 'x')"), pqxx::sql_error);
    EXPECT_THROW(session.exec("delete from core.migrations"), pqxx::sql_error);
    EXPECT_THROW(session.exec("update core.migrations set sha256 = 'x'"), pqxx::sql_error);
}

TEST_F(Migrations, OfTheProductHaveDistinctNumbersWithoutGaps) {
    int expected = 1;
    for (const auto& migration : migrations()) {
        EXPECT_EQ(migration.number, expected++) << migration.name;
    }
}

// An external database: one login that migrates, and works as the role that owns nothing.
TEST_F(Migrations, MakeTheRoleThatAnExternalLoginWorksAs) {
    migrate(database_.admin_connection());
    Connection service(service_connection_for(database_.admin_connection() + " options='-c geqo=off'"));
    pqxx::nontransaction session(service.get());
    EXPECT_EQ(session.exec1("select current_user")[0].as<std::string>(), "duizhang_service");
    EXPECT_EQ(session.exec1("show geqo")[0].as<std::string>(), "off");
}

class SafetyCheck : public testing::Test {
protected:
    std::string refusal(const std::string& connection) {
        return message_of<UsageError>([&] {
            Options options;
            options.connection = connection;
            Database database(options);
            require_safe_service(database);
        });
    }
    TestDatabase database_;
};

TEST_F(SafetyCheck, RefusesASuperuser) { EXPECT_THAT(refusal(database_.admin_connection()), HasSubstr("superuser")); }

TEST_F(SafetyCheck, RefusesTheTablesOwner) {
    const auto message = refusal(database_.owner_connection());
    EXPECT_THAT(message, HasSubstr("database.url"));
    EXPECT_THAT(message, HasSubstr("which owns access."));
}

TEST_F(SafetyCheck, RefusesATableWithoutForcedRowLevelSecurity) {
    const std::string wall = "(array_position((select core.tenants()), tenant_id) is not null)";
    database_.administer_here(
        "set role duizhang_owner; create table core.bare (tenant_id text not null, x int);"
        "create policy tenant_only on core.bare using " +
        wall + " with check " + wall);
    EXPECT_THAT(refusal(database_.service_connection()), HasSubstr("core.bare"));
    database_.administer_here("alter table core.bare enable row level security");
    EXPECT_THAT(refusal(database_.service_connection()), HasSubstr("core.bare")) << "its owner is free yet";
    database_.administer_here("alter table core.bare force row level security");
    EXPECT_THAT(refusal(database_.service_connection()), HasSubstr("fsync")) << "the next complaint is another";
}

TEST_F(SafetyCheck, RefusesAViewWithItsOwnersRights) {
    database_.administer_here("set role duizhang_owner; create view core.peephole as select * from core.migrations");
    EXPECT_THAT(refusal(database_.service_connection()), HasSubstr("core.peephole"));
    database_.administer_here("alter view core.peephole set (security_invoker = true)");
    EXPECT_THAT(refusal(database_.service_connection()), HasSubstr("fsync"));
}

// The tests' cluster isn't durable; the product's is, and passes.
TEST_F(SafetyCheck, RefusesAServerThatLosesCommits) {
    EXPECT_THAT(refusal(database_.service_connection()), HasSubstr("server: fsync, full_page_writes,"));
}

TEST_F(SafetyCheck, RefusesCommitsThatDoNotWaitForTheDisk) {
    EXPECT_THAT(refusal(database_.service_connection() + " options='-c synchronous_commit=off'"),
                HasSubstr("server: fsync, full_page_writes, synchronous_commit,"));
}

TEST_F(SafetyCheck, PassesTheProductsOwnCluster) {
    test_support::TestFolder folder;
    const EmbeddedCluster cluster(folder.path() / "cluster");
    migrate(cluster.owner_connection());
    Options options;
    options.connection = cluster.service_connection();
    Database database(options);
    require_safe_service(database);
    Connection admin(cluster.connection_as("duizhang_admin", "duizhang"));
    pqxx::nontransaction(admin.get()).exec("alter role duizhang_service bypassrls");
    EXPECT_THAT(message_of<UsageError>([&] { require_safe_service(database); }), HasSubstr("bypasses"));
}

}  // namespace
}  // namespace core::db
