#include "core/crypto/certificate.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "core/failure.h"
#include "odd_certificates.h"

namespace core::crypto {
namespace {

using namespace std::chrono_literals;
using namespace date::literals;

const Instant kBegin = date::sys_days{2026_y / 1 / 1};
const Instant kNow = date::sys_days{2026_y / 11 / 18} + 7h;
const Instant kEnd = date::sys_days{2027_y / 1 / 1};
const Instant kOddNow = date::sys_days{2030_y / 6 / 1};

const PrivateKey& key(std::size_t which) {
    static const std::vector<PrivateKey> keys = [] {
        std::vector<PrivateKey> made;
        for (int i = 0; i < 4; ++i) {
            made.push_back(PrivateKey::generate_rsa());
        }
        return made;
    }();
    return keys.at(which);
}

const PrivateKey& root_key() { return key(0); }
const PrivateKey& middle_key() { return key(1); }
const PrivateKey& leaf_key() { return key(2); }
const PrivateKey& other_key() { return key(3); }

CertificateRequest authority(const std::string& name) { return {name, "Duizhang tests", kBegin, kEnd, true}; }
CertificateRequest signer(const std::string& name = "041@1@signer@2") { return {name, "", kBegin, kEnd, false}; }

// One good chain: root, middle, leaf. Tests change a part of it.
struct Chain {
    Certificate root = issue_certificate(authority("Root"), root_key(), nullptr);
    Certificate middle = under(root, root_key(), authority("Middle"), middle_key());
    Certificate leaf = under(middle, middle_key(), signer(), leaf_key());

