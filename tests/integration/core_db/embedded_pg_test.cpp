// The embedded cluster: made private and durable, wherever its folder lies (E1, E2, E3, E6).
#include "tests/integration/core_db/embedded_fixture.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "core/db/cluster_place.h"
#include "core/failure.h"

namespace core::db {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

unsigned mode_of(const fs::path& path) {
    struct stat status {};
    return lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0U;
}

TEST_F(Embedded, IsMadeDurableAndPrivateAndStopsAtTheEnd) {
    const auto began = std::chrono::steady_clock::now();
    {
        const EmbeddedCluster cluster(folder());
        RecordProperty("created_ms", std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                                                        std::chrono::steady_clock::now() - began)
                                                        .count()));
        for (const char* setting : {"fsync", "full_page_writes", "synchronous_commit", "data_checksums"}) {
            EXPECT_EQ(ask(cluster.service_connection(), std::string("show ") + setting), "on") << setting;
        }
        EXPECT_EQ(ask(cluster.service_connection(), "show listen_addresses"), "");
        EXPECT_EQ(ask(cluster.service_connection(), "show server_encoding"), "UTF8");
        EXPECT_EQ(ask(cluster.service_connection(), "select current_database()"), "duizhang");
        EXPECT_EQ(mode_of(data()), 0700U);
        EXPECT_EQ(mode_of(running_server(data())->sockets), 0700U);
        EXPECT_NE(getsid(server()), getsid(0)) << "Ctrl-C in our terminal would reach the server";
    }
    EXPECT_FALSE(runs());
    EXPECT_FALSE(fs::exists(data() / "postmaster.pid"));
}

// Memory has no disk to wait for, and stands here for every disk that isn't known.
TEST(SyncingAtOnce, IsNotTrustedEverywhere) {
    EXPECT_FALSE(can_sync_at_once("/dev/shm", {"/", "15"}));
    EXPECT_FALSE(can_sync_at_once("/proc", {"/", "15"}));
    EXPECT_FALSE(can_sync_at_once("/no/such/folder", {"/", "15"}));
    EXPECT_FALSE(can_sync_at_once("/tmp", {"/", "13"})) << "that server doesn't know the setting";
    EXPECT_FALSE(can_sync_at_once("/tmp", {"/", ""}));
}

TEST_F(Embedded, SyncsAtOnceWhereThatIsTrusted) {
    const EmbeddedCluster cluster(folder());
    std::string major;
    std::ifstream(data() / "PG_VERSION") >> major;
    EXPECT_EQ(ask(cluster.service_connection(), "show recovery_init_sync_method"),
              can_sync_at_once(data(), {"/", major}) ? "syncfs" : "fsync");
}

TEST_F(Embedded, GivesItsRolesNoMoreThanTheyNeed) {
    const EmbeddedCluster cluster(folder(), kQuick);
    for (const auto& connection : {cluster.owner_connection(), cluster.service_connection()}) {
        EXPECT_EQ(ask(connection,
                      "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication "
                      "from pg_roles where rolname = session_user"),
                  "f");
    }
    EXPECT_EQ(ask(cluster.service_connection(), "select session_user"), "duizhang_service");
    EXPECT_THROW(ask(cluster.connection_as("postgres", "duizhang"), "select 1"), OutsideFailure);
    EXPECT_THROW(ask(cluster.service_connection() + " host=localhost", "select 1"), OutsideFailure);
}

TEST_F(Embedded, KeepsItsDataFromOneRunToTheNext) {
    {
        const EmbeddedCluster cluster(folder(), kQuick);
        ask(cluster.owner_connection(), "create table public.kept as select 7 as x; select x from public.kept");
    }
    const EmbeddedCluster cluster(folder(), kQuick);
    EXPECT_EQ(ask(cluster.owner_connection(), "select x from public.kept"), "7");
}

TEST_F(Embedded, ThrowsAwayWhatAKilledCreationLeft) {
    fs::create_directories(folder() / "data.new" / "base");
    std::ofstream(folder() / "data.new" / "PG_VERSION") << "15\n";
    const EmbeddedCluster cluster(folder(), kQuick);
    EXPECT_EQ(ask(cluster.service_connection(), "select 1"), "1");
    EXPECT_FALSE(fs::exists(folder() / "data.new"));
}

TEST_F(Embedded, RefusesDataOfAnotherMajorVersion) {
    { const EmbeddedCluster cluster(folder(), kQuick); }
    std::ofstream(data() / "PG_VERSION", std::ios::trunc) << "9\n";
    try {
        const EmbeddedCluster cluster(folder(), kQuick);
        FAIL() << "it was started";
    } catch (const UsageError& error) {
        EXPECT_THAT(error.what(), HasSubstr("PostgreSQL 9,"));
        EXPECT_THAT(error.what(), HasSubstr("postgresql-9"));
        EXPECT_THAT(error.what(), HasSubstr("pg_upgrade"));
    }
}

