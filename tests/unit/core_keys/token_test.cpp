// The master key out of a token, played by SoftHSM.
#include "core/keys/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // setenv

#include "core/db/process.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/keys/master_key.h"
#include "tests/support/test_database.h"
#include "tests/unit/core_keys/token_key.h"

namespace core::keys {
namespace {

using testing::HasSubstr;

constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";
constexpr const char* kTool = "/usr/bin/softhsm2-util";

class Token : public testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kModule) || !std::filesystem::exists(kTool)) {
            GTEST_SKIP() << "softhsm2 isn't installed: the token is not tested";
        }
        std::filesystem::create_directories(path("tokens"));
        write_file(path("softhsm2.conf"),
                   "directories.tokendir = " + path("tokens").string() + "\nobjectstore.backend = file\n");
        write_file(path("pin"), "12345678\n", 0600);
        setenv("SOFTHSM2_CONF", path("softhsm2.conf").c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
        ASSERT_EQ(
            db::run_to_end({{"/usr/bin/env", "SOFTHSM2_CONF=" + path("softhsm2.conf").string(), kTool, "--init-token",
                             "--free", "--label", "our token", "--pin", "12345678", "--so-pin", "12345678"},
                            folder_.path(),
                            {}}),
            0);
        test::make_token_key(kModule, "12345678", "master");
    }

    std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
    std::string uri(const std::string& token = "our%20token", const std::string& object = "master") const {
        return "token=" + token + ";object=" + object + "?module-path=" + kModule +
               "&pin-source=file:" + path("pin").string();
    }
    static std::string refusal(const std::string& uri) {
        try {
            (void)key_from_token(uri);
        } catch (const UsageError& refused) {
            return refused.what();
        }
        return "";
    }

    test_support::TestFolder folder_;
};

TEST_F(Token, GivesTheSameKeyEachTime) {
    const auto first = key_from_token(uri());
    EXPECT_TRUE(parse_master_key(first.reveal()));
    EXPECT_EQ(key_from_token(uri()).reveal(), first.reveal());
}

TEST_F(Token, GivesAnotherKeyOfAnotherObject) {
    test::make_token_key(kModule, "12345678", "other");
    EXPECT_NE(key_from_token(uri("our%20token", "other")).reveal(), key_from_token(uri()).reveal());
}

TEST_F(Token, SaysWhichPartOfItIsWrong) {
    EXPECT_THAT(refusal(uri("another")), HasSubstr("none called another"));
    EXPECT_THAT(refusal(uri("our%20token", "none")), HasSubstr("no secret key called none"));
    EXPECT_THAT(refusal("token=a;object=b"), HasSubstr("names no module-path"));
    EXPECT_THAT(refusal("token"), HasSubstr("must be token=NAME"));
    EXPECT_THAT(refusal("token=%g1;object=b"), HasSubstr("two hex digits"));
    EXPECT_THAT(refusal("token=a;object=b?module-path=/none.so&pin-source=file:" + path("pin").string()),
                HasSubstr("/none.so can't be loaded"));
    write_file(path("pin"), "87654321\n", 0600);
    EXPECT_THAT(refusal(uri()), HasSubstr("PIN is wrong"));
    EXPECT_EQ(refusal(uri()).find("87654321"), std::string::npos);
    write_file(path("pin"), "12345678\n", 0644);
    EXPECT_THAT(refusal(uri()), HasSubstr("chmod 600"));
}

}  // namespace
}  // namespace core::keys
