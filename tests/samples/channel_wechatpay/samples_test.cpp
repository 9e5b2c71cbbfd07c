// Other people's published callbacks and bills. They are not part of the repository; where they are not, the tests
// say so and are left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "core/crypto/aead.h"
#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/files.h"
#include "core/json/reader.h"
#include "payments/channels/wechatpay/bill_text.h"
#include "payments/channels/wechatpay/fund_flow.h"
#include "payments/channels/wechatpay/wechatpay.h"

namespace payments::wechatpay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::filesystem::path kFolder =
    std::filesystem::path(DUIZHANG_SOURCE_DIR) / ".." / "shared" / "specs" / "samples" / "wechatpay";
// Published with the samples, for nobody's account.
const std::string kApiKey = "AES256Key-32Characters1234567890";
const std::string kSerial = "477ED0046A54F0360A72A63A8F2816312AAEAB53";

std::string sample(const std::string& name) { return core::read_file(kFolder / name, 1U << 20U); }

core::json::Value json_of(const std::string& text) {
    auto parsed = core::json::parse(text);
    return parsed ? *std::move(parsed) : core::json::Value::make_null();
}

ChannelContext context() {
    ChannelContext made;
    made.tenant = "samples";
    made.fingerprint = [](std::string_view) { return std::string("fingerprint"); };
    made.redact = [](std::string_view text) { return std::string(text); };
    return made;
}

std::unique_ptr<Channel> channel_of(const std::string& merchant, Verifier verifier) {
    Options options;
    options.merchant.id = merchant;
    options.api_v3_key = core::KeyBytes(kApiKey);
    options.verifiers.emplace(kSerial, std::move(verifier));
    return make_channel(std::move(options), context());
}

Verifier public_key() {
    return Verifier::from_public_key(core::crypto::PublicKey::from_pem(sample("test_platform_public_key.pem")).value());
}

class WechatSamples : public testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kFolder)) {
            std::cout << "left out: the published samples are not here\n";
            GTEST_SKIP();
        }
    }

    static CallbackRequest callback(const std::string& name) {
        CallbackRequest request;
        const auto headers = json_of(sample(name + ".headers.json"));
        for (const auto& [header, value] : headers.members()) {
            request.headers.emplace_back(header, std::string(value.string().value_or("")));
        }
        request.body = sample(name + ".body.json");
        request.received_at = core::Instant{std::chrono::seconds{1611368330 + 2}};
        return request;
    }

    static core::Result<Statement, StatementRefusal> bill(const std::string& name, const std::string& day,
                                                          const std::string& merchant) {
        return channel_of(merchant, public_key())->read_statement({{name, sample(name)}}, core::parse_day(day).value());
    }

    static std::vector<std::string> wrong_totals(const Statement& statement) {
        std::vector<std::string> names;
        for (const auto& total : statement.totals) {
            if (!total.agrees()) {
                names.push_back(total.name);
            }
        }
        return names;
    }

    static std::int64_t sum(const Statement& statement) {
        std::int64_t minor = 0;
        for (const auto& line : statement.lines) {
            minor += line.amount.minor();
        }
        return minor;
    }
};

TEST_F(WechatSamples, PaymentCallbackVerifiesAndDecrypts) {
    const auto message = channel_of("1601959334", public_key())->read_callback(callback("notify_transaction_success"));
    ASSERT_TRUE(message) << message.error().reason;
    const auto expected = json_of(sample("notify_transaction_success.plaintext.json"));
    const auto& paid = message->transactions.at(0);
    EXPECT_EQ(paid.channel_txn_id.text(), expected.string_at("transaction_id"));
    EXPECT_EQ(paid.merchant_order_id.text(), expected.string_at("out_trade_no"));
    EXPECT_EQ(paid.amount.minor(), expected.path("amount", "total")->integer());
    EXPECT_EQ(paid.occurred_at, core::parse_rfc3339("2021-01-28T17:07:11+08:00"));
}

TEST_F(WechatSamples, RefundCallbackVerifiesAndDecrypts) {
    const auto message = channel_of("1601959334", public_key())->read_callback(callback("notify_refund_success"));
    ASSERT_TRUE(message) << message.error().reason;
    const auto expected = json_of(sample("notify_refund_success.plaintext.json"));
    const auto& refunded = message->transactions.at(0);
    EXPECT_EQ(refunded.type, TransactionType::refund);
    EXPECT_EQ(refunded.channel_txn_id.text(), expected.string_at("refund_id"));
    EXPECT_EQ(refunded.own_order_id, expected.string_at("out_refund_no"));
    EXPECT_EQ(refunded.related_txn_id.text(), expected.string_at("transaction_id"));
    EXPECT_EQ(refunded.amount.minor(), -1);
}

