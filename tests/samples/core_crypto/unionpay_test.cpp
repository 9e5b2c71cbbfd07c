#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "samples.h"

namespace core::crypto {
namespace {

using namespace date::literals;

class UnionPaySamples : public Samples {
protected:
    static bool chain_holds(const std::string& signer, Instant at) { return !error_of(signer, at); }

    static std::optional<ChainError> error_of(const std::string& signer, Instant at) {
        const auto verified =
            verify_chain(certificate("unionpay/" + signer), {certificate("unionpay/acp_test_middle.cer")},
                         {certificate("unionpay/acp_test_root.cer")}, at);
        return verified ? std::nullopt : std::optional(verified.error());
    }
};

// The days on which the sampled messages say they were sent.
TEST_F(UnionPaySamples, HaveSignersInACfcaChainWhenTheyWereSent) {
    EXPECT_TRUE(chain_holds("signer_cert_2015_2017.pem", date::sys_days{2017_y / 10 / 30}));
    EXPECT_TRUE(chain_holds("signer_cert_2020_2025.pem", date::sys_days{2022_y / 9 / 8}));
    EXPECT_TRUE(chain_holds("signer_cert_2020_2025.pem", date::sys_days{2024_y / 1 / 5}));
}

TEST_F(UnionPaySamples, HaveSignersThatHaveExpiredSince) {
    EXPECT_EQ(error_of("signer_cert_2015_2017.pem", date::sys_days{2026_y / 11 / 18}), ChainError::expired);
    EXPECT_EQ(error_of("signer_cert_2020_2025.pem", date::sys_days{2026_y / 11 / 18}), ChainError::expired);
    EXPECT_EQ(error_of("signer_cert_2020_2025.pem", date::sys_days{2020_y / 7 / 30}), ChainError::not_yet_valid);
}

TEST_F(UnionPaySamples, HaveSignersThatNeedBothAuthorities) {
    const Certificate signer = certificate("unionpay/signer_cert_2020_2025.pem");
    const Certificate middle = certificate("unionpay/acp_test_middle.cer");
    const Certificate root = certificate("unionpay/acp_test_root.cer");
    const Instant at = date::sys_days{2022_y / 9 / 8};
    EXPECT_FALSE(verify_chain(signer, {}, {root}, at));
    EXPECT_FALSE(verify_chain(signer, {}, {middle}, at));
    EXPECT_FALSE(verify_chain(signer, {middle}, {certificate("wechatpay/test_platform_cert.pem")}, at));
    EXPECT_FALSE(verify_chain(root, {}, {root}, at));
}

TEST_F(UnionPaySamples, NameTheirSigners) {
    const Certificate older = certificate("unionpay/signer_cert_2015_2017.pem");
    const Certificate newer = certificate("unionpay/signer_cert_2020_2025.pem");
    EXPECT_EQ(older.subject_common_name(), "041@Z12@00040000:SIGN@00000062");
    EXPECT_EQ(newer.subject_common_name(), "041@8310000000083040@中国银联股份有限公司@00016495");
    EXPECT_EQ(newer.serial_hex(), "1039308534");
    EXPECT_EQ(newer.serial_decimal(), "69678957876");
    EXPECT_EQ(certificate("unionpay/acp_test_root.cer").serial_hex(), "52137ECC1D7D85B73AE6");
}

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%') {
            decoded += hex_decode(text.substr(at + 1, 2)).value();
            at += 2;
        } else {
            decoded += text[at] == '+' ? ' ' : text[at];
        }
    }
    return decoded;
}

// signMethod 01, version 5.1.0: RSA with SHA-256 over the lower-case hex of SHA-256 of the sorted fields.
TEST_F(UnionPaySamples, VerifyAConsumption) {
    const std::string signed_text = text("unionpay/notify_txn01_consume.string_to_sign.txt");
    const std::string body = text("unionpay/notify_txn01_consume.urlencoded.txt");
    const std::size_t begin = body.find("signature=") + std::string_view("signature=").size();
    const std::string signature =
        base64_decode(percent_decoded(body.substr(begin, body.find('&', begin) - begin))).value();
    const PublicKey key = certificate("unionpay/signer_cert_2020_2025.pem").public_key();
    const std::string digest = sha256_hex(signed_text);

    EXPECT_EQ(digest, text("unionpay/notify_txn01_consume.sha256hex.txt"));
    EXPECT_TRUE(key.verifies_rsa_sha256(digest, signature));
    EXPECT_FALSE(key.verifies_rsa_sha256(signed_text, signature));
    EXPECT_FALSE(certificate("unionpay/signer_cert_2015_2017.pem").public_key().verifies_rsa_sha256(digest, signature));
}

}  // namespace
}  // namespace core::crypto
