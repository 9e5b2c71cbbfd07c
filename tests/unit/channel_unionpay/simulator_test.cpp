#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "config/document.h"
#include "core/archive.h"
#include "core/files.h"
#include "world.h"

namespace payments::unionpay::test {
namespace {

const core::BusinessDay kDay = *core::parse_day("2026-11-18");

core::Money yuan(std::int64_t fen) { return {fen, *core::Currency::from_code("CNY")}; }

SimulatedTransaction payment(int number, std::int64_t fen, const char* when = "2026-11-18T03:21:44Z") {
    return {.type = TransactionType::payment,
            .merchant_order_id = "U2611180000" + std::to_string(number),
            .own_order_id = {},
            .amount = yuan(fen),
            .occurred_at = at(when),
            .business_day = kDay,
            .fee = yuan(fen * 60 / 10'000),
            .channel_txn_id = {},
            .related_txn_id = {},
            .attributes = {},
            .channel_status = {}};
}

// A folder of its own with the simulator's keys in it, and the channel as its configuration makes it.
class SimulatedChannel : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("unionpay-simulator-" + std::to_string(::getpid()));
        const auto toml = simulator_->write_configuration(folder_, folder_ / "keys");
        config::Document document(toml, "test.toml", folder_);
        auto section = document.root().table("tenant")->table("unionpay");
        channel_ = make_channel(*section, context());
        EXPECT_EQ(document.finish(), std::vector<std::string>{});
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::vector<SimulatedTransaction> day() {
        std::vector<SimulatedTransaction> made{payment(1, 12345), payment(2, 1), payment(3, 999'999'999)};
        for (auto& transaction : made) {
            simulator_->assign_ids(transaction, nullptr, random_);
        }
        auto refund = payment(1, 345, "2026-11-18T04:00:00Z");
        refund.type = TransactionType::refund;
        refund.own_order_id = "RU26111800001";
        refund.fee = yuan(-2);
        simulator_->assign_ids(refund, &made.front(), random_);
        made.push_back(refund);
        return made;
    }

    std::filesystem::path folder_;
    std::unique_ptr<ChannelSimulator> simulator_ = make_simulator("acme", 7);
    std::unique_ptr<Channel> channel_;
    Random random_{7};
};

TEST_F(SimulatedChannel, SignsWhatTheChannelAccepts) {
    for (const auto& transaction : day()) {
        const auto callbacks = simulator_->callbacks(transaction, kNow, random_);
        ASSERT_EQ(callbacks.size(), 1U);
        const auto result = channel_->read_callback({callbacks[0].headers, callbacks[0].body, kNow});
        ASSERT_EQ(verdict(result), "accepted");
        const auto& told = result->transactions.at(0);
        EXPECT_EQ(told.type, transaction.type);
        EXPECT_EQ(told.channel_txn_id.text(), transaction.channel_txn_id);
        EXPECT_EQ(told.related_txn_id.text(), transaction.related_txn_id);
        EXPECT_EQ(told.own_order_id, transaction.own_order_id);
        EXPECT_EQ(std::abs(told.amount.minor()), transaction.amount.minor());
        EXPECT_EQ(told.occurred_at, transaction.occurred_at);
        EXPECT_EQ(told.business_day, transaction.business_day);
    }
}

TEST_F(SimulatedChannel, WritesStatementsThatSayTheSameAsItsCallbacks) {
    const auto transactions = day();
    const auto files = simulator_->statement(kDay, transactions, {}, random_);
    const auto statement = channel_->read_statement(files, kDay);
    ASSERT_TRUE(statement) << statement.error().message();
    ASSERT_EQ(statement->lines.size(), transactions.size());
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        const auto callback = simulator_->callbacks(transactions[i], kNow, random_).front();
        const auto message = channel_->read_callback({callback.headers, callback.body, kNow});
        ASSERT_TRUE(message);
        const auto& told = message->transactions.at(0);
        const auto& line = statement->lines[i];
        EXPECT_EQ(line.type, told.type);
        EXPECT_EQ(line.channel_txn_id, told.channel_txn_id);
        EXPECT_EQ(line.merchant_order_id.text(), transactions[i].merchant_order_id);
        EXPECT_EQ(line.own_order_id, told.own_order_id);
        EXPECT_EQ(line.amount, told.amount);
        EXPECT_EQ(line.fee, transactions[i].fee);
        EXPECT_EQ(line.occurred_at, told.occurred_at);
        EXPECT_EQ(line.masked_card, told.masked_card);
        EXPECT_EQ(line.status, TransactionStatus::captured);
    }
    EXPECT_EQ(statement->totals.size(), 7U);
    for (const auto& total : statement->totals) {
        EXPECT_TRUE(total.agrees()) << total.name << " " << total.stated << " " << total.actual;
    }
    EXPECT_TRUE(statement->warnings.empty());
}

TEST_F(SimulatedChannel, WritesRowsOfTheTrueLength) {
    const auto members = core::unpack(simulator_->statement(kDay, day(), {}, random_).front().bytes);
    ASSERT_TRUE(members);
    const auto& rows = members->front().bytes;
    ASSERT_EQ(rows.size() % 609, 0U);
    for (std::size_t end = 609; end <= rows.size(); end += 609) {
        EXPECT_EQ(rows.substr(end - 2, 2), "\r\n");
    }
}

TEST_F(SimulatedChannel, LiesInItsTotalWhereItIsTold) {
    const auto statement = channel_->read_statement(simulator_->statement(kDay, day(), {-1}, random_), kDay);
    ASSERT_TRUE(statement);
    EXPECT_TRUE(std::any_of(statement->totals.begin(), statement->totals.end(),
                            [](const TotalCheck& total) { return !total.agrees(); }));
}

TEST_F(SimulatedChannel, WritesADayWithoutTransactions) {
    const auto statement = channel_->read_statement(simulator_->statement(kDay, {}, {}, random_), kDay);
    ASSERT_TRUE(statement) << statement.error().message();
    EXPECT_TRUE(statement->lines.empty());
}

TEST_F(SimulatedChannel, RefusesAnotherSimulatorsMessages) {
    const auto other = make_simulator("acme", 8);
    auto transaction = payment(1, 100);
    other->assign_ids(transaction, nullptr, random_);
    const auto callback = other->callbacks(transaction, kNow, random_).front();
    EXPECT_EQ(verdict(channel_->read_callback({callback.headers, callback.body, kNow})), "401 certificate_untrusted");
}

TEST(TheSimulatorsStatement, DependsOnTheSeedAlone) {
    const auto statement = [](std::uint64_t seed) {
        Random random(seed);
        const auto simulator = make_simulator("acme", seed);
        auto transaction = payment(1, 100);
        simulator->assign_ids(transaction, nullptr, random);
        return simulator->statement(kDay, {transaction}, {}, random).front();
    };
    EXPECT_EQ(statement(1).bytes, statement(1).bytes);
    EXPECT_EQ(statement(1).name, statement(1).name);
    EXPECT_NE(statement(1).bytes, statement(2).bytes);
}

}  // namespace
}  // namespace payments::unionpay::test
