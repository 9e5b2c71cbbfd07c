#include "payments/channels/stripe/signature.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support.h"

namespace payments::stripe {
namespace {

using namespace std::chrono_literals;
using test::key;
using test::kNow;

constexpr const char* kBody = R"({"id":"evt_1","note":"支付"})";

std::vector<core::KeyBytes> secrets(std::initializer_list<const char*> texts) {
    std::vector<core::KeyBytes> keys;
    for (const auto* text : texts) {
        keys.push_back(key(text));
    }
    return keys;
}

std::string hex_of(std::string_view header) { return std::string(header.substr(header.find("v1=") + 3)); }

std::string good_hex() { return hex_of(signature_header(kBody, key(test::kSecret), kNow)); }
const std::string kTime = "1788254101";

struct Header {
    const char* name;
    std::string text;
    std::optional<SignatureError> error;  // nothing: it passes
};

class SignatureHeader : public testing::TestWithParam<Header> {};

TEST_P(SignatureHeader, IsJudged) {
    const auto verified = verify_signature(GetParam().text, kBody, secrets({test::kSecret}), kNow);

    ASSERT_EQ(static_cast<bool>(verified), !GetParam().error.has_value());
    if (!verified) {
        EXPECT_EQ(verified.error(), *GetParam().error);
    }
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 0x20) : c; });
    return text;
}

const std::string kZeros(64, '0');
constexpr auto kMalformed = SignatureError::malformed;
constexpr auto kWrong = SignatureError::wrong;

INSTANTIATE_TEST_SUITE_P(
    , SignatureHeader,
    testing::Values(Header{"AsStripeSendsIt", "t=" + kTime + ",v1=" + good_hex(), {}},
                    Header{"SignatureBeforeTime", "v1=" + good_hex() + ",t=" + kTime, {}},
                    Header{"FakeSchemeBeside", "t=" + kTime + ",v1=" + good_hex() + ",v0=" + kZeros, {}},
                    Header{"UnknownSchemeBeside", "t=" + kTime + ",x=1,v1=" + good_hex(), {}},
                    Header{"FirstOfTwoSignatures", "t=" + kTime + ",v1=" + good_hex() + ",v1=" + kZeros, {}},
                    Header{"SecondOfTwoSignatures", "t=" + kTime + ",v1=" + kZeros + ",v1=" + good_hex(), {}},
                    Header{"Empty", "", kMalformed}, Header{"Garbage", "hello", kMalformed},
                    Header{"NoTime", "v1=" + good_hex(), kMalformed}, Header{"NoSignature", "t=" + kTime, kMalformed},
                    Header{"OnlyTheFakeScheme", "t=" + kTime + ",v0=" + good_hex(), kMalformed},
                    Header{"TimeTwice", "t=" + kTime + ",t=" + kTime + ",v1=" + good_hex(), kMalformed},
                    Header{"TimeEmpty", "t=,v1=" + good_hex(), kMalformed},
                    Header{"TimeNegative", "t=-1,v1=" + good_hex(), kMalformed},
                    Header{"TimeOfTwentyDigits", "t=10000000000000000000,v1=" + good_hex(), kMalformed},
                    Header{"TimeWithBlank", "t= " + kTime + ",v1=" + good_hex(), kMalformed},
                    Header{"ElementWithoutEquals", "t=" + kTime + ",v1=" + good_hex() + ",x", kMalformed},
                    Header{"ElementWithTwoEquals", "t=" + kTime + ",v1=" + good_hex() + ",x=1=2", kMalformed},
                    Header{"ElementEmpty", "t=" + kTime + ",,v1=" + good_hex(), kMalformed},
                    Header{"CommaAtTheEnd", "t=" + kTime + ",v1=" + good_hex() + ",", kMalformed},
                    Header{"BeyondFourKibibytes", "t=" + kTime + ",v1=" + good_hex() + ",x=" + std::string(4096, 'x'),
                           kMalformed},
                    Header{"SignatureEmpty", "t=" + kTime + ",v1=", kWrong},
                    Header{"SignatureCutByOne", "t=" + kTime + ",v1=" + good_hex().substr(1), kWrong},
                    Header{"SignatureUpperCase", "t=" + kTime + ",v1=" + upper(good_hex()), kWrong},
                    Header{"SignatureOfZeros", "t=" + kTime + ",v1=" + kZeros, kWrong},
                    Header{"TimeChanged", "t=1788254102,v1=" + good_hex(), kWrong},
                    Header{"TimeWithLeadingZero", "t=0" + kTime + ",v1=" + good_hex(), kWrong}),
    [](const auto& row) { return std::string(row.param.name); });

struct Age {
    const char* name;
    std::chrono::seconds age;
    bool passes;
};

class SignatureAge : public testing::TestWithParam<Age> {};

TEST_P(SignatureAge, IsJudgedBothWays) {
    const auto header = signature_header(kBody, key(test::kSecret), kNow);

    const auto verified = verify_signature(header, kBody, secrets({test::kSecret}), kNow + GetParam().age);

    ASSERT_EQ(static_cast<bool>(verified), GetParam().passes);
    if (!verified) {
        EXPECT_EQ(verified.error(), SignatureError::stale);
    }
}

INSTANTIATE_TEST_SUITE_P(, SignatureAge,
                         testing::Values(Age{"Now", 0s, true}, Age{"JustInside", 299s, true},
                                         Age{"AtTheEdge", 300s, true}, Age{"JustOutside", 301s, false},
                                         Age{"FutureInside", -299s, true}, Age{"FutureEdge", -300s, true},
                                         Age{"FutureOutside", -301s, false}, Age{"AYearAgo", 365 * 24h, false},
                                         Age{"AYearAhead", -365 * 24h, false}),
                         [](const auto& row) { return std::string(row.param.name); });

// Rightly signed, but with a time that no clock will show.
TEST(SignatureTime, IsStaleAtTheEndsOfItsRange) {
    constexpr std::int64_t kFar = 9'000'000'000'000'000;  // milliseconds that an Instant holds
    for (const core::Instant at : {core::Instant(0s), core::Instant(std::chrono::milliseconds(kFar))}) {
        const auto header = signature_header(kBody, key(test::kSecret), at);
        const auto verified = verify_signature(header, kBody, secrets({test::kSecret}), kNow);
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error(), SignatureError::stale);
    }
}

TEST(SignatureSecrets, EitherOfTwoFitsWhileOneIsRolled) {
    const auto header = signature_header(kBody, key(test::kOlderSecret), kNow);

    EXPECT_TRUE(verify_signature(header, kBody, secrets({test::kSecret, test::kOlderSecret}), kNow));
    EXPECT_FALSE(verify_signature(header, kBody, secrets({test::kSecret}), kNow));
}

TEST(SignatureSecrets, AnEmptyOneOpensNothing) {
    const auto header = signature_header(kBody, key(test::kSecret), kNow);

    EXPECT_FALSE(verify_signature(header, kBody, secrets({""}), kNow));
    EXPECT_FALSE(verify_signature(header, kBody, {}, kNow));
}

TEST(SignatureBody, IsTheRawBytes) {
    const std::string body = kBody;
    const auto header = signature_header(body, key(test::kSecret), kNow);
    for (const auto& changed : {body + "\n", " " + body, "\xEF\xBB\xBF" + body, body.substr(1), std::string()}) {
        const auto verified = verify_signature(header, changed, secrets({test::kSecret}), kNow);
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error(), SignatureError::wrong);
    }
}

}  // namespace
}  // namespace payments::stripe
