// The account's section of the configuration: both kinds of keys, and a complaint for everything that is wrong.
#include "payments/channels/wechatpay/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "config/document.h"
#include "core/crypto/random.h"
#include "core/files.h"
#include "tests/unit/channel_wechatpay/platform.h"

namespace payments::wechatpay::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class WechatOptions : public testing::Test {
protected:
    WechatOptions() {
        const auto& platform = Platform::instance();
        core::write_file(folder_ / "api.key", kApiKey + "\n", 0600);
        core::write_file(folder_ / "windows.key", kApiKey + "\r\n", 0600);
        core::write_file(folder_ / "short.key", kApiKey.substr(1), 0600);
        core::write_file(folder_ / "open.key", kApiKey, 0644);
        core::write_file(folder_ / "platform.pem", platform.certificate.to_pem());
        core::write_file(folder_ / "public.pem", platform.public_mode_key.public_key().to_pem());
        core::write_file(folder_ / "nothing.pem", "no key at all\n");
    }
    ~WechatOptions() override { std::filesystem::remove_all(folder_); }

    // Reads the account's section and keeps what was complained about.
    std::optional<Options> read(const std::string& body) {
        config::Document document("[wechatpay]\n" + body, "test.toml", folder_);
        auto section = document.root().table("wechatpay");
        auto made = read_options(*section);
        complaints_ = document.finish();
        EXPECT_EQ(made.has_value(), complaints_.empty());
        return made;
    }

    std::filesystem::path folder_ = [] {
        auto folder = std::filesystem::temp_directory_path() / ("duizhang-options-" + core::crypto::random_token(12));
        std::filesystem::create_directories(folder);
        return folder;
    }();
    std::vector<std::string> complaints_;
};

const std::string kMerchantLine = "merchant_id = \"1900000109\"\n";
const std::string kKeyLine = "api_v3_key = \"file:api.key\"\n";
const std::string kVerifierLine = "verifiers = [\"platform.pem\"]\n";

TEST_F(WechatOptions, HoldBothKindsOfKeys) {
    const auto made = read(kMerchantLine + kKeyLine +
                           "verifiers = [\"platform.pem\", { id = \"PUB_KEY_ID_7\", public_key = \"public.pem\" },\n"
                           "  { id = \"477ED0046A54\", certificate = \"platform.pem\" }]\napp_id = \"wx1\"\n"
                           "sub_merchant_ids = [\"1900009231\", \"1900009232\"]\n");
    ASSERT_TRUE(made) << testing::PrintToString(complaints_);
    EXPECT_EQ(made->merchant.id, "1900000109");
    EXPECT_EQ(made->api_v3_key.reveal(), kApiKey);
    EXPECT_EQ(made->app_id, "wx1");
    EXPECT_THAT(made->merchant.sub_merchants, testing::ElementsAre("1900009231", "1900009232"));
    std::vector<std::string> ids;
    for (const auto& [id, verifier] : made->verifiers) {
        ids.push_back(id);
        EXPECT_EQ(verifier.validity.has_value(), id != "PUB_KEY_ID_7");
    }
    EXPECT_THAT(ids,
                UnorderedElementsAre(Platform::instance().certificate.serial_hex(), "PUB_KEY_ID_7", "477ED0046A54"));
}

TEST_F(WechatOptions, TakeAKeyFileWithEitherLineEnd) {
    const auto made = read(kMerchantLine + "api_v3_key = \"file:windows.key\"\n" + kVerifierLine);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->api_v3_key.reveal(), kApiKey);
    EXPECT_FALSE(made->app_id);
}

TEST_F(WechatOptions, MakeAChannelThatReadsCallbacks) {
    config::Document document("[wechatpay]\n" + kMerchantLine + kKeyLine + kVerifierLine, "test.toml", folder_);
    auto section = document.root().table("wechatpay");
    const auto channel = make_channel(*section, plain_context());
    ASSERT_NE(channel, nullptr);
    EXPECT_TRUE(channel->read_callback(signed_resource(payment())));
}

struct Wrong {
    const char* name;
    std::string body;
    const char* says;
};

class WechatOptionsComplain : public WechatOptions, public testing::WithParamInterface<Wrong> {};

TEST_P(WechatOptionsComplain, AboutWhatIsWrong) {
    EXPECT_FALSE(read(GetParam().body));
    EXPECT_THAT(complaints_, Contains(HasSubstr(GetParam().says)));
    for (const auto& complaint : complaints_) {
        EXPECT_THAT(complaint, testing::Not(HasSubstr(kApiKey.substr(1))));
    }
}

INSTANTIATE_TEST_SUITE_P(
    , WechatOptionsComplain,
    testing::Values(
        Wrong{"NoMerchant", kKeyLine + kVerifierLine, "merchant_id"},
        Wrong{"MerchantInLetters", "merchant_id = \"19x\"\n" + kKeyLine + kVerifierLine, "1 to 32 digits"},
        Wrong{"SubMerchantInLetters", kMerchantLine + "sub_merchant_ids = [\"19x\"]\n" + kKeyLine + kVerifierLine,
              "sub_merchant_ids"},
        Wrong{"SubMerchantAsNumber", kMerchantLine + "sub_merchant_ids = [1900009231]\n" + kKeyLine + kVerifierLine,
              "sub_merchant_ids"},
        Wrong{"NoKey", kMerchantLine + kVerifierLine, "api_v3_key"},
        Wrong{"ShortKey", kMerchantLine + "api_v3_key = \"file:short.key\"\n" + kVerifierLine, "exactly 32 bytes"},
        Wrong{"KeyInClear", kMerchantLine + "api_v3_key = \"" + kApiKey + "\"\n" + kVerifierLine, "api_v3_key"},
        Wrong{"KeyForEverybody", kMerchantLine + "api_v3_key = \"file:open.key\"\n" + kVerifierLine, "open.key"},
        Wrong{"NoVerifiers", kMerchantLine + kKeyLine, "at least one"},
        Wrong{"EmptyVerifiers", kMerchantLine + kKeyLine + "verifiers = []\n", "at least one"},
        Wrong{"NoSuchFile", kMerchantLine + kKeyLine + "verifiers = [\"gone.pem\"]\n", "gone.pem"},
        Wrong{"NoCertificate", kMerchantLine + kKeyLine + "verifiers = [\"nothing.pem\"]\n", "no PEM certificate"},
        Wrong{"KeyAsCertificate", kMerchantLine + kKeyLine + "verifiers = [\"public.pem\"]\n", "no PEM certificate"},
        Wrong{"CertificateAsKey",
              kMerchantLine + kKeyLine + "verifiers = [{ id = \"P\", public_key = \"platform.pem\" }]\n",
              "no PEM public key"},
        Wrong{"KeyWithoutId", kMerchantLine + kKeyLine + "verifiers = [{ public_key = \"public.pem\" }]\n",
              "{ id, public_key }"},
        Wrong{"KeyAndCertificate",
              kMerchantLine + kKeyLine +
                  "verifiers = [{ id = \"P\", public_key = \"public.pem\", certificate = \"platform.pem\" }]\n",
              "{ id, public_key }"},
        Wrong{"Twice", kMerchantLine + kKeyLine + "verifiers = [\"platform.pem\", \"platform.pem\"]\n",
              "two verifiers are called"},
        Wrong{"EmptyApp", kMerchantLine + kKeyLine + kVerifierLine + "app_id = \"\"\n", "app_id"},
        Wrong{"NoTextInTheList", kMerchantLine + kKeyLine + "verifiers = [7]\n", "verifiers"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace payments::wechatpay::test
