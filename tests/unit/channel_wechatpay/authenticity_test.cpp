// Who may tell of money: signatures, keys, time window and headers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/failure.h"

#include "tests/unit/channel_wechatpay/platform.h"

namespace payments::wechatpay::test {
namespace {

std::string verdict_of(const Channel& channel, const CallbackRequest& request) {
    const auto message = channel.read_callback(request);
    if (message) {
        return "accepted";
    }
    const bool unauthentic = message.error().kind == CallbackRefusal::Kind::unauthentic;
    return (unauthentic ? "401 " : "400 ") + message.error().reason;
}

std::string verdict_of(const CallbackRequest& request) {
    return verdict_of(*make_channel(options(), plain_context()), request);
}

TEST(WechatCallback, SignedByThePlatformCertificateIsAccepted) {
    EXPECT_EQ(verdict_of(signed_resource(payment())), "accepted");
}

TEST(WechatCallback, SignedByThePublicKeyIsAccepted) {
    Notification notification;
    notification.resource = payment();
    EXPECT_EQ(
        verdict_of(signed_request(notification.body(), {kPublicKeyId, &Platform::instance().public_mode_key, ""})),
        "accepted");
}

TEST(WechatCallback, WithoutASignatureTypeCountsAsRsa) {
    auto request = signed_resource(payment());
    std::erase_if(request.headers, [](const auto& header) { return header.first == "Wechatpay-Signature-Type"; });
    EXPECT_EQ(verdict_of(request), "accepted");
}

class WechatCallbackHeader : public testing::TestWithParam<const char*> {};

TEST_P(WechatCallbackHeader, IsNeeded) {
    auto request = signed_resource(payment());
    std::erase_if(request.headers, [](const auto& header) { return header.first == GetParam(); });
    EXPECT_EQ(verdict_of(request), "401 header_missing");
}

TEST_P(WechatCallbackHeader, MustNotBeEmpty) {
    auto request = signed_resource(payment());
    *header_of(request, GetParam()) = " \t ";
    EXPECT_EQ(verdict_of(request), "401 header_missing");
}

TEST_P(WechatCallbackHeader, MustNotBeThereTwice) {
    auto request = signed_resource(payment());
    request.headers.emplace_back(GetParam(), *header_of(request, GetParam()));
    EXPECT_EQ(verdict_of(request), "401 header_repeated");
}

TEST_P(WechatCallbackHeader, CannotBeChanged) {
    auto request = signed_resource(payment());
    auto& value = *header_of(request, GetParam());
    value[5] = value[5] == '7' ? '8' : '7';
    EXPECT_THAT(verdict_of(request), testing::StartsWith("401 "));
}

INSTANTIATE_TEST_SUITE_P(, WechatCallbackHeader,
                         testing::Values("wechatpay-serial", "Wechatpay-Timestamp", "Wechatpay-Nonce",
                                         "Wechatpay-Signature"));

TEST(WechatCallback, WithTwoSignatureTypesIsRefused) {
    auto request = signed_resource(payment());
    request.headers.emplace_back("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048");
    EXPECT_EQ(verdict_of(request), "401 header_repeated");
}

TEST(WechatCallback, DoesNotChooseItsAlgorithm) {
    for (const char* type : {"WECHATPAY2-SM2-WITH-SM3", "WECHATPAY2-SHA1-RSA2048", "", "none"}) {
        auto request = signed_resource(payment());
        *header_of(request, "Wechatpay-Signature-Type") = type;
        EXPECT_EQ(verdict_of(request), "401 signature_type_unexpected") << type;
    }
}

TEST(WechatCallback, WithAChangedBodyIsRefused) {
    const auto request = signed_resource(payment());
    for (const std::size_t place : {std::size_t{0}, request.body.size() / 2, request.body.size() - 1}) {
        auto changed = request;
        changed.body[place] = changed.body[place] == 'x' ? 'y' : 'x';
        EXPECT_EQ(verdict_of(changed), "401 signature_wrong") << place;
    }
    for (const char* addition : {"\n", " ", "{}"}) {
        auto longer = request;
        longer.body += addition;
        EXPECT_EQ(verdict_of(longer), "401 signature_wrong");
    }
    auto shorter = request;
    shorter.body.pop_back();
    EXPECT_EQ(verdict_of(shorter), "401 signature_wrong");
}

TEST(WechatCallback, SignedBySomebodyElseIsRefused) {
    Notification notification;
    notification.resource = payment();
    Signing signing;
    signing.key = &Platform::instance().stranger;
    EXPECT_EQ(verdict_of(signed_request(notification.body(), signing)), "401 signature_wrong");
}

// The right key under the other one's name: the name chooses, nothing is tried.
TEST(WechatCallback, SignedByTheOtherOfTwoKeysIsRefused) {
    Notification notification;
    notification.resource = payment();
    Signing signing;
    signing.key = &Platform::instance().public_mode_key;
    EXPECT_EQ(verdict_of(signed_request(notification.body(), signing)), "401 signature_wrong");
}

TEST(WechatCallback, WithAnUnknownSerialIsRefused) {
    Notification notification;
    notification.resource = payment();
    const auto serial = Platform::instance().certificate.serial_hex();
    for (const std::string& name : {std::string("4095BD027F1F"), serial + "00", kPublicKeyId + "1"}) {
        Signing signing;
        signing.serial = name;
        EXPECT_EQ(verdict_of(signed_request(notification.body(), signing)), "401 key_unknown") << name;
    }
}

TEST(WechatCallback, WithAWrongApiKeyIsNotAuthentic) {
    Notification notification;
    notification.resource = payment();
    notification.api_key = "another-key-of-32-bytes-12345678";
    EXPECT_EQ(verdict_of(signed_request(notification.body())), "401 resource_not_decryptable");
}

TEST(WechatCallback, ThatProbesIsRefusedUnderItsOwnName) {
    auto request = signed_resource(payment());
    auto& signature = *header_of(request, "Wechatpay-Signature");
    signature = "WECHATPAY/SIGNTEST/" + signature.substr(19);
    EXPECT_EQ(verdict_of(request), "401 signature_probe");
    signature = "WECHATPAY/SIGNTEST/!not base64!";
    EXPECT_EQ(verdict_of(request), "401 signature_probe");
}

TEST(WechatCallback, WithASignatureThatIsNoBase64IsRefused) {
    auto request = signed_resource(payment());
    header_of(request, "Wechatpay-Signature")->append("!");
    EXPECT_EQ(verdict_of(request), "401 signature_malformed");
}

TEST(WechatCallback, IsAcceptedFromBothKeysWhileOneIsReplaced) {
    const auto& platform = Platform::instance();
    auto both = options();
    both.verifiers.emplace(platform.next_certificate.serial_hex(),
                           Verifier::from_certificate(platform.next_certificate));
    const auto channel = make_channel(std::move(both), plain_context());
    Notification notification;
    notification.resource = payment();
    const Signing next{platform.next_certificate.serial_hex(), &platform.next_key, ""};

    EXPECT_EQ(verdict_of(*channel, signed_request(notification.body())), "accepted");
    EXPECT_EQ(verdict_of(*channel, signed_request(notification.body(), next)), "accepted");
    EXPECT_EQ(verdict_of(signed_request(notification.body(), next)), "401 key_unknown");
}

struct Window {
    const char* name;
    int seconds;
    const char* verdict;
};

class WechatCallbackSigned : public testing::TestWithParam<Window> {};

TEST_P(WechatCallbackSigned, IsJudgedByItsDistanceFromArrival) {
    Notification notification;
    notification.resource = payment();
    const auto when = now() + std::chrono::seconds(GetParam().seconds);
    Signing signing;
    signing.timestamp = std::to_string(std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count());
    EXPECT_EQ(verdict_of(signed_request(notification.body(), signing)), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(, WechatCallbackSigned,
                         testing::Values(Window{"Before301", -301, "401 timestamp_stale"},
                                         Window{"Before300", -300, "401 timestamp_stale"},
                                         Window{"Before299", -299, "accepted"}, Window{"After299", 299, "accepted"},
                                         Window{"After300", 300, "401 timestamp_stale"},
                                         Window{"After301", 301, "401 timestamp_stale"},
                                         Window{"AfterAYear", 31'536'000, "401 timestamp_stale"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(WechatCallback, WithATimestampThatIsNoneIsRefused) {
    Notification notification;
    notification.resource = payment();
    const auto verdict = [&](const std::string& timestamp) {
        Signing signing;
        signing.timestamp = timestamp;
        return verdict_of(signed_request(notification.body(), signing));
    };
    for (const char* text : {"-1795000000", "+1795000000", "1795000000.0", "0x6AFD", "1e9", "now", "１７９５"}) {
        EXPECT_EQ(verdict(text), "401 timestamp_malformed") << text;
    }
    for (const char* text : {"0", "9223372036854775807", "9223372036854775808", "99999999999999999999999999",
                             "9223372036854775", "999999999999"}) {
        EXPECT_EQ(verdict(text), "401 timestamp_stale") << text;
    }
}

TEST(WechatCallback, OutsideTheCertificatesValidityIsRefused) {
    const auto& platform = Platform::instance();
    Notification notification;
    notification.resource = payment();
    const auto verdict = [&](std::string_view begins, std::string_view ends) {
        auto made = options();
        const auto serial = platform.certificate.serial_hex();
        made.verifiers.clear();
        made.verifiers.emplace(serial,
                               Verifier::from_certificate(Platform::issue(platform.certificate_key, begins, ends)));
        return verdict_of(*make_channel(std::move(made), plain_context()), signed_request(notification.body()));
    };
    EXPECT_EQ(verdict("2024-01-01T00:00:00Z", "2026-11-18T08:59:59Z"), "401 certificate_not_valid");
    EXPECT_EQ(verdict("2024-01-01T00:00:00Z", "2026-11-18T09:00:00Z"), "accepted");
    EXPECT_EQ(verdict("2026-11-18T09:00:00Z", "2029-01-01T00:00:00Z"), "accepted");
    EXPECT_EQ(verdict("2026-11-18T09:00:01Z", "2029-01-01T00:00:00Z"), "401 certificate_not_valid");
}

TEST(WechatChannel, NeedsAKeyAndAVerifier) {
    auto without_verifier = options();
    without_verifier.verifiers.clear();
    EXPECT_THROW(make_channel(std::move(without_verifier), plain_context()), core::Failure);
    auto short_key = options();
    short_key.api_v3_key = core::KeyBytes("too short");
    EXPECT_THROW(make_channel(std::move(short_key), plain_context()), core::Failure);
}

TEST(WechatChannel, AnswersWithoutABody) {
    const auto channel = make_channel(options(), plain_context());
    EXPECT_EQ(channel->name(), "wechatpay");
    EXPECT_EQ(channel->accepted().status, 204);
    EXPECT_EQ(channel->accepted().body, "");
    EXPECT_EQ(channel->callback_content_type(), "application/json");
    EXPECT_TRUE(channel->returns_fee_on_refund());
    EXPECT_EQ(channel->day_cut().zone, "Asia/Shanghai");
}

}  // namespace
}  // namespace payments::wechatpay::test
