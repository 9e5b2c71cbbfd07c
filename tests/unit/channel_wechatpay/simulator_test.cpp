// The simulated WeChat Pay against the real reader: what it signs verifies, what it writes adds up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/crypto/random.h"
#include "core/files.h"
#include "tests/unit/channel_wechatpay/bill.h"

namespace payments::wechatpay::test {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kSeed = 7;

core::Money cny(std::int64_t minor) { return {minor, core::Currency::from_code("CNY").value()}; }

SimulatedTransaction sale(std::int64_t minor, const std::string& order) {
    return {.type = TransactionType::payment,
            .merchant_order_id = order,
            .own_order_id = {},
            .amount = cny(minor),
            .occurred_at = at("2026-11-18T02:00:00Z"),
            .business_day = bill_day(),
            .fee = cny(6),
            .channel_txn_id = {},
            .related_txn_id = {},
            .attributes = {},
            .channel_status = {}};
}

// What write_configuration() put into the keys' folder, read the way the configuration names it.
class WechatSimulator : public testing::Test {
protected:
    WechatSimulator() : simulator_(make_simulator("acme", kSeed)) {
        std::filesystem::create_directories(folder_);
        section_ = simulator_->write_configuration(folder_, folder_ / "keys");
    }
    ~WechatSimulator() override { std::filesystem::remove_all(folder_); }

    std::string quoted_after(const std::string& key) const {
        const auto begin = section_.find(key + " = \"") + key.size() + 4;
        return section_.substr(begin, section_.find('"', begin) - begin);
    }

    std::unique_ptr<Channel> channel() const {
        Options made;
        made.merchant.id = quoted_after("merchant_id");
        made.app_id = quoted_after("app_id");
        made.api_v3_key = core::KeyBytes(core::read_private_file(folder_ / quoted_after("api_v3_key").substr(5)));
        const auto certificate =
            core::crypto::Certificate::from_pem(core::read_file(folder_ / "keys/wechatpay-platform-cert.pem", 65536));
        made.verifiers.emplace(certificate->serial_hex(), Verifier::from_certificate(*certificate));
        const auto key =
            core::crypto::PublicKey::from_pem(core::read_file(folder_ / quoted_after("public_key"), 65536));
        made.verifiers.emplace(quoted_after("{ id"), Verifier::from_public_key(*key));
        return make_channel(std::move(made), plain_context());
    }

    std::vector<SimulatedTransaction> day() const {
        Random random(kSeed);
        std::vector<SimulatedTransaction> transactions;
        for (int number = 0; number < 12; ++number) {
            transactions.push_back(sale(1000 + number, "W" + std::to_string(number)));
            simulator_->assign_ids(transactions.back(), nullptr, random);
        }
        auto back = sale(400, "W0");
        back.type = TransactionType::refund;
        back.fee = cny(-2);
        back.channel_status = "CHANGE";
        simulator_->assign_ids(back, &transactions[0], random);
        transactions.push_back(back);
        transactions[1].channel_status = "REVOKED";
        return transactions;
    }

    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("duizhang-wechat-" + core::crypto::random_token(12));
    std::unique_ptr<ChannelSimulator> simulator_;
    std::string section_;
};

TEST_F(WechatSimulator, SignsCallbacksThatVerifyWithBothKeys) {
    Random random(kSeed);
    const auto reader = channel();
    std::set<std::string> serials;
    for (const auto& transaction : day()) {
        const auto sent = simulator_->callbacks(transaction, now(), random);
        ASSERT_EQ(sent.size(), 1U);
        CallbackRequest request{sent[0].headers, sent[0].body, now()};
        serials.insert(std::string(request.header("wechatpay-serial").value()));
        const auto message = reader->read_callback(request);
        ASSERT_TRUE(message) << message.error().reason;
        const auto& told = message->transactions.at(0);
        const bool refund = transaction.type == TransactionType::refund;
        EXPECT_EQ(told.type, transaction.type);
        EXPECT_EQ(told.status, TransactionStatus::captured);
        EXPECT_EQ(told.channel_txn_id.text(), transaction.channel_txn_id);
        EXPECT_EQ(told.merchant_order_id.text(), transaction.merchant_order_id);
        EXPECT_EQ(told.own_order_id, transaction.own_order_id);
        EXPECT_EQ(told.amount.minor(), refund ? -transaction.amount.minor() : transaction.amount.minor());
        EXPECT_EQ(told.occurred_at, transaction.occurred_at);
        EXPECT_EQ(told.business_day, bill_day());
    }
    EXPECT_EQ(serials.size(), 2U);
}

TEST_F(WechatSimulator, WritesABillThatReadsBackAndAddsUp) {
    Random random(kSeed);
    const auto transactions = day();
    const auto files = simulator_->statement(bill_day(), transactions, {}, random);
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].name, quoted_after("merchant_id") + "All2026-11-18.csv");
    EXPECT_THAT(files[0].bytes, HasSubstr("\r\n"));
    const auto statement = channel()->read_statement(files, bill_day());
    ASSERT_TRUE(statement) << statement.error().message();
    ASSERT_EQ(statement->lines.size(), transactions.size());
    for (const auto& check : statement->totals) {
        EXPECT_TRUE(check.agrees()) << check.name << " " << check.stated << " " << check.actual;
    }
    for (const auto& transaction : transactions) {
        const auto found = std::find_if(statement->lines.begin(), statement->lines.end(), [&](const auto& line) {
            return line.channel_txn_id.text() == transaction.channel_txn_id;
        });
        ASSERT_NE(found, statement->lines.end());
        const bool refund = transaction.type == TransactionType::refund;
        EXPECT_EQ(found->type, transaction.type);
        EXPECT_EQ(found->amount.minor(), refund ? -transaction.amount.minor() : transaction.amount.minor());
        EXPECT_EQ(found->fee, transaction.fee);
        EXPECT_EQ(found->own_order_id, transaction.own_order_id);
        EXPECT_EQ(found->related_txn_id.text(), transaction.related_txn_id);
        EXPECT_EQ(found->channel_status, transaction.channel_status.empty() ? "SUCCESS" : transaction.channel_status);
    }
}

