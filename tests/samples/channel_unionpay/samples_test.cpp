// The published UnionPay messages and files, and the worked example's, against the channel. They lie outside the
// repository; where they are absent the tests say so and are left out.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "audit/redact.h"
#include "core/archive.h"
#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/files.h"
#include "core/json/reader.h"
#include "payments/channels/unionpay/authenticity.h"
#include "payments/channels/unionpay/dates.h"
#include "payments/channels/unionpay/file_content.h"
#include "payments/channels/unionpay/message.h"
#include "payments/channels/unionpay/settlement_writer.h"
#include "payments/channels/unionpay/unionpay.h"

namespace payments::unionpay {
namespace {

using std::filesystem::path;

const path kShared = path(DUIZHANG_SOURCE_DIR) / "../shared";
const path kSamples = kShared / "specs/samples/unionpay";
const path kExample = kShared / "example";
const std::string kProduction = "中国银联股份有限公司";
const std::string kSandbox = "00040000:SIGN";

std::string text_of(const path& file) { return core::read_file(file, 64U << 20U); }

core::crypto::Certificate certificate(const path& file) { return *core::crypto::Certificate::from_pem(text_of(file)); }

ChannelContext context() {
    static const audit::Redactor redactor(core::KeyBytes("a key for tests of 32 bytes long"));
    return {"acme", [](std::string_view card) { return redactor.fingerprint(card); },
            [](std::string_view text) { return redactor.redact(text); }};
}

Options sandbox_options(const std::string& merchant, const std::string& signer) {
    Options options;
    options.merchant_id = merchant;
    options.roots.push_back(certificate(kSamples / "acp_test_root.cer"));
    options.intermediates.push_back(certificate(kSamples / "acp_test_middle.cer"));
    options.signer_common_name = signer;
    return options;
}

class Samples : public testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kSamples)) {
            std::cout << "left out: there is no folder " << kSamples << "\n";
            GTEST_SKIP();
        }
    }
};

class WorkedExample : public testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kExample)) {
            std::cout << "left out: there is no folder " << kExample << "\n";
            GTEST_SKIP();
        }
    }
};

std::string verdict(const core::Result<CallbackMessage, CallbackRefusal>& result) {
    return result ? "accepted" : result.error().reason;
}

core::Instant time_of(const Fields& fields) { return *instant_from_text(fields.at("txnTime")); }

core::Result<CallbackMessage, CallbackRefusal> told(const std::string& body, const std::string& signer) {
    const auto fields = fields_from_form(body);
    const auto channel = make_channel(sandbox_options(fields->at("merId"), signer), context());
    return channel->read_callback({{}, body, time_of(*fields)});
}

TEST_F(Samples, ConsumeNotificationIsSignedAsDescribed) {
    const auto fields = fields_from_form(text_of(kSamples / "notify_txn01_consume.urlencoded.txt"));
    ASSERT_TRUE(fields);
    const auto signed_text = string_to_sign(*fields);
    EXPECT_EQ(signed_text, text_of(kSamples / "notify_txn01_consume.string_to_sign.txt"));
    EXPECT_EQ(core::crypto::sha256_hex(signed_text), text_of(kSamples / "notify_txn01_consume.sha256hex.txt"));
    // The field is the file without the line end behind it.
    EXPECT_EQ(fields->at("signPubKeyCert"),
              text_of(kSamples / "signer_cert_2020_2025.pem").substr(0, fields->at("signPubKeyCert").size()));
}

TEST_F(Samples, ConsumeNotificationIsAPayment) {
    const auto body = text_of(kSamples / "notify_txn01_consume.urlencoded.txt");
    const auto result = told(body, kProduction);
    ASSERT_EQ(verdict(result), "accepted");
    const auto& told_one = result->transactions.at(0);
    EXPECT_EQ(told_one.channel_txn_id.text(), "782209081322060674028");
    EXPECT_EQ(told_one.merchant_order_id.text(), "yansongda20220908132206");
    EXPECT_EQ(told_one.amount, core::Money(1, *core::Currency::from_code("CNY")));
    EXPECT_EQ(core::format_day(told_one.business_day), "2022-09-08");
    EXPECT_EQ(core::format_rfc3339(told_one.occurred_at), "2022-09-08T05:22:06Z");
    EXPECT_EQ(told_one.attributes.at("trace_no"), "067402");
    EXPECT_EQ(told_one.masked_card, "");  // encrypted, and left alone
    EXPECT_EQ(verdict(told(body, kSandbox)), "signer_name_differs");
}

