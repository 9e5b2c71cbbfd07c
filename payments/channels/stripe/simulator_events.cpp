#include "payments/channels/stripe/simulator_events.h"

#include <algorithm>
#include <string_view>

#include "core/failure.h"
#include "core/json/writer.h"
#include "payments/channels/stripe/amounts.h"

namespace payments::stripe {
namespace {

using core::json::Writer;

constexpr std::int64_t kTwoDays = 172'800;  // in seconds

std::string lower(std::string_view code) {
    std::string text(code);
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return static_cast<char>(c | 0x20); });
    return text;
}

std::int64_t seconds_of(core::Instant instant) {
    return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
}

std::int64_t units_of(const core::Money& money) {
    const auto units = api_units(money);
    core::ensure(units.has_value(), "a simulated amount can be written in Stripe's units");
    return *units;
}

bool failed(const SimulatedTransaction& t) { return t.channel_status == "failed"; }

void write_currency(Writer& out, const SimulatedTransaction& t) {
    out.member("currency", std::string_view(lower(t.amount.currency().code())));
}

void write_order(Writer& out, const SimulatedTransaction& transaction) {
    out.key("metadata").begin_object();
    out.member("order_id", std::string_view(transaction.merchant_order_id));
    if (!transaction.remark.empty()) {
        out.member("note", std::string_view(transaction.remark));
    }
    out.end_object();
}

void write_charge(Writer& out, const SimulatedTransaction& t) {
    out.member("id", std::string_view(t.channel_txn_id)).member("object", "charge");
    out.member("amount", units_of(t.amount)).member("amount_captured", failed(t) ? 0 : units_of(t.amount));
    out.member("amount_refunded", 0);
    out.member(kBalanceTransaction, std::string_view(attribute(t, kBalanceTransaction)));
    out.key("billing_details").begin_object().key("email").null().key("name").null().end_object();
    out.member("captured", !failed(t)).member("created", seconds_of(t.occurred_at));
    write_currency(out, t);
    out.member("disputed", false).member("livemode", true);
    write_order(out, t);
    if (!t.remark.empty()) {
        out.member("description", std::string_view(t.remark));
    }
    out.member("paid", !failed(t));
    out.member(kPaymentIntent, std::string_view(attribute(t, kPaymentIntent)));
    out.key("payment_method_details").begin_object().key("card").begin_object();
    out.member("brand", "visa").member("country", "US").member("funding", "credit").member("last4", "4242");
    out.end_object().member("type", "card").end_object();
    out.member("refunded", false).member("status", failed(t) ? "failed" : "succeeded");
}

// Of a refund: the charge that it takes back, with all that was taken back until then.
void write_refunded_charge(Writer& out, const SimulatedTransaction& t) {
    out.member("id", std::string_view(t.related_txn_id)).member("object", "charge");
    out.member("amount", units_of(t.amount)).member("amount_captured", units_of(t.amount));
    out.member("amount_refunded", units_of(t.amount)).member("captured", true);
    out.member("created", seconds_of(t.occurred_at));
    write_currency(out, t);
    write_order(out, t);
    out.member("paid", true).member(kPaymentIntent, std::string_view(attribute(t, kPaymentIntent)));
    out.member("refunded", true).member("status", "succeeded");
}

void write_payment_intent(Writer& out, const SimulatedTransaction& t) {
    out.member("id", std::string_view(attribute(t, kPaymentIntent))).member("object", "payment_intent");
    out.member("amount", units_of(t.amount)).member("amount_capturable", 0);
    out.member("amount_received", units_of(t.amount)).member("capture_method", "automatic_async");
    out.member("created", seconds_of(t.occurred_at));
    write_currency(out, t);
    out.member("latest_charge", std::string_view(t.channel_txn_id)).member("livemode", true);
    write_order(out, t);
    out.member("status", "succeeded");
}

