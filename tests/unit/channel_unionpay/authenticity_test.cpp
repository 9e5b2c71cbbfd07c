#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "payments/channels/unionpay/signer_trust.h"
#include "world.h"

namespace payments::unionpay::test {
namespace {

const Channel& channel() {
    static const auto made = make_channel(options(), context());
    return *made;
}

TEST(AWellSignedNotification, IsAccepted) {
    EXPECT_EQ(verdict(told(channel(), form(well_signed(payment_fields())))), "accepted");
}

TEST(ANotification, MayHaveItsFieldsInAnyOrder) {
    const auto fields = well_signed(payment_fields());
    std::string body;
    for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
        body += (body.empty() ? "" : "&") + field->first + "=" + core::text::form_encode(field->second);
    }
    EXPECT_EQ(verdict(told(channel(), body)), "accepted");
}

TEST(ANotification, IsRefusedWithoutAnyOneOfItsFields) {
    const auto fields = well_signed(payment_fields());
    for (const auto& [name, value] : fields) {
        auto without = fields;
        without.erase(name);
        EXPECT_EQ(verdict(told(channel(), form(without))).substr(0, 4), "401 ") << name;
        without[name] = "";
        EXPECT_EQ(verdict(told(channel(), form(without))).substr(0, 4), "401 ") << name << " emptied";
    }
}

TEST(ANotification, IsRefusedWithAnyOneByteChanged) {
    const auto body = form(well_signed(payment_fields()));
    for (std::size_t i = 0; i < body.size(); ++i) {
        auto changed = body;
        changed[i] = changed[i] == '1' ? '2' : '1';
        EXPECT_NE(verdict(told(channel(), changed)), "accepted") << "byte " << i;
    }
}

TEST(ANotification, IsRefusedWithAFieldAdded) {
    auto fields = well_signed(payment_fields());
    fields["reqReserved"] = "x";
    EXPECT_EQ(verdict(told(channel(), form(fields))), "401 signature_wrong");
    fields.erase("reqReserved");
    // An empty one adds nothing to what is said, and kits differ on whether it is signed.
    fields["reqReserved"] = "";
    EXPECT_EQ(verdict(told(channel(), form(fields))), "accepted");
}

TEST(EmptyFields, MayBeSignedOrNot) {
    auto fields = payment_fields();
    fields["reqReserved"] = "";
    EXPECT_EQ(verdict(told(channel(), form(signed_by(World::the().signer, fields, EmptyValues::kept)))), "accepted");
    EXPECT_EQ(verdict(told(channel(), form(signed_by(World::the().signer, fields, EmptyValues::dropped)))), "accepted");
}

struct Change {
    const char* name;
    std::function<Fields()> fields;
    const char* verdict;
};

class NotificationIsRefused : public testing::TestWithParam<Change> {};

TEST_P(NotificationIsRefused, WithTheReason) {
    EXPECT_EQ(verdict(told(channel(), form(GetParam().fields()))), GetParam().verdict);
}

// Signed again after the change: what is refused here is not a broken signature.
Fields with(const char* name, const char* value) {
    auto fields = payment_fields();
    fields[name] = value;
    return well_signed(fields);
}

Fields by_name(const char* common_name) { return signed_by(hold(common_name, &World::the().middle), payment_fields()); }

Fields signature_replaced(const std::string& signature) {
    auto fields = well_signed(payment_fields());
    fields["signature"] = signature;
    return fields;
}

// The attacker's own hierarchy, with every name as it should be.
Fields by_own_authority() {
    const auto root = hold("Test CS CA", nullptr, true);
    const auto middle = hold("Test OCA1", &root, true);
    return signed_by(hold(kGoodName, &middle), payment_fields());
}

Fields by_shared_key(const char* method, const std::string& key) {
    auto fields = payment_fields();
    fields["signMethod"] = method;
    fields["signature"] = core::crypto::sha256_hex(string_to_sign(fields) + "&" + core::crypto::sha256_hex(key));
    return fields;
}

// A good certificate beside somebody else's signature.
Fields by_other_key() {
    const auto other = hold(kGoodName, nullptr);
    auto fields = payment_fields();
    fields["signPubKeyCert"] = travelling_pem(World::the().signer.certificate);
    fields["signature"] = signature_by(other, string_to_sign(fields));
    return fields;
}

Fields with_certificate(const std::function<std::string(std::string)>& change) {
    auto fields = payment_fields();
    fields["signPubKeyCert"] = change(travelling_pem(World::the().signer.certificate));
    fields["signature"] = signature_by(World::the().signer, string_to_sign(fields));
    return fields;
}

INSTANTIATE_TEST_SUITE_P(
    , NotificationIsRefused,
    testing::Values(
        Change{"OtherVersion", [] { return with("version", "5.0.0"); }, "401 version_differs"},
        Change{"OtherEncoding", [] { return with("encoding", "GBK"); }, "401 encoding_differs"},
        Change{"OtherSignMethod", [] { return with("signMethod", "11"); }, "401 sign_method_differs"},
        Change{"SharedKeyThatNobodySet", [] { return by_shared_key("11", ""); }, "401 sign_method_differs"},
        Change{"SharedKeyUnderTheRightMethod", [] { return by_shared_key("01", ""); }, "401 certificate_missing"},
        Change{"OtherMerchant", [] { return with("merId", "777290058110098"); }, "400 merchant_differs"},
        Change{"OwnAuthority", [] { return by_own_authority(); }, "401 certificate_untrusted"},
        Change{"SelfSigned", [] { return signed_by(hold(kGoodName, nullptr), payment_fields()); },
               "401 certificate_untrusted"},
        Change{"UnderTheSigner", [] { return signed_by(hold(kGoodName, &World::the().signer), payment_fields()); },
               "401 certificate_untrusted"},
        Change{"MerchantOfTheSameAuthority", [] { return by_name("041@8310000000083040@某商户有限公司@00016495"); },
               "401 signer_name_differs"},
        Change{"TestName", [] { return by_name("041@Z12@00040000:SIGN@00000062"); }, "401 signer_name_differs"},
        Change{"NameAsPrefix", [] { return by_name("041@Z@中国银联股份有限公司上海分公司@1"); },
               "401 signer_name_differs"},
        Change{"OnePartMore", [] { return by_name("041@Z@中国银联股份有限公司@1@x"); }, "401 signer_name_differs"},
        Change{"OnePartLess", [] { return by_name("041@Z@中国银联股份有限公司"); }, "401 signer_name_differs"},
        Change{"NameInAnotherPart", [] { return by_name("041@中国银联股份有限公司@Z@1"); }, "401 signer_name_differs"},
        Change{"NameAlone", [] { return by_name("中国银联股份有限公司"); }, "401 signer_name_differs"},
        Change{"Expired",
               [] {
                   return signed_by(
                       hold(kGoodName, &World::the().middle, false, "2026-01-01T00:00:00Z", "2026-11-18T03:59:59Z"),
                       payment_fields());
               },
               "401 certificate_expired"},
        Change{"NotYetValid",
               [] {
                   return signed_by(
                       hold(kGoodName, &World::the().middle, false, "2026-11-18T04:00:01Z", "2026-12-01T00:00:00Z"),
                       payment_fields());
               },
               "401 certificate_not_yet_valid"},
        Change{"OtherKey", [] { return by_other_key(); }, "401 signature_wrong"},
        Change{"NoBase64", [] { return signature_replaced("!"); }, "401 signature_malformed"},
        Change{"ShortSignature", [] { return signature_replaced("AAAA"); }, "401 signature_wrong"},
        Change{"NoCertificate", [] { return with_certificate([](auto) { return "x"; }); }, "401 certificate_malformed"},
        Change{"TwoCertificates", [] { return with_certificate([](const auto& pem) { return pem + "\r\n" + pem; }); },
               "401 certificate_malformed"},
        Change{"HugeCertificate",
               [] { return with_certificate([](const auto& pem) { return pem + std::string(20'000, '\n'); }); },
               "401 certificate_malformed"}),
    [](const auto& row) { return std::string(row.param.name); });

struct Body {
    const char* name;
    std::string body;
    const char* verdict;
};

class BodyIsRefused : public testing::TestWithParam<Body> {};

TEST_P(BodyIsRefused, WithTheReason) { EXPECT_EQ(verdict(told(channel(), GetParam().body)), GetParam().verdict); }

INSTANTIATE_TEST_SUITE_P(
    , BodyIsRefused,
    testing::Values(Body{"Empty", "", "400 body_empty"}, Body{"NoUtf8", "version=%FF", "400 form_broken"},
                    Body{"RawNoUtf8", "version=\xFF", "400 form_broken"},
                    Body{"Json", "{\"version\":\"5.1.0\"}", "400 form_broken"},
                    Body{"CutInAnEscape", "version=5.1.0&respMsg=%E6%8", "400 form_broken"},
                    Body{"Repeated", form(well_signed(payment_fields())) + "&txnAmt=12345", "400 form_broken"},
                    Body{"OtherForm", "a=1&b=2", "401 version_differs"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ATruncatedNotification, IsNeverAccepted) {
    const auto body = form(well_signed(payment_fields()));
    for (std::size_t length = 0; length < body.size(); ++length) {
        EXPECT_NE(verdict(told(channel(), body.substr(0, length))), "accepted") << length;
    }
}

// The chain is checked when the message came, and a verdict that is remembered doesn't outlive the certificate.
TEST(ARememberedSigner, StillExpires) {
    const auto short_lived =
        hold(kGoodName, &World::the().middle, false, "2026-11-01T00:00:00Z", "2026-11-18T04:10:00Z");
    const auto body = form(signed_by(short_lived, payment_fields()));
    EXPECT_EQ(verdict(told(channel(), body, at("2026-11-18T04:09:59Z"))), "accepted");
    EXPECT_EQ(verdict(told(channel(), body, at("2026-11-18T04:10:01Z"))), "401 certificate_expired");
    EXPECT_EQ(verdict(told(channel(), body, at("2026-11-18T04:00:00Z"))), "accepted");
    EXPECT_EQ(verdict(told(channel(), body, at("2026-10-31T23:59:59Z"))), "401 certificate_not_yet_valid");
}

TEST(SignerTrust, KeepsItsVerdictsBoundedAndRight) {
    const SignerTrust trust({World::the().root.certificate}, {World::the().middle.certificate}, "中国银联股份有限公司");
    const auto good = travelling_pem(World::the().signer.certificate);
    for (int i = 0; i < 20; ++i) {
        // The same certificate under other texts: each is a verdict of its own.
        EXPECT_TRUE(trust.key_for(good + std::string(static_cast<std::size_t>(i), '\n'), kNow));
        EXPECT_TRUE(trust.key_for(good, kNow));
    }
}

TEST(ARetiredCertificate, SignsNoMoreWhileItsSuccessorDoes) {
    const auto successor = hold(kGoodName, &World::the().middle);
    const auto old_message = form(well_signed(payment_fields()));
    const auto new_message = form(signed_by(successor, payment_fields()));
    for (const auto& body : {old_message, new_message}) {
        EXPECT_EQ(verdict(told(channel(), body)), "accepted") << "while both are good";
    }
    auto changed = options();
    changed.retired_certificates = {"1", World::the().signer.certificate.serial_decimal()};
    const auto made = make_channel(std::move(changed), context());
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(verdict(told(*made, old_message)), "401 certificate_retired");
        EXPECT_EQ(verdict(told(*made, new_message)), "accepted");
    }
}

TEST(OneOfSeveralRoots, IsEnough) {
    auto several = options();
    several.roots.insert(several.roots.begin(), hold("Other CS CA", nullptr, true).certificate);
    EXPECT_EQ(verdict(told(*make_channel(std::move(several), context()), form(well_signed(payment_fields())))),
              "accepted");
}

TEST(WithoutTheIntermediate, NobodyIsTrusted) {
    auto bare = options();
    bare.intermediates.clear();
    EXPECT_EQ(verdict(told(*make_channel(std::move(bare), context()), form(well_signed(payment_fields())))),
              "401 certificate_untrusted");
}

TEST(TheTestEnvironmentsName, IsAcceptedOnlyWhereItIsConfigured) {
    auto sandbox = options();
    sandbox.signer_common_name = "00040000:SIGN";
    const auto made = make_channel(std::move(sandbox), context());
    EXPECT_EQ(verdict(told(*made, form(by_name("041@Z12@00040000:SIGN@00000062")))), "accepted");
    EXPECT_EQ(verdict(told(*made, form(well_signed(payment_fields())))), "401 signer_name_differs");
}

Options keyed(SignMethod method, const char* key) {
    Options made;
    made.merchant_id = kMerchant;
    made.sign_method = method;
    made.secure_key = core::KeyBytes(key);
    return made;
}

TEST(ASharedKey, SignsBySha256) {
    const auto made = make_channel(keyed(SignMethod::sha256_key, "88888888"), context());
    EXPECT_EQ(verdict(told(*made, form(by_shared_key("11", "88888888")))), "accepted");
    EXPECT_EQ(verdict(told(*made, form(by_shared_key("11", "88888889")))), "401 signature_wrong");
    EXPECT_EQ(verdict(told(*made, form(well_signed(payment_fields())))), "401 sign_method_differs");
    auto unsigned_fields = by_shared_key("11", "88888888");
    unsigned_fields.erase("signature");
    EXPECT_EQ(verdict(told(*made, form(unsigned_fields))), "401 signature_missing");
}

TEST(ASharedKey, SignsBySm3) {
    auto fields = payment_fields();
    fields["signMethod"] = "12";
    fields["signature"] = core::crypto::sm3_hex(string_to_sign(fields) + "&" + core::crypto::sm3_hex("88888888"));
    const auto made = make_channel(keyed(SignMethod::sm3_key, "88888888"), context());
    EXPECT_EQ(verdict(told(*made, form(fields))), "accepted");
    EXPECT_EQ(verdict(told(*made, form(by_shared_key("12", "88888888")))), "401 signature_wrong");
}

TEST(Version500, PicksItsCertificateBySerialNumber) {
    Options legacy;
    legacy.merchant_id = kMerchant;
    legacy.version = Version::v5_0_0;
    legacy.verify_certificates.push_back(World::the().signer.certificate);
    const auto made = make_channel(std::move(legacy), context());
    auto fields = payment_fields();
    fields["version"] = "5.0.0";
    fields["signature"] = "AAAA";
    EXPECT_EQ(verdict(told(*made, form(fields))), "401 key_unknown");
    fields["certId"] = "12345";
    EXPECT_EQ(verdict(told(*made, form(fields))), "401 key_unknown");
    fields["certId"] = World::the().signer.certificate.serial_decimal();
    EXPECT_EQ(verdict(told(*made, form(fields))), "401 signature_wrong");
    // 5.1.0's own digest is no signature of 5.0.0.
    fields["signature"] = signature_by(World::the().signer, string_to_sign(fields));
    EXPECT_EQ(verdict(told(*made, form(fields))), "401 signature_wrong");
    fields["signature"] = core::crypto::base64_encode(
        World::the().signer.key.sign_rsa_sha1(core::crypto::sha1_hex(string_to_sign(fields))));
    EXPECT_EQ(verdict(told(*made, form(fields))), "accepted");
    EXPECT_EQ(verdict(told(*made, form(fields), at("2027-06-01T00:00:00Z"))), "401 certificate_expired");
    EXPECT_EQ(verdict(told(channel(), form(fields))), "401 version_differs");
}

}  // namespace
}  // namespace payments::unionpay::test
