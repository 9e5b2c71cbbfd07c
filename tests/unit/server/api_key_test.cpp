// What an API key's text says, and what each role may do.
#include <gtest/gtest.h>

#include "core/crypto/digest.h"
#include "server/api_keys.h"

namespace server {
namespace {

const core::Instant kNow{std::chrono::milliseconds(1'700'000'000'000)};

TEST(ApiKeyText, NamesItsTenantAndNumberAndIsStoredAsADigest) {
    const auto made = make_api_key(core::TenantId("acme-1"), "till 3", "shop", kNow, std::nullopt);
    const std::string text(made.text.reveal());

    const auto parts = parse_api_key(text);

    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->tenant, core::TenantId("acme-1"));
    EXPECT_EQ(parts->number, made.key.number);
    EXPECT_EQ(made.key.id(), "acme-1_" + made.key.number);
    EXPECT_EQ(made.key.key_sha256, core::crypto::sha256_hex(text));
    EXPECT_EQ(text.find(made.key.id()), 3U);
    EXPECT_EQ(text.size() - text.rfind('_') - 1, 43U) << "256 bits in characters of 62 kinds";
}

TEST(ApiKeyText, IsNeverTheSameTwice) {
    const auto one = make_api_key(core::TenantId("acme"), "", "shop", kNow, std::nullopt);
    const auto other = make_api_key(core::TenantId("acme"), "", "shop", kNow, std::nullopt);
    EXPECT_NE(one.key.number, other.key.number);
    EXPECT_NE(std::string(one.text.reveal()).substr(20), std::string(other.text.reveal()).substr(20));
}

struct Other {
    const char* name;
    std::string text;
};
class ApiKeyTextRefuses : public testing::TestWithParam<Other> {};

const std::string kSecret(43, 's');

TEST_P(ApiKeyTextRefuses, WhatIsNone) { EXPECT_FALSE(parse_api_key(GetParam().text)); }

INSTANTIATE_TEST_SUITE_P(, ApiKeyTextRefuses,
                         testing::Values(Other{"Nothing", ""}, Other{"APrefixAlone", "dz_"},
                                         Other{"AnotherPrefix", "sk_acme_123456789012_" + kSecret},
                                         Other{"NoTenant", "dz__123456789012_" + kSecret},
                                         Other{"ATenantInCapitals", "dz_Acme_123456789012_" + kSecret},
                                         Other{"ATenantThatIsTooLong",
                                               "dz_" + std::string(33, 'a') + "_123456789012_" + kSecret},
                                         Other{"AShortNumber", "dz_acme_12345678901_" + kSecret},
                                         Other{"AShortSecret", "dz_acme_123456789012_" + kSecret.substr(1)},
                                         Other{"ALongSecret", "dz_acme_123456789012_" + kSecret + "s"},
                                         Other{"ASecretWithABlank", "dz_acme_123456789012_ " + kSecret.substr(1)},
                                         Other{"AnIdAlone", "acme_123456789012"},
                                         Other{"AQuoteInTheNumber", "dz_acme_12345678901'_" + kSecret}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ApiKeyText, IsReadUpToTheLongestTenant) {
    EXPECT_TRUE(parse_api_key("dz_" + std::string(32, 'a') + "_123456789012_" + kSecret));
}

TEST(Roles, HaveTheRightsTheyAreDocumentedWith) {
    const auto rights = [](const char* role) {
        std::string text;
        for (const auto right : {Right::read_orders, Right::register_orders, Right::read_books, Right::post_entries}) {
            text += find_role(role)->may(right) ? '1' : '0';
        }
        return text;
    };
    EXPECT_EQ(rights("shop"), "1100");
    EXPECT_EQ(rights("reader"), "1010");
    EXPECT_EQ(rights("accountant"), "1011");
    EXPECT_EQ(roles().size(), 3U);
    EXPECT_EQ(find_role("root"), nullptr);
    EXPECT_EQ(find_role(""), nullptr);
}

}  // namespace
}  // namespace server
