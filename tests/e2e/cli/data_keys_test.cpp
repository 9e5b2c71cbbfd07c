// duizhang keys and statement: what was taken in comes back to the byte, whatever happened to the keys meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "core/crypto/digest.h"
#include "core/files.h"
#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using testing::HasSubstr;

core::json::Value parsed(const Ran& ran) {
    auto value = core::json::parse(ran.out);
    EXPECT_TRUE(value) << "no JSON document: " << ran.out << ran.err;
    return value ? std::move(*value) : core::json::Value::make_null();
}

// The statements of all channels and days, taken in by one nightly job; by SHA-256.
const std::map<std::string, std::string>& taken_in() {
    static const auto files = [] {
        const auto& desk = Desk::get();
        const auto ran = desk.run({"nightly"});
        EXPECT_EQ(ran.status, 0) << ran.err;
        std::map<std::string, std::string> all;
        for (const auto& [name, bytes] : files_below(desk.place() / "statements" / desk.tenant())) {
            if (!bytes.empty()) {
                all[core::crypto::sha256_hex(bytes)] = bytes;
            }
        }
        return all;
    }();
    return files;
}

std::string shown(const std::string& sha256) {
    const auto ran = Desk::get().run({"statement", "show", "--tenant", Desk::get().tenant(), sha256});
    return ran.status == 0 ? ran.out : ran.err;
}

// Each file opens under the key it names; how many there are under other keys than the active one.
std::int64_t files_under_retired_keys() {
    pqxx::connection admin(Desk::get().admin_connection());
    pqxx::work work(admin);
    return work
        .exec(
            "select count(*) from reconciliation.kept_statements s join access.data_keys k using (tenant_id, key_no) "
            "where k.state <> 'active'")[0][0]
        .as<std::int64_t>();
}

void expect_all_to_be_shown() {
    for (const auto& [sha256, bytes] : taken_in()) {
        EXPECT_EQ(shown(sha256), bytes);
    }
}

TEST(KeptStatements, ComeBackToTheByteOfTheEvidence) {
    ASSERT_GE(taken_in().size(), 3U);
    expect_all_to_be_shown();
    const auto& [sha256, bytes] = *taken_in().begin();
    const auto ran = Desk::get().run({"statement", "show", sha256, "--bytes", "3+10"});
    EXPECT_EQ(ran.out, bytes.substr(3, 10)) << ran.err;
    const auto json = parsed(Desk::get().run({"--json", "statement", "show", sha256, "--bytes", "3+10"}));
    EXPECT_EQ(json.string_at("content_base64"), core::crypto::base64_encode(bytes.substr(3, 10)));
}

TEST(KeptStatements, AreNamedByWhatTheySayAndRefusedOtherwise) {
    EXPECT_THAT(Desk::get().run({"statement", "show", "abc"}).err, HasSubstr("64 hex digits"));
    EXPECT_EQ(Desk::get().run({"statement", "show", "abc"}).status, 2);
    EXPECT_EQ(Desk::get().run({"statement", "show", std::string(64, 'a')}).status, 3);
    const auto& sha256 = taken_in().begin()->first;
    EXPECT_EQ(Desk::get().run({"statement", "show", sha256, "--bytes", "5"}).status, 2);
    EXPECT_EQ(Desk::get().run({"statement", "show", sha256, "--bytes", "0+99999999"}).status, 3);
}

TEST(KeptStatements, AreShownOnlyOnceItIsWrittenDownWhoAsked) {
    const auto& sha256 = taken_in().begin()->first;
    const auto views = [&] {
        pqxx::connection admin(Desk::get().admin_connection());
        pqxx::work work(admin);
        return work.exec_params("select viewed_by from reconciliation.statement_views where sha256 = $1", sha256)
            .size();
    };
    const auto before = views();
    (void)shown(sha256);
    EXPECT_EQ(views(), before + 1);
}

