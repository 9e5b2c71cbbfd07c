// Wrapped keys and streams of chunks: what was changed doesn't open.
#include "core/crypto/envelope.h"

#include <gtest/gtest.h>

#include "core/crypto/encoding.h"
#include "core/failure.h"

namespace core::crypto {
namespace {

KeyBytes key_of(char byte) { return KeyBytes(std::string(kEnvelopeKeyBytes, byte)); }

TEST(WrappedKey, OpensUnderItsKeyAsWhatItIs) {
    const auto key = random_key();
    const auto wrapped = wrap_key(key_of('a'), "key 1", key);

    const auto opened = unwrap_key(key_of('a'), "key 1", wrapped);

    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), key.reveal());
    EXPECT_EQ(wrapped.find(key.reveal()), std::string::npos);
    EXPECT_FALSE(unwrap_key(key_of('b'), "key 1", wrapped));
    EXPECT_FALSE(unwrap_key(key_of('a'), "key 2", wrapped));
    EXPECT_NE(wrap_key(key_of('a'), "key 1", key), wrapped) << "a nonce is used once";
}

TEST(WrappedKey, DoesNotOpenWithAnyByteChangedOrCutOff) {
    const auto wrapped = wrap_key(key_of('a'), "", random_key());
    for (std::size_t at = 0; at < wrapped.size(); ++at) {
        auto changed = wrapped;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_FALSE(unwrap_key(key_of('a'), "", changed)) << at;
        EXPECT_FALSE(unwrap_key(key_of('a'), "", wrapped.substr(0, at))) << at;
    }
}

// draft-irtf-cfrg-xchacha-03, A.3.1: the same bytes, with the nonce in front, open here.
TEST(WrappedKey, IsXChaCha20Poly1305) {
    const auto bytes = [](const char* hex) { return hex_decode(hex).value(); };
    const auto plain = std::string(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would "
        "be it.");
    const auto wrapped = bytes("404142434445464748494a4b4c4d4e4f5051525354555657") +
                         bytes(
                             "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f"
                             "4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f"
                             "76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49");
    const auto opened = unwrap_key(KeyBytes(bytes("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f")),
                                   bytes("50515253c0c1c2c3c4c5c6c7"), wrapped);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), plain);
}

TEST(KeyCheckValue, TellsKeysApartAndNoMore) {
    EXPECT_EQ(key_check_value(key_of('a')), key_check_value(key_of('a')));
    EXPECT_NE(key_check_value(key_of('a')), key_check_value(key_of('b')));
    EXPECT_EQ(key_check_value(key_of('a')).size(), 16U);
}

TEST(Shares, MakeTheKeyTogetherAndNeitherAlone) {
    const auto key = random_key();
    const auto one = random_key();
    const auto other = combined(key, one);
    EXPECT_EQ(combined(one, other).reveal(), key.reveal());
    EXPECT_EQ(combined(other, one).reveal(), key.reveal());
    EXPECT_NE(other.reveal(), key.reveal());
    EXPECT_THROW((void)combined(one, KeyBytes("short")), BrokenRule);
}

class Chunks : public testing::Test {
protected:
    std::optional<std::string> open(const std::vector<std::string>& sealed, std::string_view identity = "file") const {
        ChunkOpener opener(key_, header_);
        std::string all;
        for (const auto& one : sealed) {
            const auto chunk = opener.open(one, identity);
            if (!chunk) {
                return std::nullopt;
            }
            all += chunk->bytes + (chunk->last ? "|" : "");
        }
        return all;
    }

    KeyBytes key_ = random_key();
    ChunkSealer sealer_{key_};
    std::string header_ = sealer_.header();
    std::vector<std::string> sealed_ = {sealer_.seal("first", "file", false), sealer_.seal("", "file", false),
                                        sealer_.seal("last", "file", true)};
};

TEST_F(Chunks, OpenInOrderUpToTheLast) { EXPECT_EQ(open(sealed_), "firstlast|"); }

TEST_F(Chunks, DoNotOpenInAnotherOrderTwiceOrWithOneLeftOut) {
    EXPECT_FALSE(open({sealed_[1], sealed_[0], sealed_[2]}));
    EXPECT_FALSE(open({sealed_[0], sealed_[0]}));
    EXPECT_FALSE(open({sealed_[0], sealed_[2]}));
    EXPECT_FALSE(open({sealed_[0], sealed_[1], sealed_[2], sealed_[2]}));
}

TEST_F(Chunks, SayThatTheEndIsCutOff) { EXPECT_EQ(open({sealed_[0], sealed_[1]}), "first") << "nothing was the last"; }

TEST_F(Chunks, AreOfTheirFileAndKeyAlone) {
    EXPECT_FALSE(open(sealed_, "another file"));
    key_ = random_key();
    EXPECT_FALSE(open(sealed_));
}

TEST_F(Chunks, DoNotOpenWhenCutOrAfterAWrongHeader) {
    EXPECT_FALSE(open({sealed_[0].substr(1)}));
    EXPECT_FALSE(open({""}));
    header_.pop_back();
    EXPECT_FALSE(open(sealed_));
}

TEST_F(Chunks, HaveNothingBehindTheLast) { EXPECT_THROW((void)sealer_.seal("more", "file", false), BrokenRule); }

}  // namespace
}  // namespace core::crypto
