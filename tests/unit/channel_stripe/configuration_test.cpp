// From [tenant.stripe] to a channel.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "config/document.h"
#include "core/files.h"
#include "support.h"

namespace payments::stripe {
namespace {

class Configuration : public testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder_);
        core::write_file(folder_ / "new.secret", std::string(test::kSecret) + "\n", 0600);
        core::write_file(folder_ / "old.secret", test::kOlderSecret, 0600);
        core::write_file(folder_ / "blank.secret", "\n", 0600);
        core::write_file(folder_ / "open.secret", test::kSecret, 0644);
        core::write_file(folder_ / "test.secret", "sk_test_unit0tests0only", 0600);
        core::write_file(folder_ / "test_endpoint.secret", "whsec_test_unit0tests0only", 0600);
        core::write_file(folder_ / "api.secret", "rk_live_unit0tests0only", 0600);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    // The channel of a section with these lines, and all complaints.
    std::unique_ptr<Channel> made(const std::string& lines) {
        config::Document document("[stripe]\n" + lines, "test.toml", folder_);
        auto root = document.root();
        auto section = root.table("stripe");
        EXPECT_TRUE(section);
        auto channel = make_channel(*section, test::context());
        complaints_ = document.finish();
        return channel;
    }
    bool complains_of(std::string_view what) const {
        return std::any_of(complaints_.begin(), complaints_.end(),
                           [&](const std::string& text) { return text.find(what) != std::string::npos; });
    }

    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() /
        ("stripe_configuration_" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
    std::vector<std::string> complaints_;
};

const std::string kAccount = "account = \"acct_1Acme\"\n";
const std::string kSecrets = R"(webhook_secrets = ["file:old.secret", "file:new.secret"])"
                             "\n";

TEST_F(Configuration, NeedsAnAccountAndASecret) {
    const auto channel = made(kAccount + kSecrets);

    ASSERT_TRUE(channel);
    EXPECT_TRUE(complaints_.empty());
    EXPECT_EQ(channel->day_cut().zone, "UTC");
    // Signed with the second secret, whose file ends in a line end.
    EXPECT_TRUE(channel->read_callback(test::signed_request(test::event("charge.succeeded", test::charge()))));
}

TEST_F(Configuration, TakesTheRest) {
    const auto channel =
        made(kAccount + kSecrets + "order_key = \"shop\"\ntime_zone = \"Asia/Tokyo\"\nlivemode = false\n");

    ASSERT_TRUE(channel);
    EXPECT_EQ(channel->day_cut().zone, "Asia/Tokyo");
    const auto live = channel->read_callback(test::signed_request(test::event("charge.succeeded", test::charge())));
    ASSERT_FALSE(live);
    EXPECT_EQ(live.error().reason, "livemode_differs");
}

TEST_F(Configuration, TakesATestSecretForATestAccount) {
    EXPECT_TRUE(made(kAccount + "webhook_secrets = [\"file:test_endpoint.secret\"]\nlivemode = false\n"));
    EXPECT_TRUE(complaints_.empty());
}

struct Wrong {
    const char* name;
    std::string lines;
    const char* key;
};

class ConfigurationRefuses : public Configuration, public testing::WithParamInterface<Wrong> {};

TEST_P(ConfigurationRefuses, NamingTheKey) {
    EXPECT_FALSE(made(GetParam().lines));
    EXPECT_TRUE(complains_of(GetParam().key));
    EXPECT_FALSE(complains_of(test::kSecret));
}

std::string nine_secrets() {
    std::string list = "webhook_secrets = [";
    for (int i = 0; i < 9; ++i) {
        list += "\"file:new.secret\",";
    }
    return list + "]\n";
}

INSTANTIATE_TEST_SUITE_P(
    , ConfigurationRefuses,
    testing::Values(
        Wrong{"NoAccount", kSecrets, "account"}, Wrong{"EmptyAccount", "account = \"\"\n" + kSecrets, "account"},
        Wrong{"NoSecrets", kAccount, "webhook_secrets"},
        Wrong{"EmptyList", kAccount + "webhook_secrets = []\n", "webhook_secrets"},
        Wrong{"NineSecrets", kAccount + nine_secrets(), "webhook_secrets"},
        Wrong{"BlankSecret", kAccount + "webhook_secrets = [\"file:blank.secret\"]\n", "webhook_secrets"},
        Wrong{"SecretOthersRead", kAccount + "webhook_secrets = [\"file:open.secret\"]\n", "webhook_secrets"},
        Wrong{"SecretNotThere", kAccount + "webhook_secrets = [\"file:none.secret\"]\n", "webhook_secrets"},
        Wrong{"SecretInClear", kAccount + "webhook_secrets = [\"" + test::kSecret + "\"]\n", "webhook_secrets"},
        Wrong{"TestKeyOfALiveAccount", kAccount + "webhook_secrets = [\"file:test.secret\"]\n", "a test key"},
        Wrong{"TestSecretOfALiveAccount",
              kAccount + "webhook_secrets = [\"file:new.secret\", \"file:test_endpoint.secret\"]\nlivemode = true\n",
              "webhook_secrets: names a test key"},
        Wrong{"ApiKey", kAccount + "webhook_secrets = [\"file:api.secret\"]\n", "an API key"},
        Wrong{"TestApiKey", kAccount + "webhook_secrets = [\"file:test.secret\"]\nlivemode = false\n", "an API key"},
        Wrong{"NoSuchZone", kAccount + kSecrets + "time_zone = \"Mars/Olympus\"\n", "time_zone"},
        Wrong{"EmptyOrderKey", kAccount + kSecrets + "order_key = \"\"\n", "order_key"},
        Wrong{"OrderKeyTooLong", kAccount + kSecrets + "order_key = \"" + std::string(41, 'k') + "\"\n", "order_key"},
        Wrong{"LivemodeAsText", kAccount + kSecrets + "livemode = \"yes\"\n", "livemode"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace payments::stripe