TEST(KeptStatements, LeaveNothingInTheDatabasesFilesThatTheScannerFinds) {
    (void)taken_in();
    const auto ran =
        Desk::get().run({"--json", "audit", "scan", (Desk::get().place() / "postgres" / "data" / "base").string()});
    EXPECT_EQ(ran.status, 0) << ran.out;
}

TEST(DataKeys, AreRotatedAndTheRetiredDestroyed) {
    (void)taken_in();
    const auto& desk = Desk::get();
    const auto rotated = parsed(desk.run({"--json", "keys", "rotate", "--tenant", desk.tenant()}));
    const auto& tenant = rotated.find("tenants")->items().front();
    const auto active = tenant.integer_at("active_key").value();
    EXPECT_EQ(tenant.integer_at("statements"), static_cast<std::int64_t>(taken_in().size()));
    expect_all_to_be_shown();
    const auto destroyed = desk.run({"keys", "destroy", "--tenant", desk.tenant(), std::to_string(active - 1)});
    EXPECT_EQ(destroyed.status, 0) << destroyed.err;
    expect_all_to_be_shown();
    EXPECT_EQ(desk.run({"keys", "destroy", "--tenant", desk.tenant(), std::to_string(active)}).status, 3);
}

TEST(DataKeys, OfAnotherEnvironmentOrMasterKeyKeepTheServiceFromStarting) {
    (void)taken_in();
    const auto& desk = Desk::get();
    const auto refused = [&](const test_support::Process::Environment& environment) {
        return test_support::duizhang(desk.place(), {"serve"}, environment);
    };
    const auto test_key =
        refused({{"DUIZHANG_SERVICE_ENVIRONMENT", "test"}, {"DUIZHANG_SERVICE_LISTEN", "127.0.0.1:0"}});
    EXPECT_EQ(test_key.status, 2);
    EXPECT_THAT(test_key.err, HasSubstr("service.environment"));
    const auto swapped = refused({{"OTHER", std::string(64, 'e')}, {"DUIZHANG_SECRETS_MASTER_KEY", "env:OTHER"}});
    EXPECT_EQ(swapped.status, 2);
    EXPECT_THAT(swapped.err, HasSubstr("secrets.master_key: its check value is"));
    const auto tagged =
        refused({{"OTHER", "test:" + std::string(64, 'e')}, {"DUIZHANG_SECRETS_MASTER_KEY", "env:OTHER"}});
    EXPECT_EQ(tagged.status, 2);
    EXPECT_THAT(tagged.err, HasSubstr("is a key of environment \"test\""));
}

// DUIZHANG_ROTATION_KILLS=50 for the long version.
TEST(Rotation, MayBeKilledAtAnyMomentAndEveryFileOpensUnderOneKey) {
    const char* asked = std::getenv("DUIZHANG_ROTATION_KILLS");  // NOLINT(concurrency-mt-unsafe): one thread
    const int kills = asked != nullptr ? std::atoi(asked) : 2;
    (void)taken_in();
    const auto& desk = Desk::get();
    std::minstd_rand random(7);
    int killed = 0;
    int left_half_done = 0;
    for (int round = 0; round < kills; ++round) {
        test_support::Process rotation(
            test_support::with_executable({"keys", "rotate", "--batch", "1", "--tenant", desk.tenant()}), desk.place());
        std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 150));
        rotation.signal(SIGKILL);
        killed += rotation.finish().status == 128 + SIGKILL ? 1 : 0;
        left_half_done += files_under_retired_keys() > 0 ? 1 : 0;
        const auto at = static_cast<std::ptrdiff_t>(random() % taken_in().size());
        const auto& [sha256, bytes] = *std::next(taken_in().begin(), at);
        EXPECT_EQ(shown(sha256), bytes) << "after kill " << round;
    }
    EXPECT_GT(killed, 0);
    const auto resumed = desk.run({"keys", "rotate", "--resume", "--tenant", desk.tenant()});
    EXPECT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_EQ(files_under_retired_keys(), 0);
    expect_all_to_be_shown();
    std::cout << killed << " of " << kills << " rotations were killed, " << left_half_done << " half done\n";
}

}  // namespace
}  // namespace e2e
