// How a token's key is named.
#include "core/keys/token_uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/failure.h"

namespace core::keys {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& uri) {
    try {
        (void)parse_token_uri(uri);
    } catch (const UsageError& refused) {
        return refused.what();
    }
    return "";
}

TEST(TokenUri, NamesFourPartsInAnyOrder) {
    const auto named = parse_token_uri("pin-source=file:%2Fetc/pin&object=my%20key;token=hsm?module-path=/p.so&x=y");
    EXPECT_EQ(named.token, "hsm");
    EXPECT_EQ(named.object, "my key");
    EXPECT_EQ(named.module_path, "/p.so");
    EXPECT_EQ(named.pin_file, "/etc/pin");
}

TEST(TokenUri, IsRefusedWhereItCouldBeTakenForAnother) {
    const std::string rest = ";object=b?module-path=/p.so&pin-source=file:/pin";
    EXPECT_EQ(refusal("token=a" + rest), "");
    EXPECT_THAT(refusal("token=a;token=c" + rest), HasSubstr("names a part twice"));
    EXPECT_THAT(refusal("token=a%00c" + rest), HasSubstr("byte 0"));
    EXPECT_THAT(refusal("token=a%2" + rest), HasSubstr("two hex digits"));
    EXPECT_THAT(refusal("token=a;object=b?module-path=/p.so&pin-source=/pin"), HasSubstr("must be file:/PATH"));
    EXPECT_THAT(refusal("token=a;object=b?module-path=/p.so&pin-source=file:"), HasSubstr("must be file:/PATH"));
    EXPECT_THAT(refusal(""), HasSubstr("names no token"));
}

}  // namespace
}  // namespace core::keys
