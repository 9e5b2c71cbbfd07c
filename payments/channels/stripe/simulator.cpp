#include <algorithm>
#include <array>
#include <utility>

#include "core/archive.h"
#include "core/crypto/random.h"
#include "core/failure.h"
#include "core/files.h"
#include "payments/channels/stripe/amounts.h"
#include "payments/channels/stripe/signature.h"
#include "payments/channels/stripe/simulator_events.h"
#include "payments/channels/stripe/stripe.h"

namespace payments::stripe {
namespace {

constexpr std::array kColumns = {"balance_transaction_id",
                                 "created_utc",
                                 "available_on_utc",
                                 "currency",
                                 "gross",
                                 "fee",
                                 "net",
                                 "reporting_category",
                                 "source_id",
                                 "description",
                                 "customer_facing_amount",
                                 "customer_facing_currency",
                                 "charge_id",
                                 "payment_intent_id",
                                 "payment_metadata[order_id]"};

std::string lower(std::string_view code) {
    std::string text(code);
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return static_cast<char>(c | 0x20); });
    return text;
}

const char* prefix_of(TransactionType type) {
    switch (type) {
        case TransactionType::refund:
            return "re";
        case TransactionType::dispute:
            return "du";
        case TransactionType::payout:
            return "po";
        case TransactionType::payment:
        case TransactionType::reversal:
        case TransactionType::fee:
        case TransactionType::adjustment:
            return "ch";
    }
    return "ch";
}

std::string csv_row(const std::vector<std::string>& cells) {
    std::string row;
    for (const auto& cell : cells) {
        row += row.empty() ? "\"" : ",\"";
        for (const char c : cell) {
            row += c == '"' ? "\"\"" : std::string(1, c);
        }
        row += '"';
    }
    return row + '\n';
}

// When the balance changed. A charge in a day's last second can be settled on the next: then its row, and with it the
// report it stands on, is the next day's.
core::Instant settled_at(const SimulatedTransaction& transaction, const core::DayCut& cut) {
    const core::Instant first = core::day_begin(transaction.business_day, cut) + std::chrono::seconds(1);
    const core::Instant last = core::day_end(transaction.business_day, cut) - std::chrono::seconds(1);
    return std::clamp(transaction.occurred_at, first, last);
}

std::string report_row(const SimulatedTransaction& t, const core::DayCut& cut) {
    const bool refund = t.type == TransactionType::refund;
    const core::Money gross = refund ? core::Money(-t.amount.minor(), t.amount.currency()) : t.amount;
    const auto net = gross.minus(t.fee);
    core::ensure(static_cast<bool>(net), "a simulated fee is in the amount's currency");
    const auto at = settled_at(t, cut);
    const auto currency = lower(t.amount.currency().code());
    const auto order = t.remark.empty() ? "Order " + t.merchant_order_id : t.remark;
    return csv_row({attribute(t, kBalanceTransaction), core::format_local(at, "UTC"),
                    core::format_day(core::day_after(core::day_after(t.business_day))) + " 00:00:00", currency,
                    report_text(gross), report_text(t.fee), report_text(*net), refund ? "refund" : "charge",
                    t.channel_txn_id, refund ? "REFUND FOR CHARGE (" + order + ")" : order, report_text(gross),
                    currency, refund ? t.related_txn_id : t.channel_txn_id, attribute(t, kPaymentIntent),
                    t.merchant_order_id});
}

class StripeSimulator final : public ChannelSimulator {
public:
    explicit StripeSimulator(std::uint64_t seed) {
        Random random(seed);
        account_ = "acct_1" + object_id("x", random).substr(3, 15);
    }

    std::string_view channel() const override { return "stripe"; }
    core::DayCut day_cut() const override { return {"UTC", std::chrono::minutes(0)}; }
    core::Currency currency() const override { return *core::Currency::from_code("USD"); }

    std::string write_configuration(const std::filesystem::path& config_folder,
                                    const std::filesystem::path& keys_folder) override {
        std::filesystem::create_directories(keys_folder);
        constexpr unsigned kOwnerOnly = 0600;
        const auto path = keys_folder / "stripe.secret";
        core::write_file(path, secret_.reveal(), kOwnerOnly);
        const auto reference = std::filesystem::absolute(path).lexically_normal().lexically_relative(
            std::filesystem::absolute(config_folder).lexically_normal());
        return "[tenant.stripe]\naccount = \"" + account_ + "\"\nwebhook_secrets = [\"file:" + reference.string() +
               "\"]\n";
    }

    void assign_ids(SimulatedTransaction& transaction, const SimulatedTransaction* payment,
                    Random& random) const override {
        transaction.channel_txn_id = object_id(prefix_of(transaction.type), random);
        transaction.attributes[kBalanceTransaction] = object_id("txn", random);
        if (payment != nullptr) {
            transaction.related_txn_id = payment->channel_txn_id;
            transaction.attributes[kPaymentIntent] = attribute(*payment, kPaymentIntent);
        } else {
            transaction.attributes[kPaymentIntent] = object_id("pi", random);
        }
    }

    std::vector<SignedCallback> callbacks(const SimulatedTransaction& transaction, core::Instant signed_at,
                                          Random& random) const override {
        return signed_all(event_bodies(transaction, random), signed_at);
    }

    std::vector<SignedCallback> further_callbacks(const SimulatedTransaction& transaction, core::Instant signed_at,
                                                  Random& random) const override {
        return signed_all(further_event_bodies(transaction, random), signed_at);
    }

    std::vector<StatementFile> statement(core::BusinessDay day, const std::vector<SimulatedTransaction>& transactions,
                                         const StatementFaults& /*faults: the report has no totals*/,
                                         Random& /*random*/) const override {
        std::string text = csv_row({kColumns.begin(), kColumns.end()});
        for (const auto& transaction : transactions) {
            text += report_row(transaction, day_cut());
        }
        const auto name = "Itemized_balance_change_from_activity_" + core::format_day(day) + "_to_" +
                          core::format_day(core::day_after(day)) + "_UTC.csv.gz";
        return {{name, core::gzip(text)}};
    }

private:
    std::vector<SignedCallback> signed_all(std::vector<std::string> bodies, core::Instant signed_at) const {
        std::vector<SignedCallback> signed_callbacks;
        signed_callbacks.reserve(bodies.size());
        for (auto& body : bodies) {
            signed_callbacks.push_back(sign(std::move(body), signed_at));
        }
        return signed_callbacks;
    }

    SignedCallback sign(std::string body, core::Instant signed_at) const {
        SignedCallback callback;
        callback.headers = {{"Content-Type", "application/json; charset=utf-8"},
                            {"User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"},
                            {"Stripe-Signature", signature_header(body, secret_, signed_at)}};
        callback.body = std::move(body);
        return callback;
    }

    std::string account_;
    core::KeyBytes secret_{"whsec_" + core::crypto::random_token(32)};
};

}  // namespace

std::unique_ptr<ChannelSimulator> make_simulator(const std::string& /*tenant*/, std::uint64_t seed) {
    return std::make_unique<StripeSimulator>(seed);
}

}  // namespace payments::stripe
