// duizhang keys inventory, rotate-master, split, hold, unlock: the key above all others is replaced, counted and
// shared.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "core/crypto/digest.h"
#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using testing::HasSubstr;
using Environment = test_support::Process::Environment;

core::json::Value parsed(const Ran& ran) {
    auto value = core::json::parse(ran.out);
    EXPECT_TRUE(value) << "no JSON document: " << ran.out << ran.err;
    return value ? std::move(*value) : core::json::Value::make_null();
}

// Of the key that fingerprints, seals and logins come from.
std::string check_value_of_what_derives(const Ran& inventory) {
    std::istringstream lines(inventory.out);
    for (std::string line; std::getline(lines, line);) {
        if (line.find("derivation key") != std::string::npos) {
            return line.substr(line.rfind(' ') + 1);
        }
    }
    return {};
}

TEST(Inventory, NamesEveryKeyAndEveryCertificateThatIsOnTheDisk) {
    const auto ran = Desk::get().run({"--json", "keys", "inventory"});
    ASSERT_EQ(ran.status, 0) << ran.err;
    const auto inventory = parsed(ran);
    EXPECT_EQ(inventory.find("keys")->items().front().string_at("key"), "secrets.master_key");
    std::size_t certificates = 0;
    for (const auto& one : inventory.find("certificates")->items()) {
        const fs::path file(std::string(one.string_at("file").value()));
        EXPECT_THAT(test_support::text_of(file), HasSubstr("BEGIN CERTIFICATE"));
        EXPECT_THAT(one.string_at("setting").value(), testing::StartsWith("tenant."));
        ++certificates;
    }
    std::size_t on_disk = 0;
    for (const auto& [name, bytes] : files_below(Desk::get().place() / "keys")) {
        on_disk += bytes.find("BEGIN CERTIFICATE") != std::string::npos ? 1 : 0;
    }
    EXPECT_GT(on_disk, 0U);
    EXPECT_EQ(certificates, on_disk);
    EXPECT_EQ(ran.out.find(test_support::text_of(Desk::get().place() / "keys" / "master.key").substr(0, 64)),
              std::string::npos);
}

TEST(Inventory, FailsWhenACertificateEndsInTime) {
    EXPECT_EQ(Desk::get().run({"keys", "inventory", "--fail-within", "0"}).status, 0);
    EXPECT_EQ(Desk::get().run({"keys", "inventory", "--fail-within", "10000"}).status, 1);
}

// The new key comes by the environment, so that the others' configuration stays as it is.
TEST(MasterKey, IsReplacedAndWhatWasDerivedFromTheFirstStays) {
    const auto& desk = Desk::get();
    ASSERT_EQ(desk.run({"nightly"}).status, 0);
    const auto derived = [&](const Environment& environment) {
        return check_value_of_what_derives(test_support::duizhang(desk.place(), {"keys", "inventory"}, environment));
    };
    const auto before = derived({});
    ASSERT_EQ(before.size(), 16U);
    const auto derivation = desk.place() / "keys" / "derivation-of-a-test.key";
    const std::string old_key = "file:keys/master.key";
    const Environment both = {{"NEW_KEY", std::string(64, 'e')},
                              {"DUIZHANG_SECRETS_MASTER_KEY", "env:NEW_KEY"},
                              {"DUIZHANG_SECRETS_PREVIOUS_MASTER_KEY", old_key}};
    EXPECT_EQ(derived(both), before);
    const auto rotated =
        test_support::duizhang(desk.place(), {"keys", "rotate-master", "--derivation-key", derivation.string()}, both);
    ASSERT_EQ(rotated.status, 0) << rotated.err;

    const Environment after = {{"NEW_KEY", std::string(64, 'e')},
                               {"DUIZHANG_SECRETS_MASTER_KEY", "env:NEW_KEY"},
                               {"DUIZHANG_SECRETS_DERIVATION_KEY", derivation.string()}};
    EXPECT_EQ(derived(after), before);
    const auto statement = *[&] {
        for (const auto& [name, bytes] : files_below(desk.place() / "statements" / desk.tenant())) {
            if (!bytes.empty()) {
                return std::optional(bytes);
            }
        }
        return std::optional<std::string>();
    }();
    const auto show = [&](const Environment& environment) {
        return test_support::duizhang(desk.place(), {"statement", "show", core::crypto::sha256_hex(statement)},
                                      environment);
    };
    EXPECT_EQ(show(after).out, statement);
    EXPECT_EQ(show({}).status, 2) << "the old key opens nothing any more";

    const auto back =
        test_support::duizhang(desk.place(), {"keys", "rotate-master", "--derivation-key", derivation.string()},
                               {{"NEW_KEY", std::string(64, 'e')},
                                {"DUIZHANG_SECRETS_PREVIOUS_MASTER_KEY", "env:NEW_KEY"},
                                {"DUIZHANG_SECRETS_DERIVATION_KEY", derivation.string()}});
    ASSERT_EQ(back.status, 0) << back.err;
    EXPECT_EQ(show({}).out, statement);
}

