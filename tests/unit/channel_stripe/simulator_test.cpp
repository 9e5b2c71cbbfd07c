// The simulator against the channel: what one writes the other must read.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "core/archive.h"
#include "core/files.h"
#include "support.h"

namespace payments::stripe {
namespace {

const core::BusinessDay kDay = *core::parse_day("2026-11-18");

SimulatedTransaction simulated(TransactionType type, core::Money amount, core::Money fee, const char* at) {
    return {.type = type,
            .merchant_order_id = "S-1",
            .own_order_id = {},
            .amount = amount,
            .occurred_at = *core::parse_rfc3339(at),
            .business_day = kDay,
            .fee = fee,
            .channel_txn_id = {},
            .related_txn_id = {},
            .attributes = {},
            .channel_status = {}};
}

// A payment and its refund, in three currencies.
std::vector<SimulatedTransaction> a_day(const ChannelSimulator& simulator, Random& random) {
    std::vector<SimulatedTransaction> day;
    for (const auto* code : {"USD", "EUR", "JPY"}) {
        auto payment = simulated(TransactionType::payment, test::money(12345, code), test::money(388, code),
                                 "2026-11-18T10:00:00Z");
        simulator.assign_ids(payment, nullptr, random);
        auto refund =
            simulated(TransactionType::refund, test::money(1200, code), test::money(0, code), "2026-11-18T11:00:00Z");
        simulator.assign_ids(refund, &payment, random);
        day.push_back(payment);
        day.push_back(refund);
    }
    return day;
}

struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() /
        ("stripe_simulator_" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
    Folder() { std::filesystem::create_directories(path / "keys" / "acme"); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path); }
};

TEST(Simulator, WritesASectionWhoseSecretOnlyTheOwnerReads) {
    const Folder folder;
    const auto simulator = make_simulator("acme", 1);

    const auto section = simulator->write_configuration(folder.path, folder.path / "keys" / "acme");

    EXPECT_NE(section.find("[tenant.stripe]\naccount = \"acct_1"), std::string::npos);
    EXPECT_NE(section.find(R"(webhook_secrets = ["file:keys/acme/stripe.secret"])"), std::string::npos);
    const auto secret = core::read_private_file(folder.path / "keys" / "acme" / "stripe.secret");
    EXPECT_EQ(secret.size(), 38U);
    EXPECT_EQ(secret.substr(0, 6), "whsec_");
}

TEST(Simulator, SignsCallbacksThatTheChannelReads) {
    const Folder folder;
    const auto simulator = make_simulator("acme", 1);
    simulator->write_configuration(folder.path, folder.path);
    auto options = test::options();
    options.webhook_secrets.clear();
    options.webhook_secrets.push_back(test::key(core::read_private_file(folder.path / "stripe.secret")));
    const auto channel = test::channel(std::move(options));
    Random random(7);
    std::set<std::string> types;

    for (const auto& transaction : a_day(*simulator, random)) {
        const bool refund = transaction.type == TransactionType::refund;
        for (int round = 0; round < 8; ++round) {
            for (const auto& callback : simulator->callbacks(transaction, test::kNow, random)) {
                const auto message = channel->read_callback({callback.headers, callback.body, test::kNow});
                ASSERT_TRUE(message) << message.error().reason;
                ASSERT_EQ(message->transactions.size(), 1U);
                const auto& told = message->transactions[0];
                EXPECT_EQ(told.type, transaction.type);
                EXPECT_EQ(told.channel_txn_id.text(), transaction.channel_txn_id);
                EXPECT_EQ(told.amount.minor(), refund ? -transaction.amount.minor() : transaction.amount.minor());
                EXPECT_EQ(told.merchant_order_id.text(), "S-1");
                EXPECT_EQ(told.related_txn_id.text(), transaction.related_txn_id);
                EXPECT_EQ(told.business_day, kDay);
                types.insert(message->event_type);
            }
        }
    }
    EXPECT_EQ(types, (std::set<std::string>{"charge.succeeded", "payment_intent.succeeded", "refund.created"}));
}

TEST(Simulator, WritesAStatementThatTheChannelReads) {
    const auto simulator = make_simulator("acme", 1);
    Random random(7);
    const auto day = a_day(*simulator, random);

    const auto files = simulator->statement(kDay, day, {}, random);
    const auto statement = test::channel()->read_statement(files, kDay);

    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].name, "Itemized_balance_change_from_activity_2026-11-18_to_2026-11-19_UTC.csv.gz");
    ASSERT_TRUE(statement) << statement.error().message();
    ASSERT_EQ(statement->lines.size(), day.size());
    for (std::size_t i = 0; i < day.size(); ++i) {
        const auto& line = statement->lines[i];
        EXPECT_EQ(line.type, day[i].type);
        EXPECT_EQ(line.channel_txn_id.text(), day[i].channel_txn_id);
        EXPECT_EQ(line.amount.currency(), day[i].amount.currency());
        EXPECT_EQ(std::abs(line.amount.minor()), day[i].amount.minor());
        EXPECT_EQ(line.fee, day[i].fee);
        EXPECT_EQ(line.occurred_at, day[i].occurred_at);
        EXPECT_EQ(line.attributes.at("payment_intent"), day[i].attributes.at("payment_intent"));
    }
}

TEST(Simulator, WritesWhatItsSeedSays) {
    std::vector<std::string> texts;
    for (const std::uint64_t seed : {std::uint64_t{7}, std::uint64_t{7}, std::uint64_t{8}}) {
        const auto simulator = make_simulator("acme", 1);
        Random random(seed);
        const auto day = a_day(*simulator, random);
        texts.push_back(simulator->statement(kDay, day, {}, random).at(0).bytes);
    }

    EXPECT_EQ(texts[0], texts[1]);
    EXPECT_NE(texts[0], texts[2]);
}

// A charge of the day before, settled after midnight: its row carries a time of the statement's day.
TEST(Simulator, DatesALateRowIntoItsStatementsDay) {
    const auto simulator = make_simulator("acme", 1);
    Random random(7);
    auto late = simulated(TransactionType::payment, test::usd(21641), test::usd(658), "2026-11-17T23:59:58Z");
    simulator->assign_ids(late, nullptr, random);

    const auto statement = test::channel()->read_statement(simulator->statement(kDay, {late}, {}, random), kDay);

    ASSERT_TRUE(statement) << statement.error().message();
    EXPECT_EQ(core::format_rfc3339(*statement->lines.at(0).occurred_at), "2026-11-18T00:00:01Z");
}

TEST(Simulator, SaysWhoItIs) {
    const auto simulator = make_simulator("acme", 1);

    EXPECT_EQ(simulator->channel(), "stripe");
    EXPECT_EQ(simulator->currency().code(), "USD");
    EXPECT_EQ(simulator->day_cut().zone, "UTC");
}

}  // namespace
}  // namespace payments::stripe
