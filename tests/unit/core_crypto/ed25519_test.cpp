// Ed25519 against RFC 8032, section 7.1.
#include "core/crypto/ed25519.h"

#include <gtest/gtest.h>

#include "core/crypto/encoding.h"
#include "core/failure.h"

namespace core::crypto {
namespace {

const std::string kSeed = *hex_decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
const std::string kPublic = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const std::string kSignature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
    "387b2eaeb4302aeeb00d291612bb0c00";

TEST(Ed25519, SignsAsTheRfcSays) {
    const Ed25519Key key{KeyBytes(std::string(kSeed))};
    EXPECT_EQ(hex_encode(key.public_key()), kPublic);
    EXPECT_EQ(hex_encode(key.sign("\x72")), kSignature);
}

TEST(Ed25519, KnowsASignatureFromAnother) {
    const auto key = *hex_decode(kPublic);
    auto signature = *hex_decode(kSignature);
    EXPECT_TRUE(verifies_ed25519(key, "\x72", signature));
    EXPECT_FALSE(verifies_ed25519(key, "\x73", signature));
    EXPECT_FALSE(verifies_ed25519(key, "\x72", signature.substr(1)));
    EXPECT_FALSE(verifies_ed25519(key.substr(1), "\x72", signature));
    signature[0] = static_cast<char>(signature[0] ^ 1);
    EXPECT_FALSE(verifies_ed25519(key, "\x72", signature));
}

TEST(Ed25519, IsMadeOf32BytesAndNoFewer) { EXPECT_THROW(Ed25519Key{KeyBytes(std::string(31, 'x'))}, BrokenRule); }

}  // namespace
}  // namespace core::crypto