TEST_F(Samples, NotificationsAreRefusedOnceTheirCertificatesHaveExpired) {
    const auto body = text_of(kSamples / "notify_txn01_consume.urlencoded.txt");
    const auto channel = make_channel(sandbox_options("777290058167151", kProduction), context());
    EXPECT_EQ(verdict(channel->read_callback({{}, body, *core::parse_rfc3339("2026-01-01T00:00:00Z")})),
              "certificate_expired");
}

TEST_F(Samples, NotificationWithAPlainCardKeepsOnlyItsFingerprint) {
    auto body = text_of(kSamples / "notify_txn01_2018_plain_accno.urlencoded.txt");
    body.erase(body.find_last_not_of('\n') + 1);  // the file's, not the message's
    const auto result = told(body, kSandbox);
    ASSERT_EQ(verdict(result), "accepted");
    const auto& told_one = result->transactions.at(0);
    EXPECT_EQ(told_one.masked_card, "622155******0000");
    EXPECT_EQ(told_one.card_fingerprint, context().fingerprint("6221558812340000"));
    EXPECT_EQ(told_one.amount.minor(), 136);
    EXPECT_EQ(core::format_day(told_one.business_day), "2018-07-26");
    EXPECT_EQ(result->redacted_body.find("8812340000"), std::string::npos);
    EXPECT_EQ(verdict(told(body, kProduction)), "signer_name_differs");
}

TEST_F(Samples, FrontOpenNotificationMovesNoMoney) {
    const auto body = text_of(kSamples / "notify_txn79_front_open.urlencoded.txt");
    const auto fields = fields_from_form(body);
    EXPECT_EQ(fields->at("signPubKeyCert"),
              text_of(kSamples / "signer_cert_2015_2017.pem").substr(0, fields->at("signPubKeyCert").size()));
    const auto result = told(body, kSandbox);
    ASSERT_EQ(verdict(result), "accepted");
    EXPECT_EQ(result->event_type, "79");
    EXPECT_TRUE(result->transactions.empty());
    EXPECT_EQ(result->redacted_body.find("customerInfo"), std::string::npos);
    EXPECT_EQ(result->redacted_body.find("6235240000020757577"), std::string::npos);
}

struct Response {
    const char* file;
    const char* txn_type;
    const char* query_id;
};

TEST_F(Samples, SynchronousResponsesVerify) {
    for (const auto& sample : {Response{"query_00.response.raw.txt", "01", "442401051450467846498"},
                               Response{"refund_04.response.raw.txt", "04", "052401051658427863998"},
                               Response{"cancel_31.response.raw.txt", "31", "652401051647252421528"}}) {
        auto fields = fields_from_response(text_of(kSamples / sample.file));
        ASSERT_TRUE(fields) << sample.file;
        const Authenticity authenticity(sandbox_options("777290058167151", kProduction));
        EXPECT_TRUE(authenticity.check(*fields, time_of(*fields))) << sample.file;
        EXPECT_EQ(fields->at("txnType"), sample.txn_type);
        EXPECT_EQ(fields->at("queryId"), sample.query_id);
        EXPECT_EQ(fields->at("respMsg"), "成功[0000000]");
        fields->at("txnAmt") += "0";
        const auto changed = authenticity.check(*fields, time_of(*fields));
        ASSERT_FALSE(changed);
        EXPECT_EQ(changed.error(), "signature_wrong");
    }
}

// Signed with a merchant's key that isn't ours to have: shape and signed text are what can be checked.
TEST_F(Samples, RequestsAreSignedOverTheirSortedFields) {
    for (const auto* file : {"consume_01", "query_00", "refund_04", "cancel_31"}) {
        const auto fields = fields_from_form(text_of(kSamples / (std::string(file) + ".request.urlencoded.txt")));
        ASSERT_TRUE(fields) << file;
        EXPECT_EQ(fields->at("txnType"), std::string(file).substr(std::string(file).size() - 2)) << file;
        EXPECT_EQ(fields->at("certId"), "69903319369") << file;
        EXPECT_EQ(fields->at("version"), "5.1.0") << file;
        const auto signature = core::crypto::base64_decode(fields->at("signature"));
        ASSERT_TRUE(signature) << file;
        EXPECT_EQ(signature->size(), 256U) << file;
        const auto text = string_to_sign(*fields);
        EXPECT_TRUE(text.starts_with("accessType=0&")) << file;
        EXPECT_TRUE(text.ends_with("&version=5.1.0")) << file;
        EXPECT_EQ(text.find("signature="), std::string::npos) << file;
    }
}

