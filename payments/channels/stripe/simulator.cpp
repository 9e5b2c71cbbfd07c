#include <algorithm>
#include <array>
#include <utility>

#include "core/archive.h"
#include "core/crypto/random.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/json/writer.h"
#include "payments/channels/stripe/amounts.h"
#include "payments/channels/stripe/signature.h"
#include "payments/channels/stripe/stripe.h"

namespace payments::stripe {
namespace {

using core::json::Writer;

constexpr const char* kBalanceTransaction = "balance_transaction";
constexpr const char* kPaymentIntent = "payment_intent";
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

// 24 characters after the prefix like Stripe's own, the first of them a 3.
std::string object_id(const char* prefix, Random& random) {
    constexpr std::string_view kLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    constexpr int kRandomLetters = 23;
    std::string id = std::string(prefix) + "_3";
    for (int i = 0; i < kRandomLetters; ++i) {
        id += kLetters[static_cast<std::size_t>(random() % kLetters.size())];
    }
    return id;
}

std::string lower(std::string_view code) {
    std::string text(code);
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return static_cast<char>(c | 0x20); });
    return text;
}

std::string attribute(const SimulatedTransaction& transaction, const char* name) {
    const auto found = transaction.attributes.find(name);
    return found == transaction.attributes.end() ? std::string() : found->second;
}

std::int64_t seconds_of(core::Instant instant) {
    return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
}

std::int64_t units_of(const core::Money& money) {
    const auto units = api_units(money);
    core::ensure(units.has_value(), "a simulated amount can be written in Stripe's units");
    return *units;
}

void write_order(Writer& out, const SimulatedTransaction& transaction) {
    out.key("metadata").begin_object();
    out.member("order_id", std::string_view(transaction.merchant_order_id));
    out.end_object();
}

void write_charge(Writer& out, const SimulatedTransaction& t) {
    out.member("id", std::string_view(t.channel_txn_id)).member("object", "charge");
    out.member("amount", units_of(t.amount)).member("amount_captured", units_of(t.amount));
    out.member("amount_refunded", 0);
    out.member(kBalanceTransaction, std::string_view(attribute(t, kBalanceTransaction)));
    out.key("billing_details").begin_object().key("email").null().key("name").null().end_object();
    out.member("captured", true).member("created", seconds_of(t.occurred_at));
    out.member("currency", std::string_view(lower(t.amount.currency().code())));
    out.member("disputed", false).member("livemode", true);
    write_order(out, t);
    out.member("paid", true);
    out.member(kPaymentIntent, std::string_view(attribute(t, kPaymentIntent)));
    out.key("payment_method_details").begin_object().key("card").begin_object();
    out.member("brand", "visa").member("country", "US").member("funding", "credit").member("last4", "4242");
    out.end_object().member("type", "card").end_object();
    out.member("refunded", false).member("status", "succeeded");
}

void write_payment_intent(Writer& out, const SimulatedTransaction& t) {
    out.member("id", std::string_view(attribute(t, kPaymentIntent))).member("object", "payment_intent");
    out.member("amount", units_of(t.amount)).member("amount_capturable", 0);
    out.member("amount_received", units_of(t.amount)).member("capture_method", "automatic_async");
    out.member("created", seconds_of(t.occurred_at));
    out.member("currency", std::string_view(lower(t.amount.currency().code())));
    out.member("latest_charge", std::string_view(t.channel_txn_id)).member("livemode", true);
    write_order(out, t);
    out.member("status", "succeeded");
}

void write_refund(Writer& out, const SimulatedTransaction& t) {
    out.member("id", std::string_view(t.channel_txn_id)).member("object", "refund");
    out.member("amount", units_of(t.amount));
    out.member(kBalanceTransaction, std::string_view(attribute(t, kBalanceTransaction)));
    out.member("charge", std::string_view(t.related_txn_id)).member("created", seconds_of(t.occurred_at));
    out.member("currency", std::string_view(lower(t.amount.currency().code())));
    write_order(out, t);
    out.member(kPaymentIntent, std::string_view(attribute(t, kPaymentIntent)));
    out.member("reason", "requested_by_customer").member("status", "succeeded");
}

using ObjectWriter = void (*)(Writer&, const SimulatedTransaction&);

std::string event_body(const char* type, ObjectWriter write, const SimulatedTransaction& transaction, Random& random) {
    Writer out(2);
    out.begin_object();
    out.member("id", std::string_view(object_id("evt", random))).member("object", "event");
    out.member("api_version", "2026-10-28.endive").member("created", seconds_of(transaction.occurred_at) + 1);
    out.key("data").begin_object().key("object").begin_object();
    write(out, transaction);
    out.end_object().end_object();
    out.member("livemode", true).member("pending_webhooks", 1);
    out.key("request").begin_object().key("id").null().key("idempotency_key").null().end_object();
    out.member("type", type);
    out.end_object();
    return out.text();
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
    const auto order = "Order " + t.merchant_order_id;
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
        const bool refund = transaction.type == TransactionType::refund;
        transaction.channel_txn_id = object_id(refund ? "re" : "ch", random);
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
        std::vector<std::string> bodies;
        if (transaction.type == TransactionType::refund) {
            bodies.push_back(event_body("refund.created", write_refund, transaction, random));
        } else {
            bodies.push_back(event_body("charge.succeeded", write_charge, transaction, random));
            if (random() % 5 != 0) {
                bodies.push_back(event_body("payment_intent.succeeded", write_payment_intent, transaction, random));
            }
            if (random() % 2 == 0) {  // Stripe promises no order
                std::reverse(bodies.begin(), bodies.end());
            }
        }
        std::vector<SignedCallback> signed_callbacks;
        signed_callbacks.reserve(bodies.size());
        for (auto& body : bodies) {
            signed_callbacks.push_back(sign(std::move(body), signed_at));
        }
        return signed_callbacks;
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
