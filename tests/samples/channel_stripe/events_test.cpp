// The 17 sample events and the published objects, signed with a secret made for the test.
#include "samples.h"

#include <map>

#include "core/crypto/random.h"
#include "payments/channels/stripe/events.h"
#include "payments/channels/stripe/objects.h"
#include "payments/channels/stripe/signature.h"

namespace payments::stripe {
namespace {

using Type = TransactionType;

struct Told {
    Type type;
    const char* id;
    std::int64_t minor;
    const char* currency;
};

struct Sample {
    const char* file;
    std::vector<Told> told;
};

const std::vector<Sample>& expected() {
    static const std::vector<Sample> kAll = {
        {"event_01_charge.succeeded.json", {{Type::payment, "ch_3SaPayRecon0000000000A", 10000, "USD"}}},
        {"event_02_payment_intent.succeeded.json", {{Type::payment, "ch_3SaPayRecon0000000000A", 10000, "USD"}}},
        {"event_03_charge.updated.json", {{Type::payment, "ch_3SaPayRecon0000000000A", 10000, "USD"}}},
        {"event_04_charge.succeeded.json", {{Type::payment, "ch_3SaPayRecon0000000000C", 1000, "EUR"}}},
        {"event_05_refund.created.json", {{Type::refund, "re_3SaPayRecon0000000000A1", -2500, "USD"}}},
        {"event_06_charge.refunded.json", {}},
        {"event_07_refund.updated.json", {{Type::refund, "re_3SaPayRecon0000000000A1", -2500, "USD"}}},
        {"event_08_refund.failed.json",
         {{Type::refund, "re_3SaPayRecon0000000000A1", -2500, "USD"},
          {Type::reversal, "re_3SaPayRecon0000000000A1", 2500, "USD"}}},
        {"event_09_charge.dispute.created.json", {}},
        {"event_10_charge.dispute.funds_withdrawn.json", {{Type::dispute, "du_1SaPayRecon0000000000B", -4995, "USD"}}},
        {"event_11_charge.dispute.closed.json", {}},
        {"event_12_charge.dispute.funds_reinstated.json",
         {{Type::dispute, "du_1SaPayRecon0000000000B", -4995, "USD"},
          {Type::reversal, "du_1SaPayRecon0000000000B", 4995, "USD"}}},
        {"event_13_transfer.created.json", {}},
        {"event_14_transfer.reversed.json", {}},
        {"event_15_payout.paid.json", {{Type::payout, "po_1SaPayReconPayout0001", -9591, "USD"}}},
        {"event_16_payout.failed.json",
         {{Type::payout, "po_1SaPayReconPayout0001", -9591, "USD"},
          {Type::reversal, "po_1SaPayReconPayout0001", 9591, "USD"}}},
        {"event_17_charge.succeeded_connect.json", {{Type::payment, "ch_3SaPayReconConnect0001", 4100, "USD"}}},
    };
    return kAll;
}

// The one event of a connected account: the channel of that account reads it, the platform's refuses it.
constexpr const char* kConnect = "event_17_charge.succeeded_connect.json";
constexpr const char* kSeller = "acct_1SaReconSeller0001";
constexpr const char* kPlatform = "acct_1SaReconPlatform";

class SampleEvents : public samples::WithSamples {
protected:
    CallbackRequest request(const std::string& file) const {
        auto body = samples::sample(file);
        const auto now = samples::seconds(1789000000);
        return {{{"Stripe-Signature", signature_header(body, samples::key(secret_), now)}}, body, now};
    }
    std::unique_ptr<Channel> channel_of(const char* account) const {
        return samples::channel(secret_.c_str(), account);
    }