// The samples were signed two days before their certificate became valid.
TEST_F(WechatSamples, CallbackIsRefusedBeforeItsCertificateIsValid) {
    const auto certificate = core::crypto::Certificate::from_pem(sample("test_platform_cert.pem")).value();
    const auto refused = channel_of("1601959334", Verifier::from_certificate(certificate))
                             ->read_callback(callback("notify_transaction_success"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "certificate_not_valid");
    auto without_dates = Verifier::from_certificate(certificate);
    without_dates.validity.reset();
    EXPECT_TRUE(channel_of("1601959334", without_dates)->read_callback(callback("notify_transaction_success")));
}

TEST_F(WechatSamples, CallbackOfAnotherMerchantIsRefused) {
    const auto refused = channel_of("1601959335", public_key())->read_callback(callback("notify_refund_success"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "merchant_differs");
}

TEST_F(WechatSamples, DownloadedCertificateDecrypts) {
    const auto answer = json_of(sample("certificates_download.response.json"));
    const auto& sealed = *answer.find("data")->items().at(0).find("encrypt_certificate");
    const auto pem = core::crypto::aes_256_gcm_open(
        kApiKey, sealed.string_at("nonce").value(), sealed.string_at("associated_data").value(),
        core::crypto::base64_decode(sealed.string_at("ciphertext").value()).value());
    EXPECT_EQ(pem, sample("certificates_download.decrypted_cert.pem"));
    EXPECT_TRUE(core::crypto::Certificate::from_pem(pem.value_or("")));
}

TEST_F(WechatSamples, RequestSigningVectorVerifies) {
    const auto vector = json_of(sample("request_signing.vector.json"));
    const std::string header(vector.string_at("authorization").value());
    const auto begin = header.find("signature=\"") + 11;
    const auto signature = core::crypto::base64_decode(header.substr(begin, header.find('"', begin) - begin)).value();
    EXPECT_TRUE(public_key().key.verifies_rsa_sha256(vector.string_at("string_to_sign").value(), signature));
}

// A merchant on the Chinese algorithms: SM2 verifies, SM4-GCM decrypts, and RSA's name is refused for that key.
TEST_F(WechatSamples, SmVectorsHoldForAnSmMerchant) {
    const auto vectors = json_of(sample("sm_vectors.json"));
    const auto certificate = core::crypto::Certificate::from_pem(sample("sm2_test_cert.pem")).value();
    const auto& sm2 = *vectors.find("sm2");
    EXPECT_EQ(certificate.serial_hex(), sm2.string_at("serial_no"));
    ASSERT_TRUE(certificate.public_key().is_sm2());
    EXPECT_TRUE(certificate.public_key().verifies_sm2_sm3(
        sm2.string_at("message_utf8").value(),
        core::crypto::base64_decode(sm2.string_at("signature_base64").value()).value(), "1234567812345678"));
    const auto& sm4 = *vectors.find("sm4_gcm");
    const std::string digest = core::crypto::sm3(sm4.string_at("api_v3_key").value());
    EXPECT_EQ(core::crypto::sm4_gcm_open(
                  digest.substr(0, 16), sm4.string_at("nonce").value(), sm4.string_at("associated_data").value(),
                  core::crypto::base64_decode(sm4.string_at("ciphertext_base64").value()).value()),
              sm4.string_at("plaintext_utf8"));

    auto verifier = Verifier::from_certificate(certificate);
    verifier.validity.reset();
    auto request = callback("notify_transaction_success");
    const auto reason = [&] {
        const auto answer = channel_of("1601959334", verifier)->read_callback(request);
        return answer ? std::string() : answer.error().reason;
    };
    EXPECT_EQ(reason(), "signature_type_unexpected");
    for (auto& [name, value] : request.headers) {
        value = name == "Wechatpay-Signature-Type" ? "WECHATPAY2-SM2-WITH-SM3" : value;
    }
    EXPECT_EQ(reason(), "signature_wrong");
}

TEST_F(WechatSamples, RealBillOfThreeRowsAddsUpPlainAndPacked) {
    for (const char* name : {"tradebill_ALL_3rows.csv", "tradebill_ALL_3rows.csv.gz"}) {
        const auto statement = bill(name, "2021-01-28", "1601959334");
        ASSERT_TRUE(statement) << statement.error().message();
        EXPECT_EQ(statement->dialect, "wechatpay tradebill ALL (27 columns)");
        EXPECT_EQ(statement->lines.size(), 3U);
        EXPECT_EQ(statement->lines[0].channel_txn_id.text(), "4200000925202101284997714292");
        EXPECT_EQ(sum(*statement), 3);
        EXPECT_THAT(wrong_totals(*statement), ElementsAre());
    }
    const auto answer = json_of(sample("tradebill_apply.response.json"));
    EXPECT_EQ(core::crypto::sha1_hex(sample("tradebill_ALL_3rows.csv")), answer.string_at("hash_value"));
}

TEST_F(WechatSamples, RealBillOfFortyFiveRowsAddsUp) {
    const auto statement = bill("tradebill_ALL.csv", "2019-02-19", "1921000401");
    ASSERT_TRUE(statement) << statement.error().message();
    EXPECT_EQ(statement->lines.size(), 45U);
    EXPECT_THAT(wrong_totals(*statement), ElementsAre());
    EXPECT_EQ(sum(*statement), 47 - 14);
    EXPECT_EQ(statement->lines[0].type, TransactionType::refund);
    EXPECT_EQ(statement->lines[0].channel_txn_id.text(), "50000709672019011908420787722");
}

TEST_F(WechatSamples, LegacyBillIsRead) {
    const auto statement = bill("tradebill_ALL_legacy_2014.csv", "2014-11-10", "10000100");
    ASSERT_TRUE(statement) << statement.error().message();
    EXPECT_EQ(statement->dialect, "wechatpay tradebill ALL legacy (24 columns)");
    EXPECT_EQ(statement->lines.size(), 2U);
    EXPECT_EQ(sum(*statement), 2);
    EXPECT_EQ(statement->lines[0].fee->minor(), 0);
    EXPECT_THAT(wrong_totals(*statement), ElementsAre());
}

// One detail row each, with the whole day's totals: read, and said to disagree.
TEST_F(WechatSamples, ShortenedBillsAreReadButDoNotAddUp) {
    const auto all = bill("tradebill_ALL_wxjava.csv", "2019-07-25", "XXXXXXXX");
    ASSERT_TRUE(all) << all.error().message();
    EXPECT_EQ(all->lines.at(0).amount.minor(), 600);
    EXPECT_EQ(all->lines.at(0).fee->minor(), 4);
    EXPECT_FALSE(wrong_totals(*all).empty());

    const auto paid = bill("tradebill_SUCCESS_wxjava.csv", "2019-07-23", "XXX");
    ASSERT_TRUE(paid) << paid.error().message();
    EXPECT_EQ(paid->dialect, "wechatpay tradebill SUCCESS (20 columns)");
    EXPECT_EQ(paid->lines.at(0).amount.minor(), 1);

    const auto refunded = bill("tradebill_REFUND_wxjava.csv", "2019-07-23", "xxx");
    ASSERT_TRUE(refunded) << refunded.error().message();
    EXPECT_EQ(refunded->dialect, "wechatpay tradebill REFUND (29 columns)");
    EXPECT_EQ(refunded->lines.at(0).amount.minor(), -1);
    EXPECT_EQ(refunded->lines.at(0).status, TransactionStatus::captured);
}

TEST_F(WechatSamples, FundFlowIsReadAsSuchAndNotAsATradeBill) {
    const auto day = core::parse_day("2021-02-01").value();
    const auto flow = read_fund_flow({"fundflow_BASIC_2rows.csv", sample("fundflow_BASIC_2rows.csv")}, day, context());
    ASSERT_TRUE(flow) << flow.error().message();
    ASSERT_EQ(flow->movements.size(), 2U);
    EXPECT_EQ(flow->movements[1].amount.minor(), -1);
    EXPECT_EQ(flow->movements[1].balance.minor(), 21);
    EXPECT_EQ(flow->movements[1].merchant_reference, "S20210201140044552846");
    std::vector<std::string> wrong;
    for (const auto& total : flow->totals) {
        if (!total.agrees()) {
            wrong.push_back(total.name);
        }
    }
    // The third row, money in, was taken out where this was published.
    EXPECT_THAT(wrong, ElementsAre("资金流水总笔数", "收入笔数", "收入金额"));

    const auto refused = bill("fundflow_BASIC_2rows.csv", "2021-02-01", "1601959334");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message(), HasSubstr("fund-flow bill, not a trade bill"));
}

}  // namespace
}  // namespace payments::wechatpay
