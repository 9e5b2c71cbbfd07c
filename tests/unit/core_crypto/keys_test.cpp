#include "core/crypto/keys.h"

#include <gtest/gtest.h>

#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "odd_certificates.h"

namespace core::crypto {
namespace {

constexpr std::string_view kSignerId = "1234567812345678";
constexpr std::string_view kMessage = "1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n{\"id\":\"EV-1\"}\n";

// Made once: a key of 2048 bits takes a noticeable while.
const PrivateKey& rsa_key() {
    static const PrivateKey key = PrivateKey::generate_rsa();
    return key;
}

const PrivateKey& other_rsa_key() {
    static const PrivateKey key = PrivateKey::generate_rsa();
    return key;
}

std::string with_bit_flipped(std::string bytes, std::size_t bit) {
    bytes[bit / 8] = static_cast<char>(static_cast<unsigned char>(bytes[bit / 8]) ^ (1U << (bit % 8)));
    return bytes;
}

TEST(RsaSignature, HoldsForItsMessageKeyAndDigestAlone) {
    const PublicKey key = rsa_key().public_key();
    const std::string signature = rsa_key().sign_rsa_sha256(kMessage);

    EXPECT_EQ(signature.size(), 256U);
    EXPECT_TRUE(key.verifies_rsa_sha256(kMessage, signature));
    EXPECT_FALSE(key.verifies_rsa_sha1(kMessage, signature));
    EXPECT_FALSE(key.verifies_sm2_sm3(kMessage, signature, kSignerId));
    EXPECT_FALSE(other_rsa_key().public_key().verifies_rsa_sha256(kMessage, signature));
    EXPECT_FALSE(key.verifies_rsa_sha256("", signature));
    EXPECT_TRUE(key.verifies_rsa_sha256("", rsa_key().sign_rsa_sha256("")));
}

TEST(RsaSignature, WithSha1HoldsForSha1Alone) {
    const PublicKey key = rsa_key().public_key();
    const std::string signature = rsa_key().sign_rsa_sha1(kMessage);

    EXPECT_TRUE(key.verifies_rsa_sha1(kMessage, signature));
    EXPECT_FALSE(key.verifies_rsa_sha256(kMessage, signature));
}

TEST(RsaSignature, IsRefusedWithAnyByteChanged) {
    const PublicKey key = rsa_key().public_key();
    const std::string signature = rsa_key().sign_rsa_sha256(kMessage);
    for (std::size_t byte = 0; byte < signature.size(); ++byte) {
        EXPECT_FALSE(key.verifies_rsa_sha256(kMessage, with_bit_flipped(signature, byte * 8 + byte % 8))) << byte;
    }
    for (std::size_t byte = 0; byte < kMessage.size(); ++byte) {
        EXPECT_FALSE(key.verifies_rsa_sha256(with_bit_flipped(std::string(kMessage), byte * 8), signature)) << byte;
    }
}

TEST(RsaSignature, IsRefusedAtAnyOtherLength) {
    const PublicKey key = rsa_key().public_key();
    const std::string signature = rsa_key().sign_rsa_sha256(kMessage);
    EXPECT_FALSE(key.verifies_rsa_sha256(kMessage, {}));
    EXPECT_FALSE(key.verifies_rsa_sha256(kMessage, signature.substr(1)));
    EXPECT_FALSE(key.verifies_rsa_sha256(kMessage, signature.substr(0, 255)));
    EXPECT_FALSE(key.verifies_rsa_sha256(kMessage, signature + '\0'));
    EXPECT_FALSE(key.verifies_rsa_sha256(kMessage, std::string(256, '\0')));
    EXPECT_FALSE(key.verifies_rsa_sha256(kMessage, std::string(256, '\xff')));
}

TEST(PublicKeyPem, GoesBothWays) {
    const PublicKey key = rsa_key().public_key();
    const auto read = PublicKey::from_pem("\n " + key.to_pem() + "\r\n\t");

    ASSERT_TRUE(read);
    EXPECT_TRUE(read->is_rsa());
    EXPECT_FALSE(read->is_sm2());
    EXPECT_EQ(read->to_pem(), key.to_pem());
    EXPECT_TRUE(read->verifies_rsa_sha256(kMessage, rsa_key().sign_rsa_sha256(kMessage)));
}

std::string with_crlf(const std::string& pem) {
    std::string text;
    for (const char c : pem) {
        text += c == '\n' ? "\r\n" : std::string(1, c);
    }
    return text;
}

TEST(PublicKeyPem, MayHaveCrLfOrNoLastLineEnd) {
    const std::string pem = rsa_key().public_key().to_pem();
    EXPECT_TRUE(PublicKey::from_pem(with_crlf(pem)));
    EXPECT_TRUE(PublicKey::from_pem(pem.substr(0, pem.size() - 1)));
}

TEST(PublicKeyPem, IsRefusedWhenItIsNotExactlyOneKey) {
    const std::string pem = rsa_key().public_key().to_pem();
    const std::string body = pem.substr(pem.find('\n') + 1);
    for (const std::string& text :
         {std::string(), std::string("\n"), std::string("key"), pem + pem, "x" + pem, pem + "x", pem.substr(1),
          pem.substr(0, pem.size() - 2), "-----BEGIN PUBLIC KEY-----" + body, "-----BEGIN CERTIFICATE-----\n" + body,
          "-----BEGIN PUBLIC KEX-----\n" + body, std::string("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"),
          std::string("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
          std::string("-----BEGIN PUBLIC KEY-----"), std::string(odd::kRoot), pem + std::string(70'000, ' ')}) {
        EXPECT_FALSE(PublicKey::from_pem(text)) << text.substr(0, 80);
    }
    EXPECT_FALSE(PublicKey::from_pem(rsa_key().to_pem().reveal()));
}

TEST(PublicKeyPem, IsRefusedWithBytesAfterTheKey) {
    const std::string pem = rsa_key().public_key().to_pem();
    const std::size_t begin = pem.find('\n') + 1;
    std::string body = pem.substr(begin, pem.rfind("-----END") - begin);
    std::erase(body, '\n');
    const std::string longer = base64_encode(base64_decode(body).value() + '\0');
    EXPECT_FALSE(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\n" + longer + "\n-----END PUBLIC KEY-----\n"));
}

TEST(PublicKeyPem, IsRefusedForWeakAndForeignKeys) {
    EXPECT_FALSE(PublicKey::from_pem(odd::kSmallRsaKey));
    EXPECT_FALSE(PublicKey::from_pem(odd::kOtherCurveKey));
    EXPECT_FALSE(PublicKey::from_pem(odd::kExponentOneKey));
    EXPECT_FALSE(PublicKey::from_pem(odd::kExponentEvenKey));
}

TEST(PrivateKeyPem, GoesBothWays) {
    const auto read = PrivateKey::from_pem(rsa_key().to_pem().reveal());

    ASSERT_TRUE(read);
    EXPECT_EQ(read->public_key().to_pem(), rsa_key().public_key().to_pem());
    // PKCS#1 v1.5 is deterministic.
    EXPECT_EQ(read->sign_rsa_sha256(kMessage), rsa_key().sign_rsa_sha256(kMessage));
}

TEST(PrivateKeyPem, IsRefusedWhenItIsNotExactlyOneKey) {
    const std::string pem(rsa_key().to_pem().reveal());
    EXPECT_FALSE(PrivateKey::from_pem(""));
    EXPECT_FALSE(PrivateKey::from_pem(pem + pem));
    EXPECT_FALSE(PrivateKey::from_pem("x" + pem));
    EXPECT_FALSE(PrivateKey::from_pem(pem.substr(0, pem.size() / 2)));
    EXPECT_FALSE(PrivateKey::from_pem(rsa_key().public_key().to_pem()));
}

TEST(GeneratedRsaKey, IsNeverBelow2048Bits) { EXPECT_THROW(PrivateKey::generate_rsa(1024), BrokenRule); }

// GB/T 32918.5-2017, appendix A.2: the recommended curve's own example.
TEST(Sm2Signature, HoldsAsPublished) {
    const std::string point =
        "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
    const std::string key_info = hex_decode("3059301306072a8648ce3d020106082a811ccf5501822d03420004" + point).value();
    const auto key =
        PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\n" + base64_encode(key_info) + "\n-----END PUBLIC KEY-----\n");
    ASSERT_TRUE(key);
    EXPECT_TRUE(key->is_sm2());
    EXPECT_FALSE(key->is_rsa());

    const std::string signature = hex_decode(
                                      "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
                                      "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa")
                                      .value();
    EXPECT_TRUE(key->verifies_sm2_sm3("message digest", signature, kSignerId));
    EXPECT_FALSE(key->verifies_sm2_sm3("message digest.", signature, kSignerId));
    EXPECT_FALSE(key->verifies_sm2_sm3("message digest", signature, "1234567812345679"));
    EXPECT_FALSE(key->verifies_sm2_sm3("message digest", signature, ""));
    EXPECT_FALSE(key->verifies_sm2_sm3("message digest", {}, kSignerId));
    EXPECT_FALSE(key->verifies_sm2_sm3("message digest", signature + '\0', kSignerId));
    EXPECT_FALSE(key->verifies_rsa_sha256("message digest", signature));
    for (std::size_t byte = 0; byte < signature.size(); ++byte) {
        EXPECT_FALSE(key->verifies_sm2_sm3("message digest", with_bit_flipped(signature, byte * 8), kSignerId)) << byte;
    }
}

TEST(Sm2Signature, GoesBothWays) {
    const PrivateKey key = PrivateKey::generate_sm2();
    const auto read = PrivateKey::from_pem(key.to_pem().reveal());
    ASSERT_TRUE(read);
    const std::string signature = read->sign_sm2_sm3(kMessage, kSignerId);

    EXPECT_TRUE(key.public_key().verifies_sm2_sm3(kMessage, signature, kSignerId));
    EXPECT_FALSE(PrivateKey::generate_sm2().public_key().verifies_sm2_sm3(kMessage, signature, kSignerId));
}

TEST(Signing, WithTheWrongKindOfKeyBreaksARule) {
    EXPECT_THROW(PrivateKey::generate_sm2().sign_rsa_sha256(kMessage), BrokenRule);
    EXPECT_THROW(rsa_key().sign_sm2_sm3(kMessage, kSignerId), BrokenRule);
}

}  // namespace
}  // namespace core::crypto