struct Sums {
    std::int64_t amount = 0;
    std::int64_t fee = 0;
};

Sums sums_of(const Statement& statement) {
    Sums sums;
    for (const auto& line : statement.lines) {
        sums.amount += line.amount.minor();
        sums.fee += line.fee->minor();
    }
    return sums;
}

void expect_totals_agree(const Statement& statement, std::size_t count) {
    EXPECT_EQ(statement.totals.size(), count);
    for (const auto& total : statement.totals) {
        EXPECT_TRUE(total.agrees()) << total.name << " " << total.stated << " " << total.actual;
    }
}

const core::BusinessDay kSampleDay = *core::parse_day("2015-09-05");
const std::string kSampleZip = "802310048993424_20150905.zip";

core::Result<Statement, StatementRefusal> sample_statement(const std::vector<StatementFile>& files) {
    return make_channel(sandbox_options("802310048993424", kProduction), context())->read_statement(files, kSampleDay);
}

TEST_F(Samples, SettlementArchiveAddsUp) {
    const auto statement = sample_statement({{kSampleZip, text_of(kSamples / kSampleZip)}});
    ASSERT_TRUE(statement) << statement.error().message();
    ASSERT_EQ(statement->lines.size(), 8U);
    EXPECT_EQ(sums_of(*statement).amount, 1'322'700);
    EXPECT_EQ(sums_of(*statement).fee, 7'936);
    expect_totals_agree(*statement, 14);  // two tables
    EXPECT_TRUE(statement->warnings.empty());
    const auto& first = statement->lines.front();
    EXPECT_EQ(first.channel_txn_id.text(), "201509061122031906248");
    EXPECT_EQ(first.merchant_order_id.text(), "10078087");
    EXPECT_EQ(first.status, TransactionStatus::captured);
    EXPECT_EQ(core::format_rfc3339(*first.occurred_at), "2015-09-06T03:22:03Z");
    EXPECT_EQ(first.masked_card, "622609******0048");
}

TEST_F(Samples, SettlementMembersReadByThemselves) {
    const auto file = [](const char* name) { return StatementFile{name, text_of(kSamples / name)}; };
    const auto statement =
        sample_statement({file("INN15090588ZM_802310048993424"), file("RD201015090501_802310048993424")});
    ASSERT_TRUE(statement) << statement.error().message();
    EXPECT_EQ(statement->lines.size(), 8U);
    EXPECT_EQ(statement->files.at(0).lines, 8U);
    expect_totals_agree(*statement, 14);
}

TEST_F(Samples, SettlementArchiveIsRefusedWhereverItIsCut) {
    const auto whole = text_of(kSamples / kSampleZip);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(sample_statement({{kSampleZip, whole.substr(0, length)}})) << length;
    }
    const auto rows = text_of(kSamples / "INN15090588ZM_802310048993424");
    for (std::size_t length = 1; length < rows.size(); ++length) {
        if (length % 609 != 0) {  // at a row's end only the summary can tell
            EXPECT_FALSE(sample_statement({{"INN15090588ZM_802310048993424", rows.substr(0, length)}})) << length;
        }
    }
}