void write_refund_as(Writer& out, const SimulatedTransaction& t, std::string_view status) {
    out.member("id", std::string_view(t.channel_txn_id)).member("object", "refund");
    out.member("amount", units_of(t.amount));
    out.member(kBalanceTransaction, std::string_view(attribute(t, kBalanceTransaction)));
    out.member("charge", std::string_view(t.related_txn_id)).member("created", seconds_of(t.occurred_at));
    write_currency(out, t);
    if (status == "failed") {
        const auto back = attribute(t, kBalanceTransaction) + "back";
        out.member("failure_balance_transaction", std::string_view(back)).member("failure_reason", "unknown");
    }
    write_order(out, t);
    out.member(kPaymentIntent, std::string_view(attribute(t, kPaymentIntent)));
    out.member("reason", "requested_by_customer").member("status", status);
}
void write_refund(Writer& out, const SimulatedTransaction& t) { write_refund_as(out, t, "succeeded"); }
void write_failed_refund(Writer& out, const SimulatedTransaction& t) { write_refund_as(out, t, "failed"); }

// `sign` is -1 where the dispute takes the money and its fee, and 1 where it gives them back.
void write_dispute_entry(Writer& out, const SimulatedTransaction& t, std::int64_t sign) {
    const auto amount = sign * units_of(t.amount);
    const auto fee = -sign * units_of(t.fee);
    const auto id = attribute(t, kBalanceTransaction) + (sign < 0 ? "" : "back");
    out.begin_object().member("id", std::string_view(id)).member("object", kBalanceTransaction);
    out.member("amount", amount).member("fee", fee).member("net", amount - fee);
    out.member("created", seconds_of(t.occurred_at) + (sign < 0 ? 0 : kTwoDays));
    write_currency(out, t);
    out.member("reporting_category", sign < 0 ? "dispute" : "dispute_reversal");
    out.member("source", std::string_view(t.channel_txn_id)).end_object();
}

void write_dispute_as(Writer& out, const SimulatedTransaction& t, std::string_view status, bool is_back) {
    out.member("id", std::string_view(t.channel_txn_id)).member("object", "dispute");
    out.member("amount", units_of(t.amount));
    out.key("balance_transactions").begin_array();
    write_dispute_entry(out, t, -1);
    if (is_back) {
        write_dispute_entry(out, t, 1);
    }
    out.end_array();
    out.member("charge", std::string_view(t.related_txn_id)).member("created", seconds_of(t.occurred_at));
    write_currency(out, t);
    out.key("metadata").begin_object().end_object();
    out.member(kPaymentIntent, std::string_view(attribute(t, kPaymentIntent)));
    out.member("reason", "fraudulent").member("status", status);
}
void write_dispute(Writer& out, const SimulatedTransaction& t) { write_dispute_as(out, t, "needs_response", false); }
void write_won_dispute(Writer& out, const SimulatedTransaction& t) { write_dispute_as(out, t, "won", true); }
void write_lost_dispute(Writer& out, const SimulatedTransaction& t) { write_dispute_as(out, t, "lost", false); }

void write_payout_as(Writer& out, const SimulatedTransaction& t, std::string_view status) {
    out.member("id", std::string_view(t.channel_txn_id)).member("object", "payout");
    out.member("amount", units_of(t.amount)).member("arrival_date", seconds_of(t.occurred_at) + kTwoDays);
    out.member(kBalanceTransaction, std::string_view(attribute(t, kBalanceTransaction)));
    out.member("created", seconds_of(t.occurred_at));
    write_currency(out, t);
    if (status == "failed") {
        const auto back = attribute(t, kBalanceTransaction) + "back";
        out.member("failure_balance_transaction", std::string_view(back));
    }
    out.member("status", status).member("type", "bank_account");
}
void write_payout_on_its_way(Writer& out, const SimulatedTransaction& t) { write_payout_as(out, t, "in_transit"); }
void write_payout(Writer& out, const SimulatedTransaction& t) { write_payout_as(out, t, "paid"); }
void write_failed_payout(Writer& out, const SimulatedTransaction& t) { write_payout_as(out, t, "failed"); }

