// Record: one transaction as one side has it, ready to be matched. Sides: the books ("ledger") and the channel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "payments/transaction.h"

namespace reconciliation {

struct Record {
    payments::TransactionType type = payments::TransactionType::payment;
    std::string channel_txn_id;
    std::string merchant_order_id;  // the payment's
    std::string own_order_id;       // a refund's own number
    std::string alias;              // the channel's other name for it (Stripe's balance transaction); may be empty
    std::int64_t amount = 0;        // minor units
    std::string currency;           // ISO code
    int exponent = 2;
    std::optional<std::int64_t> fee;           // the channel's: what it took; the books' (diff): what it should be
    std::optional<std::int64_t> expected_fee;  // on a channel record: what the contract rate gives for it
    std::optional<payments::TransactionStatus> status;
    std::string status_text;  // as the side says it; shown
    std::optional<core::Instant> occurred_at;
    core::BusinessDay business_day{};
    std::string evidence;        // "FILE:LINE" or "entry:ID"
    std::uint64_t begin = 0;     // a line's bytes in the unpacked file, with what ends it
    std::uint64_t bytes = 0;     // 0: not known
    std::uint64_t position = 0;  // order of arrival; only to tell equal records apart, never to decide

    // The books' side: does an order ask for it?
    enum class Order { not_judged, none, agrees, differs };
    Order order = Order::not_judged;
    std::optional<std::int64_t> order_amount;
    std::string order_currency;

    // The channel takes or gives it from what it already holds: it stands on transit:funds from its callback on.
    bool on_funds = false;

    // The last day whose data may still bring its other side: alone before that day it is in transit, from it on
    // missing.
    std::optional<core::BusinessDay> expected_by;

    bool near_cut = false;   // within the carry window of the end of its business day
    bool displaced = false;  // the books': of a neighbouring business day, held against a line of this one
    // No rule may add it up: one did in another day's run, or nothing names it apart from others of its side.
    bool kept_from_rules = false;
    bool carried_in = false;  // an open item of an earlier day, not of the day that is being matched

    // A later day's run has found its other side, which is settled there: it pairs with nothing here, and stays what
    // this day's run said of it.
    enum class SettledLater { no, in_transit, missing };
    SettledLater settled_later = SettledLater::no;
    bool is_settled_later() const noexcept { return settled_later != SettledLater::no; }
};

}  // namespace reconciliation
