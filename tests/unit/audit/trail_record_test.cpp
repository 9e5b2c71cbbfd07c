#include "audit/trail_record.h"

#include <gtest/gtest.h>

#include <array>

#include "audit/trail_key.h"
#include "core/crypto/encoding.h"
#include "core/failure.h"

namespace audit {
namespace {

using namespace std::chrono_literals;

TrailRecord issued_key() {
    return {"acme",     7,           core::Instant(1'763'450'000'123ms),
            "ops@acme", "key.issue", "10.0.0.8",
            "key 3",    "null",      R"({"role":"auditor"})",
            "done"};
}

constexpr std::array kTexts = {&TrailRecord::tenant, &TrailRecord::actor,  &TrailRecord::act,   &TrailRecord::origin,
                               &TrailRecord::object, &TrailRecord::before, &TrailRecord::after, &TrailRecord::outcome};

TEST(TrailRecord, HasTheBytesThatItsHeaderSays) {
    // Written by hand: the heading, then each field behind its length.
    const auto length = [](char of) { return std::string(7, '\0') + of; };
    EXPECT_EQ(bytes_of(issued_key()), "duizhang trail record 1\n" + length(4) + "acme" + length(7) +
                                          core::crypto::hex_decode("000643d932d62478").value() + length(8) +
                                          "ops@acme" + length(9) + "key.issue" + length(8) + "10.0.0.8" + length(5) +
                                          "key 3" + length(4) + "null" + length(18) + R"({"role":"auditor"})" +
                                          length(4) + "done");
}

TEST(TrailRecord, IsRefusedWithAnEmptyField) {
    for (const auto field : kTexts) {
        auto record = issued_key();
        (record.*field).clear();
        EXPECT_THROW(bytes_of(record), core::BrokenRule);
    }
    auto unnumbered = issued_key();
    unnumbered.number = 0;
    EXPECT_THROW(bytes_of(unnumbered), core::BrokenRule);
}

TEST(TrailRecord, HasAnotherLeafWhenAnythingOfItIsAnother) {
    const auto leaf = leaf_of(issued_key());
    for (const auto field : kTexts) {
        auto record = issued_key();
        (record.*field) += "x";
        EXPECT_NE(leaf_of(record), leaf);
    }
    auto renumbered = issued_key();
    renumbered.number = 8;
    EXPECT_NE(leaf_of(renumbered), leaf);
    auto later = issued_key();
    later.at += 1ms;
    EXPECT_NE(leaf_of(later), leaf);
}

TEST(TrailRecord, TellsWhereOneFieldEndsAndTheNextBegins) {
    auto one = issued_key();
    one.actor = "ab";
    one.act = "c";
    auto other = issued_key();
    other.actor = "a";
    other.act = "bc";
    EXPECT_NE(leaf_of(one), leaf_of(other));
}

core::KeyBytes master(char fill) { return core::KeyBytes(std::string(32, fill)); }

TreeHead head() { return {"shop-1", "acme", 7, leaf_of(issued_key()), core::Instant(1'763'450'000'123ms)}; }

TEST(TrailRecord, IsSignedWithTheKeyThatFollowsFromTheMasterKey) {
    const TrailKey key(master('m'));
    const auto leaf = leaf_of(issued_key());
    EXPECT_TRUE(is_signed(key.public_key(), leaf, key.sign(leaf)));
    EXPECT_FALSE(is_signed(TrailKey(master('n')).public_key(), leaf, key.sign(leaf)));
    auto other = leaf;
    other[0] ^= 1;
    EXPECT_FALSE(is_signed(key.public_key(), other, key.sign(leaf)));
    EXPECT_EQ(key.id(), core::crypto::sha256_hex(key.public_key()).substr(0, 16));
}

TEST(TrailHead, IsSignedWithTheKeyThatFollowsFromTheMasterKey) {
    const TrailKey key(master('m'));
    const auto signature = key.sign(head());
    EXPECT_TRUE(is_signed(key.public_key(), head(), signature));
    EXPECT_EQ(TrailKey(master('m')).sign(head()), signature);
    EXPECT_FALSE(is_signed(TrailKey(master('n')).public_key(), head(), signature));
}

TEST(TrailHead, IsNotSignedWhenAnythingOfItIsAnother) {
    const TrailKey key(master('m'));
    const auto signature = key.sign(head());
    auto other = head();
    other.origin = "shop-2";
    EXPECT_FALSE(is_signed(key.public_key(), other, signature));
    other = head();
    other.tenant = "acme2";
    EXPECT_FALSE(is_signed(key.public_key(), other, signature));
    other = head();
    other.size = 6;
    EXPECT_FALSE(is_signed(key.public_key(), other, signature));
    other = head();
    other.at += 1ms;
    EXPECT_FALSE(is_signed(key.public_key(), other, signature));
    other = head();
    other.root[31] ^= 1;
    EXPECT_FALSE(is_signed(key.public_key(), other, signature));
}

TEST(TrailHead, IsNotSignedByAnySignatureWithABitTurned) {
    const TrailKey key(master('m'));
    const auto signature = key.sign(head());
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
        auto turned = signature;
        turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(is_signed(key.public_key(), head(), turned)) << bit;
    }
    EXPECT_FALSE(is_signed(key.public_key(), head(), ""));
}

}  // namespace
}  // namespace audit