void write_customer(Writer& out, const SimulatedTransaction& t) {
    out.member("id", "cus_simulated").member("object", "customer").member("created", seconds_of(t.occurred_at));
    out.member("livemode", true);
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

std::vector<std::string> payment_bodies(const SimulatedTransaction& t, Random& random) {
    if (failed(t)) {
        return {event_body("charge.failed", write_charge, t, random)};
    }
    std::vector<std::string> bodies = {event_body("charge.succeeded", write_charge, t, random)};
    if (random() % 5 != 0) {
        bodies.push_back(event_body("payment_intent.succeeded", write_payment_intent, t, random));
    }
    if (random() % 2 == 0) {  // Stripe promises no order
        std::reverse(bodies.begin(), bodies.end());
    }
    return bodies;
}

}  // namespace

std::string object_id(const char* prefix, Random& random) {
    constexpr std::string_view kLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    constexpr int kRandomLetters = 23;
    std::string id = std::string(prefix) + "_3";
    for (int i = 0; i < kRandomLetters; ++i) {
        id += kLetters[static_cast<std::size_t>(random() % kLetters.size())];
    }
    return id;
}

std::string attribute(const SimulatedTransaction& transaction, const char* name) {
    const auto found = transaction.attributes.find(name);
    return found == transaction.attributes.end() ? std::string() : found->second;
}

std::vector<std::string> event_bodies(const SimulatedTransaction& t, Random& random) {
    std::vector<std::string> bodies;
    switch (t.type) {
        case TransactionType::payment:
            return payment_bodies(t, random);
        case TransactionType::refund:
            bodies.push_back(event_body("refund.created", write_refund, t, random));
            if (failed(t)) {
                bodies.push_back(event_body("refund.failed", write_failed_refund, t, random));
            }
            return bodies;
        case TransactionType::dispute:
            bodies.push_back(event_body("charge.dispute.funds_withdrawn", write_dispute, t, random));
            if (t.channel_status == "won") {
                bodies.push_back(event_body("charge.dispute.funds_reinstated", write_won_dispute, t, random));
            }
            return bodies;
        case TransactionType::payout:
            bodies.push_back(event_body("payout.paid", write_payout, t, random));
            if (failed(t)) {
                bodies.push_back(event_body("payout.failed", write_failed_payout, t, random));
            }
            return bodies;
        case TransactionType::reversal:
        case TransactionType::fee:
        case TransactionType::adjustment:
            break;
    }
    core::ensure(false, "the simulated Stripe tells of payments, refunds, disputes and payouts");
    return bodies;
}

std::vector<std::string> further_event_bodies(const SimulatedTransaction& t, Random& random) {
    std::vector<std::string> bodies = {event_body("customer.updated", write_customer, t, random)};
    switch (t.type) {
        case TransactionType::payment:
            bodies.push_back(event_body("charge.updated", write_charge, t, random));
            break;
        case TransactionType::refund:
            bodies.push_back(event_body("charge.refunded", write_refunded_charge, t, random));
            bodies.push_back(event_body("refund.updated", write_refund, t, random));
            break;
        case TransactionType::dispute:
            bodies.push_back(event_body("charge.dispute.created", write_dispute, t, random));
            if (!t.channel_status.empty()) {
                bodies.push_back(event_body("charge.dispute.closed",
                                            t.channel_status == "won" ? write_won_dispute : write_lost_dispute, t,
                                            random));
            }
            break;
        case TransactionType::payout:
            bodies.push_back(event_body("payout.created", write_payout_on_its_way, t, random));
            break;
        case TransactionType::reversal:
        case TransactionType::fee:
        case TransactionType::adjustment:
            break;
    }
    return bodies;
}

}  // namespace payments::stripe
