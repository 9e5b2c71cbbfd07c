// One vocabulary for what the channels tell: types, statuses, movements of money.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/money.h"
#include "core/time.h"

namespace payments {

// contract.md section 5, `type`.
enum class TransactionType { payment, refund, reversal, dispute, fee, payout, adjustment };
std::string_view name_of(TransactionType type);
std::optional<TransactionType> transaction_type_from(std::string_view name);

// One status vocabulary for all channels.
//   captured    the money has moved (a refund's too)
//   processing  accepted, outcome open
//   failed      will not move
//   closed      ended without moving, or sent back to the merchant
//   revoked     was undone by the channel
//   abnormal    accepted but stuck; needs a person
enum class TransactionStatus { captured, processing, failed, closed, revoked, abnormal };
std::string_view name_of(TransactionStatus status);
std::optional<TransactionStatus> transaction_status_from(std::string_view name);

// Further keys of the channel: "trace_no", "trace_time", "payment_intent", "balance_transaction" ... Card data never.
// Of a reversal that doesn't undo a payment, "reverses" says what it undoes: "refund", "dispute" or "payout".
using Attributes = std::map<std::string, std::string>;

// A movement of money as a verified callback tells it. The same movement told twice, by whatever messages, has the
// same (type, channel_txn_id).
struct Transaction {
    TransactionType type = TransactionType::payment;
    TransactionStatus status = TransactionStatus::captured;
    core::ChannelTxnId channel_txn_id;
    core::MerchantOrderId merchant_order_id;  // the payment's; may be empty where the channel doesn't say
    std::string own_order_id;                 // the merchant's number of this refund or reversal; may be empty
    core::ChannelTxnId related_txn_id;        // of a refund, reversal or dispute: the payment's; may be empty
    core::Money amount;                       // signed from the merchant's side: a refund is negative
    core::Instant occurred_at;
    core::BusinessDay business_day;
    // How well this message knows occurred_at and business_day: where two messages tell one movement
    // (Stripe), the one with the higher rank is right.
    int date_rank = 1;
    Attributes attributes;
    std::string masked_card;       // "622609******0048" or empty
    std::string card_fingerprint;  // keyed, hex, or empty

    bool operator==(const Transaction&) const = default;
};

}  // namespace payments
