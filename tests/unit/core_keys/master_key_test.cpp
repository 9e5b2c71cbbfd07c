// Where the master key comes from.
#include "core/keys/master_key.h"

#include <gtest/gtest.h>

#include <chrono>

#include "core/crypto/encoding.h"
#include "core/crypto/envelope.h"
#include "core/failure.h"
#include "core/files.h"
#include "tests/support/test_database.h"

namespace core::keys {
namespace {

const std::string kHex(64, 'a');

TEST(MasterKeyText, IsSixtyFourHexDigitsPerhapsWithTheirEnvironment) {
    const auto plain = parse_master_key(" " + kHex + "\r\n");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->key.reveal(), std::string(32, '\xaa'));
    EXPECT_FALSE(plain->environment);
    EXPECT_EQ(parse_master_key("test:" + kHex)->environment, Environment::test);
    EXPECT_EQ(parse_master_key("production:" + kHex)->environment, Environment::production);
    for (const std::string& wrong : std::initializer_list<std::string>{
             "", " \n", kHex + "a", kHex.substr(2), "staging:" + kHex, ":" + kHex, "test:", std::string(64, 'g')}) {
        EXPECT_FALSE(parse_master_key(wrong)) << wrong;
    }
}

TEST(DerivationKey, OpensUnderItsMasterKeyInItsEnvironment) {
    const KeyBytes master(std::string(32, 'm'));
    const KeyBytes first(std::string(32, 'f'));
    const auto wrapped = wrap_derivation_key(master, Environment::test, first);
    ASSERT_TRUE(unwrap_derivation_key(master, Environment::test, wrapped));
    EXPECT_EQ(unwrap_derivation_key(master, Environment::test, wrapped)->reveal(), first.reveal());
    EXPECT_FALSE(unwrap_derivation_key(master, Environment::production, wrapped));
    EXPECT_FALSE(unwrap_derivation_key(first, Environment::test, wrapped));
}

class KeyCommand : public testing::Test {
protected:
    std::string program(const std::string& lines) const {
        const auto file = folder_.path() / "print-key";
        write_file(file, "#!/bin/sh\n" + lines, 0755);
        return file.string();
    }
    static std::string refusal(const std::string& command) {
        try {
            (void)key_from_command(command);
        } catch (const UsageError& refused) {
            return refused.what();
        }
        return "";
    }

    test_support::TestFolder folder_;
};

TEST_F(KeyCommand, GivesWhatItPrints) {
    EXPECT_EQ(key_from_command(program("echo " + kHex)).reveal(), kHex + "\n");
    EXPECT_EQ(key_from_command(program("echo \"$2 $1\"") + " one  two").reveal(), "two one\n");
}

TEST_F(KeyCommand, IsRunWithoutAShell) {
    EXPECT_EQ(key_from_command(program("echo \"$1\"") + " $(id);id").reveal(), "$(id);id\n");
}

TEST_F(KeyCommand, IsRefusedInWordsThatDoNotQuoteIt) {
    EXPECT_NE(refusal(program("echo secret; exit 3")).find("failed"), std::string::npos);
    EXPECT_EQ(refusal(program("echo secret; exit 3")).find("secret"), std::string::npos);
    EXPECT_NE(refusal(program("head -c 5000 /dev/zero")).find("more than 4096"), std::string::npos);
    EXPECT_NE(refusal("print-key").find("whole path"), std::string::npos);
    EXPECT_NE(refusal("").find("whole path"), std::string::npos);
    EXPECT_NE(refusal((folder_.path() / "none").string()).find("failed"), std::string::npos);
}

TEST_F(KeyCommand, IsEndedWhenItStaysAfterItsOutput) {
    const auto before = std::chrono::steady_clock::now();
    EXPECT_NE(refusal(program("echo x; exec >&- 2>&-; exec sleep 60")).find("failed"), std::string::npos);
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(9));
}

}  // namespace
}  // namespace core::keys