    static Certificate under(const Certificate& issuer, const PrivateKey& issuer_key, const CertificateRequest& request,
                             const PrivateKey& subject_key) {
        const Issuer by{issuer, issuer_key};
        return issue_certificate(request, subject_key, &by);
    }
};

const Chain& good() {
    static const Chain chain;
    return chain;
}

// "good", or the reason.
std::string verdict(const Certificate& leaf, const std::vector<Certificate>& intermediates,
                    const std::vector<Certificate>& roots, Instant at = kNow) {
    const auto verified = verify_chain(leaf, intermediates, roots, at);
    if (verified) {
        return "good";
    }
    switch (verified.error()) {
        case ChainError::not_yet_valid:
            return "not yet valid";
        case ChainError::expired:
            return "expired";
        case ChainError::unknown_issuer:
            return "unknown issuer";
        case ChainError::bad_chain:
            return "bad chain";
    }
    return "?";
}

Certificate read(std::string_view pem) { return Certificate::from_pem(pem).value(); }

TEST(ChainIsGood, ThroughTheMiddleOrStraightUnderTheRoot) {
    EXPECT_EQ(verdict(good().leaf, {good().middle}, {good().root}), "good");
    const auto straight = Chain::under(good().root, root_key(), signer(), leaf_key());
    EXPECT_EQ(verdict(straight, {}, {good().root}), "good");
    EXPECT_EQ(verdict(straight, {good().middle}, {good().root}), "good");
}

TEST(ChainIsGood, AmongOtherAuthorities) {
    const auto other_root = issue_certificate(authority("Other root"), other_key(), nullptr);
    const auto other_middle = Chain::under(other_root, other_key(), authority("Other middle"), middle_key());
    EXPECT_EQ(verdict(good().leaf, {other_middle, good().middle}, {other_root, good().root}), "good");
    EXPECT_EQ(verdict(good().leaf, {good().middle, other_middle}, {good().root, other_root}), "good");
}

// An authority that took a new key under its old name: both stay configured until the last old leaf is gone.
TEST(ChainIsGood, WithTwoAuthoritiesOfOneName) {
    const auto new_root = issue_certificate(authority("Root"), other_key(), nullptr);
    EXPECT_EQ(verdict(good().leaf, {good().middle}, {new_root, good().root}), "good");
    EXPECT_EQ(verdict(good().leaf, {good().middle}, {good().root, new_root}), "good");
    const auto new_middle = Chain::under(good().root, root_key(), authority("Middle"), other_key());
    EXPECT_EQ(verdict(good().leaf, {new_middle, good().middle}, {good().root}), "good");
    EXPECT_EQ(verdict(good().leaf, {good().middle, new_middle}, {good().root}), "good");
}

// Without a key id in the leaf only the signature tells which of two namesakes issued it.
TEST(ChainIsGood, WithTwoAuthoritiesOfOneNameAndNoKeyId) {
    const auto dated = [](CertificateRequest request) {
        request.organization.clear();
        request.not_after = kOddNow + 24h * 365 * 30;  // later than the genuine one, which the library prefers
        return request;
    };
    const auto false_root = issue_certificate(dated(authority("False root")), root_key(), nullptr);
    const auto namesake = Chain::under(false_root, root_key(), dated(authority("Short authority")), other_key());
    const auto genuine = read(odd::kShortAuthority);
    const auto below = read(odd::kNoKeyId);
    EXPECT_EQ(verdict(below, {namesake, genuine}, {read(odd::kRoot)}, kOddNow), "good");
    EXPECT_EQ(verdict(below, {genuine, namesake}, {read(odd::kRoot)}, kOddNow), "good");
    EXPECT_NE(verdict(below, {namesake}, {read(odd::kRoot)}, kOddNow), "good");
}

TEST(ChainIsRefused, OutsideItsValidity) {
    const Chain& c = good();
    EXPECT_EQ(verdict(c.leaf, {c.middle}, {c.root}, kBegin - 1s), "not yet valid");
    EXPECT_EQ(verdict(c.leaf, {c.middle}, {c.root}, kBegin), "good");
    EXPECT_EQ(verdict(c.leaf, {c.middle}, {c.root}, kEnd - 1ms), "good");
    EXPECT_EQ(verdict(c.leaf, {c.middle}, {c.root}, kEnd), "expired");
}

struct Validity {
    const char* name;
    const char* verdict;
    Instant begin;
    Instant end;
};

class ChainValidity : public testing::TestWithParam<Validity> {};

// Whichever of the three it is: each of them has to be valid.
TEST_P(ChainValidity, IsThatOfEachCertificateInIt) {
    const auto dated = [](CertificateRequest request) {
        request.not_before = GetParam().begin;
        request.not_after = GetParam().end;
        return request;
    };
    const Chain& c = good();
    const auto leaf = Chain::under(c.middle, middle_key(), dated(signer()), leaf_key());
    EXPECT_EQ(verdict(leaf, {c.middle}, {c.root}), GetParam().verdict);
    const auto middle = Chain::under(c.root, root_key(), dated(authority("Middle")), middle_key());
    EXPECT_EQ(verdict(c.leaf, {middle}, {c.root}), GetParam().verdict);
    const auto root = issue_certificate(dated(authority("Root")), root_key(), nullptr);
    EXPECT_EQ(verdict(c.leaf, {c.middle}, {root}), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(, ChainValidity,
                         testing::Values(Validity{"Expired", "expired", kBegin, kNow},
                                         Validity{"NotYetValid", "not yet valid", kNow + 1s, kEnd}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ChainIsRefused, WithoutItsAuthorities) {
    const Chain& c = good();
    EXPECT_EQ(verdict(c.leaf, {}, {}), "unknown issuer");
    EXPECT_EQ(verdict(c.leaf, {c.middle}, {}), "unknown issuer");
    EXPECT_EQ(verdict(c.leaf, {}, {c.root}), "unknown issuer");
    EXPECT_EQ(verdict(c.leaf, {c.root}, {}), "unknown issuer");
    // The middle is no root: trust does not begin half-way.
    EXPECT_EQ(verdict(c.leaf, {}, {c.middle}), "unknown issuer");
}

TEST(ChainIsRefused, UnderAnotherAuthorityOfTheSameName) {
    const auto false_root = issue_certificate(authority("Root"), other_key(), nullptr);
    const auto false_middle = Chain::under(false_root, other_key(), authority("Middle"), other_key());
    const auto false_leaf = Chain::under(false_middle, other_key(), signer(), leaf_key());
    EXPECT_EQ(verdict(false_leaf, {false_middle}, {false_root}), "good");
    EXPECT_NE(verdict(false_leaf, {good().middle}, {good().root}), "good");
    EXPECT_NE(verdict(false_leaf, {false_middle}, {good().root}), "good");
}

// It carries the right issuer's name and key id, and another key signed it.
TEST(ChainIsRefused, WithAForgedSignature) {
    const auto forged = Chain::under(good().middle, other_key(), signer(), leaf_key());
    EXPECT_EQ(verdict(forged, {good().middle}, {good().root}), "bad chain");
    const auto forged_middle = Chain::under(good().root, other_key(), authority("Middle"), middle_key());
    EXPECT_EQ(verdict(good().leaf, {forged_middle}, {good().root}), "bad chain");
}

TEST(ChainIsRefused, ForASelfSignedLeaf) {
    const auto self_signed = issue_certificate(signer(), leaf_key(), nullptr);
    EXPECT_EQ(verdict(self_signed, {good().middle}, {good().root}), "unknown issuer");
    EXPECT_EQ(verdict(self_signed, {self_signed}, {good().root}), "unknown issuer");
    EXPECT_EQ(verdict(self_signed, {}, {self_signed}), "bad chain");
    EXPECT_EQ(verdict(good().leaf, {good().middle}, {good().leaf}), "unknown issuer");
    // A root that comes as the message's own signer was issued by nobody.
    EXPECT_EQ(verdict(good().root, {}, {good().root}), "bad chain");
}

TEST(ChainIsRefused, WhenALeafIssuedIt) {
    const auto below_leaf = Chain::under(good().leaf, leaf_key(), signer("041@1@child@2"), other_key());
    EXPECT_NE(verdict(below_leaf, {good().middle, good().leaf}, {good().root}), "good");
    EXPECT_NE(verdict(below_leaf, {good().leaf}, {good().leaf}), "good");
}

TEST(ChainIsRefused, ThroughWhatOnlyLooksLikeAnAuthority) {
    EXPECT_EQ(verdict(read(odd::kBelowGuessed), {read(odd::kGuessedAuthority)}, {read(odd::kRoot)}, kOddNow),
              "bad chain");
    EXPECT_EQ(verdict(read(odd::kBelowGuessedRoot), {}, {read(odd::kGuessedRoot)}, kOddNow), "bad chain");
}

TEST(ChainIsRefused, DeeperThanAnAuthorityAllows) {
    const std::vector<Certificate> both{read(odd::kShortAuthority), read(odd::kTooDeepAuthority)};
    EXPECT_EQ(verdict(read(odd::kTooDeepAuthority), {both.front()}, {read(odd::kRoot)}, kOddNow), "good");
    EXPECT_EQ(verdict(read(odd::kBelowTooDeep), both, {read(odd::kRoot)}, kOddNow), "bad chain");
}

TEST(ChainDigest, MayBeSha1AndNotMd5) {
    EXPECT_EQ(verdict(read(odd::kSha1Leaf), {}, {read(odd::kRoot)}, kOddNow), "good");
    EXPECT_EQ(verdict(read(odd::kMd5Leaf), {}, {read(odd::kRoot)}, kOddNow), "bad chain");
}

TEST(IssuedCertificate, SaysWhatWasAskedFor) {
    const auto made =
        issue_certificate({"041@1@中国银联股份有限公司@2", "Example", kBegin, kEnd, false}, leaf_key(), nullptr);
    EXPECT_EQ(made.subject_common_name(), "041@1@中国银联股份有限公司@2");
    EXPECT_EQ(made.not_before(), kBegin);
    EXPECT_EQ(made.not_after(), kEnd);
    EXPECT_EQ(made.public_key().to_pem(), leaf_key().public_key().to_pem());
    EXPECT_EQ(made.serial_hex().size(), 32U);
    EXPECT_NE(made.serial_hex(), good().leaf.serial_hex());
    EXPECT_THROW(issue_certificate(signer(std::string(65, 'x')), leaf_key(), nullptr), BrokenRule);
    EXPECT_THROW(issue_certificate(signer("\xff"), leaf_key(), nullptr), BrokenRule);
}

TEST(CertificateSerial, IsInWholeBytesAndInDecimal) {
    EXPECT_EQ(read(odd::kRoot).serial_hex(), "0A");
    EXPECT_EQ(read(odd::kRoot).serial_decimal(), "10");
    EXPECT_EQ(read(odd::kMd5Leaf).serial_hex(), "FF");
    EXPECT_EQ(read(odd::kMd5Leaf).serial_decimal(), "255");
    EXPECT_EQ(read(odd::kSha1Leaf).serial_hex(), "8000");
    EXPECT_EQ(read(odd::kSha1Leaf).serial_decimal(), "32768");
}

TEST(CertificateName, IsUtf8WhateverItsType) {
    EXPECT_EQ(read(odd::kBmpName).subject_common_name(), "041@中国银联股份有限公司@1");
}

TEST(CertificateName, IsNothingUnlessThereIsExactlyOne) {
    EXPECT_EQ(read(odd::kTwoNames).subject_common_name(), std::nullopt);
    EXPECT_EQ(read(odd::kNoName).subject_common_name(), std::nullopt);
}

TEST(CertificatePem, IsRefusedWhenItIsNotExactlyOneCertificate) {
    const std::string pem = good().leaf.to_pem();
    EXPECT_TRUE(Certificate::from_pem("\r\n" + pem + " \n"));
    for (const std::string& text : {std::string(), pem + pem, pem + good().middle.to_pem(), "x" + pem, pem + "x",
                                    pem.substr(0, pem.size() - 20), leaf_key().public_key().to_pem(),
                                    std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
                                    pem + std::string(70'000, '\n')}) {
        EXPECT_FALSE(Certificate::from_pem(text)) << text.substr(0, 80);
    }
    EXPECT_FALSE(Certificate::from_pem(leaf_key().to_pem().reveal()));
}

TEST(CertificatePem, IsRefusedWithAWeakOrForeignKey) {
    EXPECT_FALSE(Certificate::from_pem(odd::kSmallRsa));
    EXPECT_FALSE(Certificate::from_pem(odd::kOtherCurve));
}

// Cut or changed anywhere, a certificate from a message must not pass (nor crash the reader).
TEST(CertificatePem, NeverPassesWhenDamaged) {
    const std::string pem = good().leaf.to_pem();
    const std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t at = pem.find('\n') + 1; at < pem.rfind("\n-----END"); at += 7) {
        const std::size_t value = alphabet.find(pem[at]);
        if (value == std::string_view::npos) {
            continue;
        }
        std::string damaged = pem;
        damaged[at] = alphabet[value ^ 0x20U];
        const auto damaged_leaf = Certificate::from_pem(damaged);
        if (damaged_leaf) {
            EXPECT_NE(verdict(*damaged_leaf, {good().middle}, {good().root}), "good") << at;
        }
    }
}

// Whatever was refused above: the thread's error queue is as empty as before, or the next TLS call would stumble.
TEST(Refusals, LeaveNoErrorsBehind) {
    ERR_clear_error();
    EXPECT_FALSE(Certificate::from_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
    EXPECT_FALSE(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
    EXPECT_FALSE(PrivateKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
    EXPECT_FALSE(leaf_key().public_key().verifies_rsa_sha256("text", std::string(256, 'x')));
    EXPECT_EQ(verdict(good().leaf, {}, {good().root}), "unknown issuer");
    EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace core::crypto
