#include "core/crypto/digest.h"

#include <gtest/gtest.h>

#include "core/crypto/encoding.h"
#include "core/failure.h"

namespace core::crypto {
namespace {

std::string hex_of(const Sha256& digest) {
    return hex_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string repeated(const char* hex, int times) {
    std::string bytes;
    for (int i = 0; i < times; ++i) {
        bytes += *hex_decode(hex);
    }
    return bytes;
}

constexpr std::string_view kTwoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

TEST(Sha256Gives, ThePublishedDigests) {  // FIPS 180-4, examples
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex(kTwoBlocks), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex({}), sha256_hex(""));
    EXPECT_EQ(hex_of(sha256("abc")), sha256_hex("abc"));
}

TEST(Sha1Gives, ThePublishedDigests) {  // FIPS 180-4, examples
    EXPECT_EQ(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(sha1_hex(kTwoBlocks), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

TEST(Sm3Gives, ThePublishedDigests) {  // GB/T 32905-2016, appendix A
    EXPECT_EQ(sm3_hex("abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    EXPECT_EQ(sm3_hex(repeated("61626364", 16)), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
    EXPECT_EQ(hex_encode(sm3("abc")), sm3_hex("abc"));
}

struct MacCase {
    const char* name;
    std::string key;
    std::string message;
    const char* code;
};

class HmacGives : public testing::TestWithParam<MacCase> {};

TEST_P(HmacGives, ThePublishedCode) {
    EXPECT_EQ(hex_of(hmac_sha256(GetParam().key, GetParam().message)), GetParam().code);
}

std::string counted_key() {
    std::string key;
    for (char c = 1; c <= 25; ++c) {
        key += c;
    }
    return key;
}

INSTANTIATE_TEST_SUITE_P(Rfc4231, HmacGives,
                         testing::Values(MacCase{"Case1", repeated("0b", 20), "Hi There",
                                                 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
                                         MacCase{"Case2", "Jefe", "what do ya want for nothing?",
                                                 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
                                         MacCase{"Case3", repeated("aa", 20), repeated("dd", 50),
                                                 "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
                                         MacCase{"Case4", counted_key(), repeated("cd", 50),
                                                 "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
                                         // Longer than a block of the digest, so that the key is hashed first.
                                         MacCase{"Case6", repeated("aa", 131),
                                                 "Test Using Larger Than Block-Size Key - Hash Key First",
                                                 "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(HmacRefuses, AnEmptyKey) { EXPECT_THROW(hmac_sha256("", "message"), BrokenRule); }

TEST(Sha256StreamGives, WhatOneCallGivesHoweverItIsCut) {
    const std::string text = repeated("0123456789abcdef", 1000);
    for (const std::size_t step : {1U, 63U, 64U, 65U, 8000U}) {
        Sha256Stream stream;
        for (std::size_t at = 0; at < text.size(); at += step) {
            stream.add(std::string_view(text).substr(at, step));
        }
        EXPECT_EQ(stream.finish_hex(), sha256_hex(text)) << step;
    }
}

TEST(Sha256StreamGives, TheDigestOfNothingAndThenStartsAnew) {
    Sha256Stream stream;
    stream.add({});
    EXPECT_EQ(stream.finish_hex(), sha256_hex(""));
    stream.add("abc");
    EXPECT_EQ(stream.finish_hex(), sha256_hex("abc"));
}

TEST(EqualInConstantTime, ComparesEveryByteAndTheLength) {
    const std::string text(33, 'a');
    EXPECT_TRUE(equal_in_constant_time(text, std::string(text)));
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string other = text;
        other[at] = 'b';
        EXPECT_FALSE(equal_in_constant_time(text, other)) << at;
    }
    EXPECT_FALSE(equal_in_constant_time(text, text.substr(1)));
    EXPECT_FALSE(equal_in_constant_time(text, text + '\0'));
    EXPECT_FALSE(equal_in_constant_time("", "a"));
    EXPECT_TRUE(equal_in_constant_time("", {}));
}

}  // namespace
}  // namespace core::crypto