TEST_F(WechatSimulator, LiesAboutATotalWhenAskedTo) {
    Random random(kSeed);
    const auto files = simulator_->statement(bill_day(), day(), {.total_off_by_minor = -3}, random);
    const auto statement = channel()->read_statement(files, bill_day());
    ASSERT_TRUE(statement);
    for (const auto& check : statement->totals) {
        EXPECT_EQ(check.agrees(), check.name != "订单总金额" && check.name != "应结订单总金额") << check.name;
    }
}

// A payment of the day's last seconds may be listed by the channel as one of the next day's first.
TEST_F(WechatSimulator, DatesALineIntoItsStatementsDay) {
    Random random(kSeed);
    auto late = sale(100, "W1");
    late.occurred_at = at("2026-11-17T15:59:58Z");
    simulator_->assign_ids(late, nullptr, random);
    const auto statement = channel()->read_statement(simulator_->statement(bill_day(), {late}, {}, random), bill_day());
    ASSERT_TRUE(statement) << statement.error().message();
    EXPECT_EQ(statement->lines.at(0).occurred_at, at("2026-11-17T16:00:00Z"));
}

TEST_F(WechatSimulator, WritesTheSameBytesForTheSameSeed) {
    const auto again = make_simulator("acme", kSeed);
    const auto other = make_simulator("acme", kSeed + 1);
    const auto transactions = day();
    const auto bytes = [&](const ChannelSimulator& simulator) {
        Random random(kSeed);
        return simulator.statement(bill_day(), transactions, {}, random).at(0).bytes;
    };
    EXPECT_EQ(bytes(*simulator_), bytes(*again));
    EXPECT_NE(bytes(*simulator_), bytes(*other));
}

TEST_F(WechatSimulator, KeepsItsKeysWhenTheConfigurationIsWrittenAgain) {
    EXPECT_EQ(simulator_->write_configuration(folder_, folder_ / "keys"), section_);
    Random random(kSeed);
    const auto transactions = day();
    const auto sent = simulator_->callbacks(transactions[0], now(), random);
    EXPECT_TRUE(channel()->read_callback({sent.at(0).headers, sent[0].body, now()}));
}

TEST(WechatSimulators, OfTwoTenantsAreTwoMerchants) {
    const auto name = [](const char* tenant) {
        Random random(kSeed);
        return make_simulator(tenant, kSeed)->statement(bill_day(), {}, {}, random).at(0).name;
    };
    EXPECT_NE(name("acme"), name("globex"));
}

}  // namespace
}  // namespace payments::wechatpay::test
