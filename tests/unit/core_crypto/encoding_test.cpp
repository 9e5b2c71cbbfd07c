#include "core/crypto/encoding.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/crypto/random.h"

namespace core::crypto {
namespace {

struct Pair {
    std::string bytes;
    std::string text;
};

class Base64 : public testing::TestWithParam<Pair> {};

TEST_P(Base64, GoesBothWays) {
    EXPECT_EQ(base64_encode(GetParam().bytes), GetParam().text);
    EXPECT_EQ(base64_decode(GetParam().text), GetParam().bytes);
}

INSTANTIATE_TEST_SUITE_P(Rfc4648, Base64,
                         testing::Values(Pair{"", ""}, Pair{"f", "Zg=="}, Pair{"fo", "Zm8="}, Pair{"foo", "Zm9v"},
                                         Pair{"foob", "Zm9vYg=="}, Pair{"fooba", "Zm9vYmE="},
                                         Pair{"foobar", "Zm9vYmFy"},
                                         Pair{std::string("\xfb\xff\xbf\x00", 4), "+/+/AA=="}));

class Base64Refuses : public testing::TestWithParam<std::string> {};

TEST_P(Base64Refuses, TheText) { EXPECT_EQ(base64_decode(GetParam()), std::nullopt); }

INSTANTIATE_TEST_SUITE_P(, Base64Refuses,
                         testing::Values("Z", "Zg", "Zg=", "Zm8", "Zg===", "====", "Z===", "=Zg=", "Zg==Zg==",
                                         "Zm8=Zm8=", "Zm9v\n", "Zm 9v", " Zm9", "Zm9v\r\nYmFy", "Zm9-", "Zm9_", "Zm9.",
                                         "Zh==", "Zm9=", "Zg=A", std::string("Zm\0v", 4), "Zm\xc3\xa9"));

TEST(Base64, GoesBothWaysAtEveryLength) {
    for (std::size_t length = 0; length < 200; ++length) {
        const std::string bytes = random_bytes(length);
        EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    }
}

TEST(Hex, GoesBothWaysAndReadsEitherCase) {
    const std::string bytes("\x00\x01\x7f\x80\xab\xff", 6);
    EXPECT_EQ(hex_encode(bytes), "00017f80abff");
    EXPECT_EQ(hex_decode("00017f80abff"), bytes);
    EXPECT_EQ(hex_decode("00017F80ABFF"), bytes);
    EXPECT_EQ(hex_decode(""), "");
}

TEST(Hex, RefusesWhatIsNotPairsOfDigits) {
    for (const char* text : {"0", "000", "0g", "g0", "0x", " 0", "0 ", "0\n", "+1", "0:", "0/", "0@", "0G", "0`"}) {
        EXPECT_EQ(hex_decode(text), std::nullopt) << text;
    }
}

TEST(RandomBytes, AreOfTheLengthAskedForAndNeverTheSame) {
    EXPECT_EQ(random_bytes(0), "");
    EXPECT_EQ(random_bytes(31).size(), 31U);
    EXPECT_NE(random_bytes(16), random_bytes(16));
}

TEST(RandomToken, UsesAllOfItsAlphabetAndNothingElse) {
    const std::string token = random_token(20'000);
    const std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    EXPECT_EQ(token.size(), 20'000U);
    EXPECT_EQ(token.find_first_not_of(alphabet), std::string::npos);
    for (const char c : alphabet) {
        // 323 expected of each; below 200 is seven standard deviations away.
        EXPECT_GT(std::count(token.begin(), token.end(), c), 200) << c;
    }
}

}  // namespace
}  // namespace core::crypto