TEST_F(Samples, SummaryIsWhatTheSimulatorWouldWrite) {
    const SettlementTotals totals{8, 0, 1'322'700, 7'936, 0, 0, 1'314'764};
    auto real = text_of(kSamples / "RD201015090501_802310048993424");
    const auto ours = write_summary({"802310048993424", kSampleDay}, "淘在路上", {{"自助消费", totals}}, totals);
    EXPECT_EQ(ours, real.substr(0, ours.size()));
}

TEST_F(Samples, FileContentHoldsTheArchive) {
    auto content = text_of(kSamples / "filetransfer_fileContent.b64.txt");
    const auto archive = decode_file_content(content.substr(0, content.find_last_not_of("\r\n") + 1));
    ASSERT_TRUE(archive) << archive.error();
    EXPECT_EQ(*archive, text_of(kSamples / kSampleZip));
    EXPECT_TRUE(is_archive_name(kSampleZip, "802310048993424"));
}

std::unique_ptr<Channel> example_channel() {
    Options options;
    options.merchant_id = "777529755595606";
    options.roots.push_back(certificate(kExample / "keys/acme/unionpay_root.pem"));
    options.intermediates.push_back(certificate(kExample / "keys/acme/unionpay_middle.pem"));
    return make_channel(std::move(options), context());
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t from = 0; from < text.size();) {
        const auto to = std::min(text.find('\n', from), text.size());
        lines.push_back(text.substr(from, to - from));
        from = to + 1;
    }
    return lines;
}

TEST_F(WorkedExample, CallbacksVerify) {
    const auto channel = example_channel();
    std::size_t payments = 0;
    std::size_t refunds = 0;
    for (const auto& line : lines_of(text_of(kExample / "callbacks.jsonl"))) {
        const auto recorded = core::json::parse(line);
        ASSERT_TRUE(recorded);
        if (!recorded->string_at("path").value_or("").ends_with("/unionpay")) {
            continue;
        }
        const auto body = *core::crypto::base64_decode(*recorded->string_at("body_base64"));
        const auto received_at = *core::parse_rfc3339(*recorded->string_at("received_at"));
        const auto result = channel->read_callback({{}, body, received_at});
        ASSERT_EQ(verdict(result), "accepted");
        ASSERT_EQ(result->transactions.size(), 1U);
        ++(result->transactions[0].type == TransactionType::payment ? payments : refunds);
    }
    EXPECT_EQ(payments, 54U);
    EXPECT_EQ(refunds, 4U);
}

struct Day {
    const char* date;
    std::int64_t amount;
    std::int64_t fee;
};

TEST_F(WorkedExample, StatementsAddUpToTheExpectedSummaries) {
    for (const auto& expected : {Day{"2026-11-17", 16'200'850, 97'206}, Day{"2026-11-18", 1'695'146, 10'172}}) {
        const auto day = *core::parse_day(expected.date);
        const auto name = archive_name({"777529755595606", day});
        const auto bytes = text_of(kExample / "statements/acme/unionpay" / expected.date / name);
        const auto statement = example_channel()->read_statement({{name, bytes}}, day);
        ASSERT_TRUE(statement) << statement.error().message();
        EXPECT_EQ(statement->files.at(0).lines, 27U);
        EXPECT_EQ(sums_of(*statement).amount, expected.amount);
        EXPECT_EQ(sums_of(*statement).fee, expected.fee);
        expect_totals_agree(*statement, 7);
        EXPECT_TRUE(statement->warnings.empty());
        for (const auto& line : statement->lines) {
            EXPECT_EQ(line.status, TransactionStatus::captured);
            EXPECT_EQ(core::day_of(*line.occurred_at, day_cut()), day);
        }
        EXPECT_FALSE(example_channel()->read_statement({{name, bytes}}, core::day_after(day)));
    }
}

TEST_F(WorkedExample, SummaryIsWhatTheSimulatorWouldWrite) {
    const SettlementDay settlement{"777529755595606", *core::parse_day("2026-11-17")};
    const auto archive = text_of(kExample / "statements/acme/unionpay/2026-11-17" / archive_name(settlement));
    const auto members = core::unpack(archive);
    ASSERT_TRUE(members);
    const SettlementTotals payments{25, 0, 16'219'782, 97'320, 0, 0, 16'122'462};
    const SettlementTotals refunds{2, 18'932, 0, 0, 114, 18'818, 0};
    const SettlementTotals total{27, 18'932, 16'219'782, 97'320, 114, 18'818, 16'122'462};
    const auto ours = write_summary(settlement, "演示商户", {{"自助消费", payments}, {"退货", refunds}}, total);
    for (const auto& member : *members) {
        if (member.name == summary_name(settlement)) {
            EXPECT_EQ(member.bytes, ours);
        } else {
            EXPECT_EQ(member.name, transactions_name(settlement));
        }
    }
}

}  // namespace
}  // namespace payments::unionpay
