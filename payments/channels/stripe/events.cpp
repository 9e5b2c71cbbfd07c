#include "payments/channels/stripe/events.h"

#include <array>
#include <utility>

namespace payments::stripe {
namespace {

using core::json::Value;
using Transactions = std::vector<Transaction>;
using Reading = core::Result<Transactions, std::string>;

core::Refused<std::string> refused(const char* reason) { return core::Refused{std::string(reason)}; }

struct Event {
    const Value& object;
    core::Instant created;
    const EventReading& reading;
};

void set_attribute(Transaction& transaction, const Event& event, const char* name, const std::string& value) {
    if (!value.empty()) {
        transaction.attributes[name] = event.reading.redact(value);
    }
}

// What every movement has. The date's rank is 1 where `at` is the movement's own time.
Transaction movement(const Event& event, TransactionType type, const std::string& id, core::Money amount,
                     core::Instant at, int date_rank) {
    const auto redacted = [&](const std::string& text) { return text.empty() ? text : event.reading.redact(text); };
    return {.type = type,
            .status = TransactionStatus::captured,
            .channel_txn_id = core::ChannelTxnId(redacted(id)),
            .merchant_order_id = core::MerchantOrderId(redacted(metadata_at(event.object, event.reading.order_key))),
            .own_order_id = {},
            .related_txn_id = {},
            .amount = amount,
            .occurred_at = at,
            .business_day = core::day_of(at, {event.reading.time_zone, std::chrono::minutes(0)}),
            .date_rank = date_rank,
            .attributes = {},
            .masked_card = {},
            .card_fingerprint = {}};
}

void relate_to_charge(Transaction& transaction, const Event& event) {
    const auto charge = id_at(event.object, "charge");
    if (!charge.empty()) {
        transaction.related_txn_id = core::ChannelTxnId(event.reading.redact(charge));
    }
}

// core::Money keeps to a range that is the same on both sides of zero, and so does its negative.
core::Money negative(const core::Money& money) { return {-money.minor(), money.currency()}; }

Reading read_charge(const Event& event) {
    const auto id = id_at(event.object, "id");
    const auto created = instant_at(event.object, "created");
    const auto captured = event.object.boolean_at("captured");
    const auto paid = event.object.boolean_at("paid");
    const auto status = event.object.string_at("status");
    if (id.empty() || !created || !captured || !paid || !status) {
        return refused("field_missing");
    }
    const bool succeeded = *status == "succeeded";
    if (succeeded && !(*captured && *paid)) {
        return Transactions{};  // authorised only: charge.captured tells the rest
    }
    if (!succeeded && *status != "pending" && *status != "failed") {
        return Transactions{};
    }
    const bool has_captured = succeeded && event.object.find("amount_captured") != nullptr;
    const auto amount = positive_at(event.object, has_captured ? "amount_captured" : "amount");
    if (!amount) {
        return refused("amount_impossible");
    }
    auto payment = movement(event, TransactionType::payment, id, *amount, *created, 1);
    payment.status = succeeded              ? TransactionStatus::captured
                     : *status == "pending" ? TransactionStatus::processing
                                            : TransactionStatus::failed;
    set_attribute(payment, event, "payment_intent", id_at(event.object, "payment_intent"));
    set_attribute(payment, event, "balance_transaction", id_at(event.object, "balance_transaction"));
    return Transactions{std::move(payment)};
}

// Older API versions list the charges instead of naming the latest; the list is newest first.
std::string charge_of_intent(const Value& intent) {
    auto id = id_at(intent, "latest_charge");
    const auto* charges = intent.path("charges", "data");
    if (id.empty() && charges != nullptr && !charges->items().empty()) {
        id = id_at(charges->items().front(), "id");
    }
    return id;
}

// The intent doesn't say when its charge was made, only that it was before the event: the charge's own events know
// better (rank 1), this one fills in until they come.
Reading read_payment_intent(const Event& event) {
    const auto intent = id_at(event.object, "id");
    const auto charge = charge_of_intent(event.object);
    if (intent.empty() || event.object.string_at("status") != "succeeded") {
        return refused("field_missing");
    }
    if (charge.empty()) {
        return Transactions{};  // nothing to key it by; charge.succeeded tells the same money
    }
    const bool has_received = event.object.find("amount_received") != nullptr;
    const auto amount = positive_at(event.object, has_received ? "amount_received" : "amount");
    if (!amount) {
        return refused("amount_impossible");
    }
    auto payment = movement(event, TransactionType::payment, charge, *amount, event.created, 0);
    set_attribute(payment, event, "payment_intent", intent);
    return Transactions{std::move(payment)};
}

TransactionStatus refund_status(std::string_view status, bool money_left) {
    if (status == "succeeded" || money_left) {
        return TransactionStatus::captured;
    }
    if (status == "failed") {
        return TransactionStatus::failed;
    }
    return status == "canceled" ? TransactionStatus::closed : TransactionStatus::processing;
}

Transaction refund_movement(const Event& event, TransactionType type, core::Money amount, core::Instant at,
                            int date_rank) {
    auto transaction = movement(event, type, id_at(event.object, "id"), amount, at, date_rank);
    relate_to_charge(transaction, event);
    set_attribute(transaction, event, "payment_intent", id_at(event.object, "payment_intent"));
    return transaction;
}

// A refund that failed after its money had left (it has a balance transaction) was a refund and came back: both are
// told, so that the books are right whether or not its success was ever heard of.
Reading read_refund(const Event& event, bool is_failure_event) {
    const auto created = instant_at(event.object, "created");
    const auto status = event.object.string_at("status");
    if (id_at(event.object, "id").empty() || !created || !status) {
        return refused("field_missing");
    }
    const auto amount = positive_at(event.object, "amount");
    if (!amount) {
        return refused("amount_impossible");
    }
    const auto left = id_at(event.object, "balance_transaction");
    const auto back = id_at(event.object, "failure_balance_transaction");
    const bool over = *status == "failed" || *status == "canceled";
    const bool came_back = over && !(left.empty() && back.empty());

    Transactions transactions;
    auto refund = refund_movement(event, TransactionType::refund, negative(*amount), *created, 1);
    refund.status = refund_status(*status, came_back);
    set_attribute(refund, event, "balance_transaction", left);
    transactions.push_back(std::move(refund));
    if (came_back) {
        // No field says when it failed; the event that was made for it is nearest.
        auto reversal =
            refund_movement(event, TransactionType::reversal, *amount, event.created, is_failure_event ? 1 : 0);
        set_attribute(reversal, event, "balance_transaction", back);
        reversal.attributes["reverses"] = "refund";
        transactions.push_back(std::move(reversal));
    }
    return transactions;
}

Transaction dispute_movement(const Event& event, TransactionType type, core::Money amount, core::Instant at,
                             int date_rank) {
    auto transaction = movement(event, type, id_at(event.object, "id"), amount, at, date_rank);
    relate_to_charge(transaction, event);
    set_attribute(transaction, event, "payment_intent", id_at(event.object, "payment_intent"));
    return transaction;
}

void say_what_it_reverses(Transaction& transaction) {
    if (transaction.type == TransactionType::reversal) {
        transaction.attributes["reverses"] = "dispute";
    }
}

bool fits_dispute(const BalanceTransaction& entry, TransactionType type) {
    const bool withdrawal = type == TransactionType::dispute;
    const bool sign_fits = withdrawal ? entry.amount.minor() < 0 : entry.amount.minor() > 0;
    return sign_fits && (entry.category.empty() || entry.category == (withdrawal ? "dispute" : "dispute_reversal"));
}

// The first withdrawal or reversal among the balance transactions. There is one of each at most.
void add_dispute_entry(Transactions& transactions, const Event& event, TransactionType type) {
    const auto* entries = event.object.find("balance_transactions");
    if (entries == nullptr) {
        return;
    }
    for (const auto& item : entries->items()) {
        const auto entry = read_balance_transaction(item);
        if (entry && fits_dispute(*entry, type)) {
            auto transaction = dispute_movement(event, type, entry->amount, entry->created, 1);
            set_attribute(transaction, event, "balance_transaction", entry->id);
            transaction.attributes["fee_minor"] = std::to_string(entry->fee.minor());
            say_what_it_reverses(transaction);
            transactions.push_back(std::move(transaction));
            return;
        }
    }
}

bool tells(const Transactions& transactions, TransactionType type) {
    for (const auto& transaction : transactions) {
        if (transaction.type == type) {
            return true;
        }
    }
    return false;
}

// Booked in the settlement currency, since that is what left the balance and what the report's gross says. Without
// usable balance transactions the disputed amount has to do: money that moved is never passed over.
Reading read_dispute(const Event& event, TransactionType told) {
    if (id_at(event.object, "id").empty()) {
        return refused("field_missing");
    }
    Transactions transactions;
    add_dispute_entry(transactions, event, TransactionType::dispute);
    add_dispute_entry(transactions, event, TransactionType::reversal);
    if (!tells(transactions, told)) {
        const auto disputed = positive_at(event.object, "amount");
        if (!disputed) {
            return refused("amount_impossible");
        }
        const auto amount = told == TransactionType::dispute ? negative(*disputed) : *disputed;
        transactions.push_back(dispute_movement(event, told, amount, event.created, 0));
        say_what_it_reverses(transactions.back());
    }
    return transactions;
}

// A payout leaves the balance when it is made (`created`), whatever day it arrives at the bank.
Reading read_payout(const Event& event, bool failed) {
    const auto id = id_at(event.object, "id");
    const auto created = instant_at(event.object, "created");
    if (id.empty() || !created) {
        return refused("field_missing");
    }
    const auto amount = positive_at(event.object, "amount");
    if (!amount) {
        return refused("amount_impossible");
    }
    Transactions transactions;
    auto payout = movement(event, TransactionType::payout, id, negative(*amount), *created, 1);
    set_attribute(payout, event, "balance_transaction", id_at(event.object, "balance_transaction"));
    transactions.push_back(std::move(payout));
    if (failed) {
        auto reversal = movement(event, TransactionType::reversal, id, *amount, event.created, 1);
        set_attribute(reversal, event, "balance_transaction", id_at(event.object, "failure_balance_transaction"));
        reversal.attributes["reverses"] = "payout";
        transactions.push_back(std::move(reversal));
    }
    return transactions;
}

using Reader = Reading (*)(const Event&);

struct Booked {
    std::string_view type;
    std::string_view object;  // what data.object must be
    Reader read;
};

Reading read_refund_told(const Event& event) { return read_refund(event, false); }
Reading read_refund_failed(const Event& event) { return read_refund(event, true); }
Reading read_withdrawal(const Event& event) { return read_dispute(event, TransactionType::dispute); }
Reading read_reinstatement(const Event& event) { return read_dispute(event, TransactionType::reversal); }
Reading read_payout_paid(const Event& event) { return read_payout(event, false); }
Reading read_payout_failed(const Event& event) { return read_payout(event, true); }

constexpr std::array kBooked = {
    Booked{"charge.succeeded", "charge", read_charge},
    Booked{"charge.captured", "charge", read_charge},
    Booked{"charge.updated", "charge", read_charge},
    Booked{"charge.pending", "charge", read_charge},
    Booked{"charge.failed", "charge", read_charge},
    Booked{"payment_intent.succeeded", "payment_intent", read_payment_intent},
    Booked{"refund.created", "refund", read_refund_told},
    Booked{"refund.updated", "refund", read_refund_told},
    Booked{"charge.refund.updated", "refund", read_refund_told},
    Booked{"refund.failed", "refund", read_refund_failed},
    Booked{"charge.dispute.funds_withdrawn", "dispute", read_withdrawal},
    Booked{"charge.dispute.funds_reinstated", "dispute", read_reinstatement},
    Booked{"payout.paid", "payout", read_payout_paid},
    Booked{"payout.failed", "payout", read_payout_failed},
};

}  // namespace

core::Result<std::vector<Transaction>, std::string> transactions_of(std::string_view type, const Value& object,
                                                                    core::Instant created,
                                                                    const EventReading& reading) {
    for (const auto& booked : kBooked) {
        if (booked.type != type) {
            continue;
        }
        if (object.string_at("object") != booked.object) {
            return refused("object_differs");
        }
        return booked.read(Event{object, created, reading});
    }
    return Transactions{};
}

}  // namespace payments::stripe