TEST(MasterKey, OfTwoSharesNeedsAHolderAndNeverOverwritesAShare) {
    const auto& desk = Desk::get();
    const auto one = (desk.place() / "share-1").string();
    const auto other = (desk.place() / "share-2").string();
    ASSERT_EQ(desk.run({"keys", "split", one, other}).status, 0);
    EXPECT_THAT(desk.run({"keys", "split", one, other}).err, HasSubstr("never overwritten"));
    EXPECT_THAT(desk.run({"keys", "unlock"}).err, HasSubstr("is not \"shares:"));
}

// Root plays both, and whoever runs the programs: the kernel tells the holder who enters a share.
TEST(MasterKey, OfTwoSharesIsThereOnceTwoPeopleHaveEnteredThem) {
    const test_support::TestFolder folder;
    const auto& place = folder.path();
    fs::permissions(place, fs::perms(0755));
    const auto program = test_support::with_executable({}).front();
    const auto as = [&](const std::string& user, const std::string& words) {
        return test_support::Process(
                   {"/bin/sh", "-c", "exec setpriv --reuid=" + user + " --regid=" + user + " --clear-groups " + words},
                   place)
            .finish();
    };
    if (as("60001", "test -x " + program).status != 0 || as("60001", "test -x " + place.string()).status != 0) {
        GTEST_SKIP() << "two users are played by root alone, where others may run the program";
    }
    // Of the rest the programs that people enter shares with read nothing.
    test_support::write_text(place / "duizhang.toml",
                             "[secrets]\nmaster_key = \"shares:" + (place / "shares.sock").string() + "\"\n", 0644);
    const auto run = [&](std::vector<std::string> words) { return test_support::duizhang(place, std::move(words)); };
    const auto split = run({"--json", "keys", "split", "share-1", "share-2"});
    ASSERT_EQ(split.status, 0) << split.err;
    test_support::Process holder(test_support::with_executable({"keys", "hold"}), place);
    for (int i = 0; i < 500 && !fs::exists(place / "shares.sock"); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    const auto enters = [&](const std::string& user, const std::string& share) {
        return as(user, program + " --quiet keys unlock <" + share);
    };
    const auto key = [&] {
        return test_support::duizhang(Desk::get().place(), {"audit", "key"},
                                      {{"DUIZHANG_SECRETS_MASTER_KEY", "shares:" + (place / "shares.sock").string()}});
    };
    EXPECT_THAT(key().err, HasSubstr("0 of 2 shares are entered"));
    const auto first = enters("60001", "share-1");
    ASSERT_EQ(first.status, 0) << first.err;
    EXPECT_THAT(enters("60001", "share-2").err, HasSubstr("second share from the same user"));
    EXPECT_THAT(key().err, HasSubstr("1 of 2 shares are entered"));
    const auto second = enters("60002", "share-2");
    ASSERT_EQ(second.status, 0) << second.err;
    EXPECT_THAT(second.out, HasSubstr("unlocked: check value " + std::string(*parsed(split).string_at("check_value"))));
    const auto unlocked = key();
    EXPECT_EQ(unlocked.status, 0) << unlocked.err;
    EXPECT_EQ(unlocked.out.size(), 65U);
    holder.signal(SIGTERM);
    const auto held = holder.finish();
    EXPECT_EQ(held.status, 0);
    EXPECT_THAT(held.err, HasSubstr("master_key_unlocked"));
    EXPECT_EQ(held.err.find(test_support::text_of(place / "share-1").substr(2, 64)), std::string::npos);
    EXPECT_THAT(key().err, HasSubstr("nobody holds the shares there"));
}

TEST(MasterKey, ComesFromACommand) {
    const auto& desk = Desk::get();
    const auto program = desk.place() / "print-key";
    test_support::write_text(program, "#!/bin/sh\ncat " + (desk.place() / "keys" / "master.key").string() + "\n", 0755);
    const auto checked = test_support::duizhang(desk.place(), {"config", "check"},
                                                {{"DUIZHANG_SECRETS_MASTER_KEY", "command:" + program.string()}});
    EXPECT_EQ(checked.status, 0) << checked.err;
}

}  // namespace
}  // namespace e2e
