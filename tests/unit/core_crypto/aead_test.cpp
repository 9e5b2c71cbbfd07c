#include "core/crypto/aead.h"

#include <gtest/gtest.h>

#include "core/crypto/encoding.h"
#include "core/crypto/impl/ghash.h"
#include "core/crypto/random.h"
#include "core/failure.h"

namespace core::crypto {
namespace {

std::string bytes(std::string_view hex) { return hex_decode(hex).value(); }

using Open = std::optional<std::string> (*)(std::string_view, std::string_view, std::string_view, std::string_view);
using Seal = std::string (*)(std::string_view, std::string_view, std::string_view, std::string_view);

struct Vector {
    const char* name;
    Open open;
    Seal seal;
    std::string key;
    std::string nonce;
    std::string associated_data;
    std::string plain;
    std::string sealed;
};

const std::string kGcmSpecKey = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
const std::string kGcmSpecText =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba"
    "637"
    "b39";

std::vector<Vector> vectors() {
    return {
        // The GCM specification of McGrew and Viega, test cases 13, 14 and 16.
        {"Aes13", aes_256_gcm_open, aes_256_gcm_seal, std::string(32, '\0'), std::string(12, '\0'), "", "",
         bytes("530f8afbc74536b9a963b4f1c4cb738b")},
        {"Aes14", aes_256_gcm_open, aes_256_gcm_seal, std::string(32, '\0'), std::string(12, '\0'), "",
         std::string(16, '\0'), bytes("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")},
        {"Aes16", aes_256_gcm_open, aes_256_gcm_seal, bytes(kGcmSpecKey), bytes("cafebabefacedbaddecaf888"),
         bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"), bytes(kGcmSpecText),
         bytes("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6"
               "393b"
               "a7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b")},
        // RFC 8998, appendix A.1.
        {"Sm4", sm4_gcm_open, sm4_gcm_seal, bytes("0123456789abcdeffedcba9876543210"),
         bytes("00001234567800000000abcd"), bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
         bytes("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeee"
               "eeeee"
               "eeeeaaaaaaaaaaaaaaaa"),
         bytes("17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834c"
               "bcf98"
               "c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec")},
    };
}

class AeadVector : public testing::TestWithParam<Vector> {
protected:
    static std::optional<std::string> open(std::string_view key, std::string_view nonce,
                                           std::string_view associated_data, std::string_view sealed) {
        return GetParam().open(key, nonce, associated_data, sealed);
    }
};

TEST_P(AeadVector, SealsAndOpensAsPublished) {
    const Vector& v = GetParam();
    EXPECT_EQ(hex_encode(v.seal(v.key, v.nonce, v.associated_data, v.plain)), hex_encode(v.sealed));
    EXPECT_EQ(open(v.key, v.nonce, v.associated_data, v.sealed), v.plain);
}

TEST_P(AeadVector, IsRefusedWithAnyBitOfItChanged) {
    const Vector& v = GetParam();
    const auto refused_with = [&](std::string Vector::*part) {
        for (std::size_t bit = 0; bit < (v.*part).size() * 8; ++bit) {
            Vector changed = v;
            char& byte = (changed.*part)[bit / 8];
            byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << (bit % 8)));
            EXPECT_EQ(open(changed.key, changed.nonce, changed.associated_data, changed.sealed), std::nullopt) << bit;
        }
    };
    refused_with(&Vector::key);
    refused_with(&Vector::nonce);
    refused_with(&Vector::associated_data);
    refused_with(&Vector::sealed);
}

TEST_P(AeadVector, IsRefusedAtAnyOtherLength) {
    const Vector& v = GetParam();
    for (std::size_t length = 0; length < v.sealed.size(); ++length) {
        EXPECT_EQ(open(v.key, v.nonce, v.associated_data, v.sealed.substr(0, length)), std::nullopt) << length;
    }
    const std::string zero(1, '\0');
    EXPECT_EQ(open(v.key, v.nonce, v.associated_data, v.sealed + zero), std::nullopt);
    EXPECT_EQ(open(v.key, v.nonce, v.associated_data, zero + v.sealed), std::nullopt);
    EXPECT_EQ(open(v.key, v.nonce, v.associated_data + zero, v.sealed), std::nullopt);
    EXPECT_EQ(open(v.key, v.nonce + zero, v.associated_data, v.sealed), std::nullopt);
    EXPECT_EQ(open(v.key, v.nonce.substr(1), v.associated_data, v.sealed), std::nullopt);
    EXPECT_EQ(open(v.key + zero, v.nonce, v.associated_data, v.sealed), std::nullopt);
    EXPECT_EQ(open(v.key.substr(1), v.nonce, v.associated_data, v.sealed), std::nullopt);
    EXPECT_EQ(open({}, {}, {}, {}), std::nullopt);
}

TEST_P(AeadVector, GoesBothWaysAtEveryLength) {
    const Vector& v = GetParam();
    for (std::size_t length = 0; length < 70; ++length) {
        const std::string plain = random_bytes(length);
        const std::string associated_data = random_bytes(69 - length);
        const std::string sealed = v.seal(v.key, v.nonce, associated_data, plain);
        EXPECT_EQ(sealed.size(), plain.size() + 16);
        EXPECT_EQ(open(v.key, v.nonce, associated_data, sealed), plain);
    }
}

TEST_P(AeadVector, IsNotSealedWithAKeyOrNonceOfAnotherLength) {
    const Vector& v = GetParam();
    EXPECT_THROW(v.seal(v.key.substr(1), v.nonce, "", "text"), BrokenRule);
    EXPECT_THROW(v.seal(v.key, v.nonce.substr(1), "", "text"), BrokenRule);
}

INSTANTIATE_TEST_SUITE_P(Published, AeadVector, testing::ValuesIn(vectors()),
                         [](const auto& row) { return std::string(row.param.name); });

// The intermediate values of test case 2 of the GCM specification: GHASH on its own, apart from any cipher.
TEST(Ghash, GivesThePublishedValue) {
    EXPECT_EQ(
        hex_encode(ghash(bytes("66e94bd4ef8a2c3b884cfa59ca342b2e"), "", bytes("0388dace60b6a392f328c2b971b2fe78"))),
        "f38cbb1ad69223dcc3457ae5b6b0f885");
}

// Two ways to split the same bytes between associated data and ciphertext must not share a tag.
TEST(Ghash, TellsAssociatedDataFromCiphertext) {
    const std::string key = bytes("66e94bd4ef8a2c3b884cfa59ca342b2e");
    const std::string block(16, 'x');
    EXPECT_NE(ghash(key, block, ""), ghash(key, "", block));
    EXPECT_NE(ghash(key, "", block + '\0'), ghash(key, "", block));
}

}  // namespace
}  // namespace core::crypto
