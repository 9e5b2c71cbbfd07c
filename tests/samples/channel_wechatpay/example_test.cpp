// The worked example of the contract, as far as this channel goes: its callbacks verify, its bills say what the
// expected lists say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/files.h"
#include "core/json/reader.h"
#include "payments/channels/wechatpay/wechatpay.h"

namespace payments::wechatpay {
namespace {

using testing::ElementsAre;

const std::filesystem::path kFolder = std::filesystem::path(DUIZHANG_SOURCE_DIR) / ".." / "shared" / "example";
const std::string kMerchant = "1982158722";
const std::string kPublicKeyId = "PUB_KEY_ID_0114436960898202412127702303615323731";
constexpr std::size_t kFileBytesMax = 8U << 20U;

std::string file(const std::string& path) { return core::read_file(kFolder / path, kFileBytesMax); }

std::unique_ptr<Channel> channel() {
    Options options;
    options.merchant.id = kMerchant;
    options.api_v3_key = core::KeyBytes(file("keys/acme/wechatpay-api-v3.key"));
    const auto certificate = core::crypto::Certificate::from_pem(file("keys/acme/wechat_platform_cert.pem")).value();
    options.verifiers.emplace(certificate.serial_hex(), Verifier::from_certificate(certificate));
    options.verifiers.emplace(
        kPublicKeyId, Verifier::from_public_key(
                          core::crypto::PublicKey::from_pem(file("keys/acme/wechat_pubkey_mode_pub.pem")).value()));
    ChannelContext context;
    context.tenant = "acme";
    context.fingerprint = [](std::string_view) { return std::string("fingerprint"); };
    context.redact = [](std::string_view text) { return std::string(text); };
    return make_channel(std::move(options), context);
}

// What was recorded for this channel.
std::vector<CallbackRequest> recorded() {
    std::vector<CallbackRequest> requests;
    std::istringstream lines(file("callbacks.jsonl"));
    for (std::string line; std::getline(lines, line);) {
        const auto record = core::json::parse(line);
        if (!record || record->string_at("path") != "/callbacks/acme/wechatpay") {
            continue;
        }
        CallbackRequest request;
        for (const auto& [name, value] : record->find("headers")->members()) {
            request.headers.emplace_back(name, std::string(value.string().value_or("")));
        }
        request.body = core::crypto::base64_decode(record->string_at("body_base64").value()).value();
        request.received_at = core::parse_rfc3339(record->string_at("received_at").value()).value();
        requests.push_back(std::move(request));
    }
    return requests;
}

// A movement as the ledger knows it: its kind and number, in minor units.
using Movements = std::map<std::pair<TransactionType, std::string>, std::int64_t>;

class WechatExample : public testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kFolder)) {
            std::cout << "left out: the worked example is not here\n";
            GTEST_SKIP();
        }
    }

    static Movements movements_of(core::BusinessDay day) {
        Movements movements;
        const auto reader = channel();
        for (const auto& request : recorded()) {
            const auto message = reader->read_callback(request);
            for (const auto& told : message ? message->transactions : std::vector<Transaction>{}) {
                if (told.business_day == day) {
                    movements[{told.type, told.channel_txn_id.text()}] = told.amount.minor();
                }
            }
        }
        return movements;
    }

    static Statement bill(const std::string& path, const std::string& day) {
        const std::string name = std::filesystem::path(path).filename().string();
        auto statement = channel()->read_statement({{name, file(path)}}, core::parse_day(day).value());
        EXPECT_TRUE(statement) << statement.error().message();
        return statement ? *std::move(statement) : Statement{};
    }

    static std::vector<std::string> wrong_totals(const Statement& statement) {
        std::vector<std::string> names;
        for (const auto& total : statement.totals) {
            if (!total.agrees()) {
                names.push_back(total.name + " " + total.stated + " " + total.actual);
            }
        }
        return names;
    }

    // Against summary.json: lines, digest, and both sides' sums.
    static void agrees_with(const Statement& statement, const std::string& expected, const std::string& day) {
        const auto parsed = core::json::parse(file(expected));
        ASSERT_TRUE(parsed);
        const auto& about = parsed->find("statements")->items().at(0);
        EXPECT_EQ(statement.files.at(0).sha256, about.string_at("sha256"));
        EXPECT_EQ(statement.files.at(0).lines, static_cast<std::uint64_t>(about.integer_at("lines").value()));
        std::int64_t amount = 0;
        std::int64_t fee = 0;
        for (const auto& line : statement.lines) {
            amount += line.amount.minor();
            fee += line.fee ? line.fee->minor() : 0;
        }
        EXPECT_EQ(amount, parsed->path("channel_side", "amount", "CNY")->integer());
        EXPECT_EQ(fee, parsed->path("channel_side", "fee", "CNY")->integer());

        const auto movements = movements_of(core::parse_day(day).value());
        std::int64_t booked = 0;
        for (const auto& [key, minor] : movements) {
            booked += minor;
        }
        EXPECT_EQ(static_cast<std::int64_t>(movements.size()), parsed->path("ledger", "count")->integer());
        EXPECT_EQ(booked, parsed->path("ledger", "amount", "CNY")->integer());
    }
};

