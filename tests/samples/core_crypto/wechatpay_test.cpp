#include "core/crypto/aead.h"
#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "samples.h"

namespace core::crypto {
namespace {

constexpr std::string_view kSignerId = "1234567812345678";
// Published with the samples (specs: wechatpay, samples).
constexpr std::string_view kApiV3Key = "AES256Key-32Characters1234567890";

class WechatPaySamples : public Samples {};

TEST_F(WechatPaySamples, VerifyAnSm2Signature) {
    const json::Value vectors = json_of("wechatpay/sm_vectors.json");
    const json::Value& sm2 = *vectors.find("sm2");
    const Certificate signer = certificate("wechatpay/sm2_test_cert.pem");
    const std::string signature = base64_decode(member(sm2, "signature_base64")).value();
    const std::string message = member(sm2, "message_utf8");
    const PublicKey key = signer.public_key();

    EXPECT_EQ(signer.serial_hex(), member(sm2, "serial_no"));
    EXPECT_EQ(signer.subject_common_name(), "2483281761");
    EXPECT_TRUE(key.is_sm2());
    EXPECT_TRUE(key.verifies_sm2_sm3(message, signature, kSignerId));
    EXPECT_FALSE(key.verifies_sm2_sm3(message, signature, ""));
    EXPECT_FALSE(key.verifies_sm2_sm3(message + " ", signature, kSignerId));
    EXPECT_EQ(PublicKey::from_pem(key.to_pem()).value().to_pem(), key.to_pem());
}

TEST_F(WechatPaySamples, OpenAnSm4SealedText) {
    const json::Value vectors = json_of("wechatpay/sm_vectors.json");
    const json::Value& sm4 = *vectors.find("sm4_gcm");
    const std::string key = sm3(member(sm4, "api_v3_key")).substr(0, 16);
    const std::string sealed = base64_decode(member(sm4, "ciphertext_base64")).value();
    const auto open = [&](std::string_view associated_data) {
        return sm4_gcm_open(key, member(sm4, "nonce"), associated_data, sealed);
    };

    EXPECT_EQ(open(member(sm4, "associated_data")), member(sm4, "plaintext_utf8"));
    EXPECT_EQ(open("other"), std::nullopt);
    EXPECT_EQ(sm4_gcm_seal(key, member(sm4, "nonce"), member(sm4, "associated_data"), member(sm4, "plaintext_utf8")),
              sealed);
}

TEST_F(WechatPaySamples, VerifyASignedRequest) {
    const json::Value vector = json_of("wechatpay/request_signing.vector.json");
    const std::string authorization = member(vector, "authorization");
    const std::string before = "signature=\"";
    const std::size_t begin = authorization.find(before) + before.size();
    const std::string signature =
        base64_decode(authorization.substr(begin, authorization.find('"', begin) - begin)).value();
    const std::string message = member(vector, "string_to_sign");
    const PublicKey from_certificate = certificate("wechatpay/test_platform_cert.pem").public_key();
    const PublicKey bare = PublicKey::from_pem(text("wechatpay/test_platform_public_key.pem")).value();

    EXPECT_TRUE(from_certificate.verifies_rsa_sha256(message, signature));
    EXPECT_TRUE(bare.verifies_rsa_sha256(message, signature));
    EXPECT_FALSE(bare.verifies_rsa_sha1(message, signature));
    EXPECT_FALSE(bare.verifies_rsa_sha256(message + "\n", signature));
    EXPECT_EQ(bare.to_pem(), from_certificate.to_pem());
}

TEST_F(WechatPaySamples, OpenADownloadedCertificate) {
    const json::Value response = json_of("wechatpay/certificates_download.response.json");
    const json::Value& sealed = *response.find("data")->items().front().find("encrypt_certificate");
    const std::string cipher_text = base64_decode(member(sealed, "ciphertext")).value();
    const auto opened =
        aes_256_gcm_open(kApiV3Key, member(sealed, "nonce"), member(sealed, "associated_data"), cipher_text);

    ASSERT_TRUE(opened);
    const auto downloaded = Certificate::from_pem(*opened);
    ASSERT_TRUE(downloaded);
    EXPECT_EQ(downloaded->serial_hex(), "9AD59953ADF1BABB");
    EXPECT_EQ(downloaded->to_pem(), certificate("wechatpay/certificates_download.decrypted_cert.pem").to_pem());
    EXPECT_EQ(aes_256_gcm_open(kApiV3Key, member(sealed, "nonce"), "", cipher_text), std::nullopt);
}

// Signature over the raw body, then its sealed resource: the two steps every callback takes.
TEST_F(WechatPaySamples, VerifyAndOpenACallback) {
    const PublicKey key = certificate("wechatpay/test_platform_cert.pem").public_key();
    for (const std::string name : {"notify_transaction_success", "notify_refund_success"}) {
        const json::Value headers = json_of("wechatpay/" + name + ".headers.json");
        const std::string body = text("wechatpay/" + name + ".body.json");
        const std::string message =
            member(headers, "Wechatpay-Timestamp") + "\n" + member(headers, "Wechatpay-Nonce") + "\n" + body + "\n";
        const std::string signature = base64_decode(member(headers, "Wechatpay-Signature")).value();
        EXPECT_TRUE(key.verifies_rsa_sha256(message, signature)) << name;
        EXPECT_FALSE(key.verifies_rsa_sha256(message + "\n", signature)) << name;

        const json::Value callback = *json::parse(body);
        const json::Value& resource = *callback.find("resource");
        EXPECT_EQ(aes_256_gcm_open(kApiV3Key, member(resource, "nonce"), member(resource, "associated_data"),
                                   base64_decode(member(resource, "ciphertext")).value()),
                  text("wechatpay/" + name + ".plaintext.json"))
            << name;
    }
}

}  // namespace
}  // namespace core::crypto