TEST_F(Embedded, SaysWhereToLookWhenItCantStart) {
    { const EmbeddedCluster cluster(folder(), kQuick); }
    fs::remove_all(data() / "global");
    try {
        const EmbeddedCluster cluster(folder(), kQuick);
        FAIL() << "it was started";
    } catch (const OutsideFailure& failure) {
        EXPECT_THAT(failure.what(), HasSubstr((folder() / "embedded.log").string()));
    }
}

TEST_F(Embedded, WritesNoDataIntoItsLog) {
    const std::string canary = "4111111111111111";
    const EmbeddedCluster cluster(folder(), kQuick);
    const auto provoke = [&](const std::string& sql) {
        Connection session(cluster.owner_connection());
        pqxx::nontransaction work(session.get());
        EXPECT_THROW(work.exec(sql), pqxx::sql_error) << sql;
        EXPECT_THROW(work.exec_params("select $1::text::uuid", canary), pqxx::sql_error);
    };
    provoke("select '" + canary + "'::uuid");
    provoke("select '" + canary + "' from nowhere");
    provoke("create table t (x text primary key); insert into t values ('" + canary + "'), ('" + canary + "')");
    provoke("do $$ begin raise exception '" + canary + "'; end $$");
    const auto log = read_all(data() / "log");
    EXPECT_THAT(log, HasSubstr("ready to accept connections")) << "the log is to be somewhere else";
    EXPECT_THAT(log, Not(HasSubstr(canary)));
}

class EmbeddedIn : public Embedded, public testing::WithParamInterface<std::pair<const char*, std::string>> {};

TEST_P(EmbeddedIn, AnyFolder) {
    const auto where = root_.path() / GetParam().second;
    const EmbeddedCluster cluster(where, kQuick);
    EXPECT_EQ(ask(cluster.service_connection(), "select 1"), "1");
    EXPECT_TRUE(running_server(where / "data"));
}

INSTANTIATE_TEST_SUITE_P(, EmbeddedIn,
                         testing::Values(std::pair("Spaces", "with  spaces in it"), std::pair("Chinese", "对账/数据库"),
                                         std::pair("ShellCharacters", "a'b\"c$(touch x)`d;e&f*"),
                                         std::pair("Backslash", "a\\b"),
                                         // A socket's path may have 107 bytes.
                                         std::pair("VeryLong", std::string(120, 'a') + "/" + std::string(120, 'b') +
                                                                   "/" + std::string(120, 'c'))),
                         [](const auto& row) { return std::string(row.param.first); });

class EmbeddedOfRoot : public Embedded {
protected:
    void SetUp() override {
        if (geteuid() != 0) {
            GTEST_SKIP() << "only root serves as somebody else";
        }
        fs::create_directories(closed_);
        fs::permissions(closed_, fs::perms(0700));
    }
    void TearDown() override {
        Embedded::TearDown();
        if (!place_.empty()) {
            fs::remove_all(place_);
        }
    }
    // What the note in the folder says.
    fs::path noted(const fs::path& folder) const {
        std::ifstream file(folder / "location.txt");
        std::string line;
        while (std::getline(file, line) && !line.starts_with("/")) {
        }
        return line;
    }

    const fs::path closed_ = root_.path() / "closed";
    fs::path place_;
};

TEST_F(EmbeddedOfRoot, StandsElsewhereWhenTheServersUserCantEnter) {
    {
        const EmbeddedCluster cluster(closed_ / "postgres", kQuick);
        place_ = noted(closed_ / "postgres");
        ASSERT_EQ(place_.parent_path(), "/var/lib/duizhang-embedded");
        EXPECT_TRUE(running_server(place_ / "data"));
        EXPECT_EQ(mode_of(place_ / "data"), 0700U);
        EXPECT_EQ(mode_of(closed_), 0700U) << "nobody asked for that folder to be opened";
        ask(cluster.owner_connection(), "create table public.kept as select 7 as x; select x from public.kept");
    }
    // A folder that is moved keeps its data.
    fs::rename(closed_ / "postgres", closed_ / "moved");
    const EmbeddedCluster cluster(closed_ / "moved", kQuick);
    EXPECT_EQ(ask(cluster.owner_connection(), "select x from public.kept"), "7");
}

TEST_F(EmbeddedOfRoot, DoesntServeAsRoot) {
    const EmbeddedCluster cluster(folder(), kQuick);
    struct stat status {};
    ASSERT_EQ(stat(("/proc/" + std::to_string(server())).c_str(), &status), 0);
    EXPECT_NE(status.st_uid, 0U);
}

}  // namespace
}  // namespace core::db