TEST_F(WechatExample, EveryCallbackVerifies) {
    const auto reader = channel();
    const auto requests = recorded();
    EXPECT_GT(requests.size(), 50U);
    for (const auto& request : requests) {
        const auto message = reader->read_callback(request);
        ASSERT_TRUE(message) << message.error().reason;
        EXPECT_EQ(message->transactions.size(), 1U);
    }
}

TEST_F(WechatExample, NoCallbackVerifiesWithAChangedByte) {
    const auto reader = channel();
    for (auto request : recorded()) {
        auto& byte = request.body[request.body.size() / 2];
        byte = byte == 'A' ? 'B' : 'A';
        EXPECT_FALSE(reader->read_callback(request));
    }
}

TEST_F(WechatExample, FirstDayIsAsExpected) {
    const auto statement = bill("statements/acme/wechatpay/2026-11-17/1982158722All2026-11-17.csv", "2026-11-17");
    EXPECT_THAT(wrong_totals(statement), ElementsAre());
    agrees_with(statement, "expected-review/acme/wechatpay/2026-11-17/summary.json", "2026-11-17");
}

TEST_F(WechatExample, SecondDayIsAsExpected) {
    const auto statement = bill("statements/acme/wechatpay/2026-11-18/1982158722All2026-11-18.csv", "2026-11-18");
    EXPECT_THAT(wrong_totals(statement), ElementsAre());
    agrees_with(statement, "expected-review/acme/wechatpay/2026-11-18/summary.json", "2026-11-18");
    // The two lines that the expected list is about, by their places in the file.
    std::vector<std::string> contradicting;
    for (const auto& line : statement.lines) {
        if (line.status != TransactionStatus::captured) {
            contradicting.push_back(std::to_string(line.line) + " " + line.channel_txn_id.text() + " " +
                                    line.channel_status + " " + core::decimal_from_minor(line.amount.minor(), 2));
        }
    }
    EXPECT_THAT(contradicting, ElementsAre("7 50368730202611189711008307407 CHANGE -53.19",
                                           "13 4200000653202611183409458021 REVOKED 143.40"));
}

// One fen too much, in both of the sums that a payment's amount enters.
TEST_F(WechatExample, WrongTotalsAreTold) {
    const auto statement = bill("wrong-totals/1982158722All2026-11-19.csv", "2026-11-19");
    EXPECT_THAT(wrong_totals(statement), ElementsAre("应结订单总金额 4001.57 4001.56", "订单总金额 4001.57 4001.56"));
    agrees_with(statement, "wrong-totals/expected/summary.json", "2026-11-19");
}

TEST_F(WechatExample, ABillOfAnotherDayIsRefused) {
    const auto refused =
        channel()->read_statement({{"b.csv", file("statements/acme/wechatpay/2026-11-17/1982158722All2026-11-17.csv")}},
                                  core::parse_day("2026-11-18").value());
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message(), testing::HasSubstr("of another day, 2026-11-17"));
}

}  // namespace
}  // namespace payments::wechatpay
