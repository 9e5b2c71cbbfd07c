// A promise that is broken under a running service is noticed, and so is that it holds again.
#include "server/safety_watch.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/db/connection.h"
#include "core/db/embedded.h"
#include "core/db/migrations.h"
#include "core/files.h"
#include "tests/support/test_database.h"

namespace server {
namespace {

using namespace std::chrono_literals;

class Watch : public testing::Test {
protected:
    Watch() { core::db::migrate(cluster_.owner_connection()); }

    void administer(const std::string& sql) const {
        core::db::Connection session(cluster_.connection_as("duizhang_admin", "duizhang"));
        pqxx::nontransaction(session.get()).exec(sql);
    }
    template <typename Condition>
    static bool soon(const Condition& condition) {
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) {
                return false;
            }
            std::this_thread::sleep_for(10ms);
        }
        return true;
    }

    test_support::TestFolder folder_;
    core::db::EmbeddedCluster cluster_{folder_.path() / "cluster"};  // a durable one, as a service's is
};

TEST_F(Watch, NoticesWhatIsBrokenAndWhatHoldsAgain) {
    core::db::Options options;
    options.connection = cluster_.service_connection();
    core::db::Database database(options);
    const SafetyWatch watch(
        database, [] { return std::vector<config::SecretFile>(); }, 20ms);
    for (const auto& [broken, mended] : std::vector<std::pair<std::string, std::string>>{
             {"alter role duizhang_service bypassrls", "alter role duizhang_service nobypassrls"},
             {"alter table payments.inbox no force row level security",
              "alter table payments.inbox force row level security"},
             {"grant duizhang_owner to duizhang_service", "revoke duizhang_owner from duizhang_service"},
             {"create policy more on payments.orders using (true)", "drop policy more on payments.orders"},
             {"grant delete on ledger.entries to duizhang_service",
              "revoke delete on ledger.entries from duizhang_service"},
             {"alter table ledger.entries disable trigger entries_to_legs",
              "alter table ledger.entries enable trigger entries_to_legs"}}) {
        std::this_thread::sleep_for(100ms);
        EXPECT_TRUE(watch.holds()) << "before " << broken;
        administer(broken);
        EXPECT_TRUE(soon([&] { return !watch.holds(); })) << broken;
        administer(mended);
        EXPECT_TRUE(soon([&] { return watch.holds(); })) << mended;
        EXPECT_TRUE(soon([&] { return watch.complaint().empty(); })) << mended;
    }
}

TEST_F(Watch, NoticesEveryFileOfASecretThatOthersCanRead) {
    namespace fs = std::filesystem;
    core::db::Options options;
    options.connection = cluster_.service_connection();
    core::db::Database database(options);
    std::vector<config::SecretFile> files;
    for (const char* name : {"secrets.master_key", "service.tls_key", "tenant.stripe.webhook_secrets"}) {
        files.push_back({name, folder_.path() / name});
        core::write_file(files.back().file, "a key", 0600);
    }
    const SafetyWatch watch(
        database, [&] { return files; }, 20ms);
    for (const auto& secret : files) {
        const auto& setting = secret.setting;
        const auto& file = secret.file;
        for (const unsigned mode : {0640U, 0604U, 0602U}) {
            std::this_thread::sleep_for(50ms);
            EXPECT_TRUE(watch.holds()) << "before " << setting;
            fs::permissions(file, fs::perms(mode));
            EXPECT_TRUE(soon([&] { return !watch.holds(); })) << setting << " with mode " << mode;
            EXPECT_NE(watch.complaint().find(setting), std::string::npos) << watch.complaint();
            EXPECT_EQ(watch.complaint().find(file.string()), std::string::npos) << "a path is nobody's business";
            fs::permissions(file, fs::perms(0600));
            EXPECT_TRUE(soon([&] { return watch.holds(); })) << setting;
        }
    }
    // What was read from it is in memory, and nobody can read it any more.
    fs::remove(files.front().file);
    std::this_thread::sleep_for(100ms);
    EXPECT_TRUE(watch.holds());
}

}  // namespace
}  // namespace server