    std::string secret_ = "whsec_" + core::crypto::random_token(32);
};

TEST_F(SampleEvents, TellTheirMovements) {
    for (const auto& sample : expected()) {
        const auto* const account = std::string(sample.file) == kConnect ? kSeller : kPlatform;
        const auto message = channel_of(account)->read_callback(request(sample.file));

        ASSERT_TRUE(message) << sample.file << " " << message.error().reason;
        ASSERT_EQ(message->transactions.size(), sample.told.size()) << sample.file;
        for (std::size_t i = 0; i < sample.told.size(); ++i) {
            const auto& told = message->transactions[i];
            EXPECT_EQ(told.type, sample.told[i].type) << sample.file;
            EXPECT_EQ(told.status, TransactionStatus::captured) << sample.file;
            EXPECT_EQ(told.channel_txn_id.text(), sample.told[i].id) << sample.file;
            EXPECT_EQ(told.amount.minor(), sample.told[i].minor) << sample.file;
            EXPECT_EQ(told.amount.currency().code(), sample.told[i].currency) << sample.file;
        }
        for (const auto* gone : {"billing_details", "receipt", "client_secret", "fingerprint", "94107", "email"}) {
            EXPECT_EQ(message->redacted_body.find(gone), std::string::npos) << sample.file << " " << gone;
        }
    }
}

TEST_F(SampleEvents, AreAllTheEventsThereAre) {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(samples::folder())) {
        found += entry.path().filename().string().starts_with("event_") ? 1U : 0U;
    }
    EXPECT_EQ(found, expected().size());
}

TEST_F(SampleEvents, OfAConnectedAccountAreNotThePlatforms) {
    const auto message = channel_of(kPlatform)->read_callback(request(kConnect));

    ASSERT_FALSE(message);
    EXPECT_EQ(message.error().reason, "merchant_differs");
}

// What one secret signed another doesn't open.
TEST_F(SampleEvents, NeedTheirSecret) {
    const auto other = samples::channel("whsec_another");
    for (const auto& sample : expected()) {
        EXPECT_FALSE(other->read_callback(request(sample.file))) << sample.file;
    }
}

// Payments 100.00 and 10.00 EUR; the refund, the dispute and the payout all came back. (The payment that was disputed
// has no event among the samples.)
TEST_F(SampleEvents, BalanceAsABook) {
    std::map<std::pair<Type, std::string>, core::Money> books;
    for (const auto& sample : expected()) {
        const auto message = channel_of(kPlatform)->read_callback(request(sample.file));
        for (const auto& told : message ? message->transactions : std::vector<Transaction>{}) {
            books.try_emplace({told.type, told.channel_txn_id.text()}, told.amount);
        }
    }
    std::map<std::string, std::int64_t> sums;
    for (const auto& [key, amount] : books) {
        sums[std::string(amount.currency().code())] += amount.minor();
    }
    EXPECT_EQ(books.size(), 8U);
    EXPECT_EQ(sums, (std::map<std::string, std::int64_t>{{"EUR", 1000}, {"USD", 10000}}));
}

core::Result<std::vector<Transaction>, std::string> read(const std::string& type, const core::json::Value& object) {
    const std::string order_key = "order_id";
    const std::string zone = "UTC";
    const Redact as_it_is = [](std::string_view text) { return std::string(text); };
    return transactions_of(type, object, samples::seconds(1789000000), {order_key, zone, as_it_is});
}

// A stored dispute of 2021 with both balance transactions in full, the fee given back as a negative one.
TEST_F(SampleEvents, OfAnOlderDisputeTellBothWays) {
    const auto dispute = samples::json(samples::sample("dispute_funds_reinstated_full.json"));

    const auto told = read("charge.dispute.funds_reinstated", dispute);

    ASSERT_TRUE(told);
    ASSERT_EQ(told->size(), 2U);
    EXPECT_EQ(told->at(0).amount, samples::usd(-1000));
    EXPECT_EQ(told->at(0).attributes.at("fee_minor"), "1500");
    EXPECT_EQ(told->at(1).amount, samples::usd(1000));
    EXPECT_EQ(told->at(1).attributes.at("fee_minor"), "-1500");
    EXPECT_EQ(told->at(1).channel_txn_id.text(), "dp_1JAyTwJSZQVUcJYgPqasUEn1");
    EXPECT_EQ(told->at(1).related_txn_id.text(), "ch_fakefakefakefakefake0001");
}

// One object of each kind as Stripe's own fixtures have it: read without surprise, in the type it would come with.
TEST_F(SampleEvents, OfStripesFixturesAreRead) {
    const auto fixtures = samples::json(samples::sample("openapi_fixtures_selected.json"));

    const auto uncaptured = read("charge.succeeded", *fixtures.find("charge"));
    const auto refund = read("refund.created", *fixtures.find("refund"));
    const auto payout = read("payout.paid", *fixtures.find("payout"));
    ASSERT_TRUE(uncaptured && refund && payout);
    EXPECT_TRUE(uncaptured->empty());
    EXPECT_EQ(refund->at(0).channel_txn_id.text(), "re_1Pgc72B7WZ01zgkWqPvrRrPE");
    EXPECT_EQ(refund->at(0).status, TransactionStatus::captured);
    EXPECT_EQ(payout->at(0).channel_txn_id.text(), "po_1Pgc79B7WZ01zgkWu1KToYf4");
    EXPECT_FALSE(read("payment_intent.succeeded", *fixtures.find("payment_intent")));  // it hasn't succeeded
    EXPECT_TRUE(read_balance_transaction(*fixtures.find("balance_transaction")));
    for (const auto& [name, object] : fixtures.members()) {
        const auto told = read(name + ".updated_in_future", object);
        ASSERT_TRUE(told) << name;
        EXPECT_TRUE(told->empty()) << name;
    }
}

}  // namespace
}  // namespace payments::stripe
