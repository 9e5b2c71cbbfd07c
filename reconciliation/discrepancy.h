// Discrepancy: one row of the review list, and the kinds there are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "payments/transaction.h"
#include "reconciliation/found_rate.h"

namespace reconciliation {

// In the order of precedence: a transaction has the first that applies; the rest stands in `also`.
// contract.md section 5 has the meanings.
enum class DiscrepancyKind {
    total_mismatch,
    duplicate_in_channel,
    duplicate_in_ledger,
    missing_in_ledger,
    missing_in_channel,
    timing,
    currency_mismatch,
    amount_mismatch,
    status_mismatch,
    unexpected_payment,
    order_mismatch,
    fee_mismatch,
};

std::string_view name_of(DiscrepancyKind kind);               // "missing_in_ledger"
std::string_view chinese_of(DiscrepancyKind kind);            // "长款"
std::string_view english_of(DiscrepancyKind kind);            // "Missing in the books"
std::string_view chinese_of(payments::TransactionType type);  // "支付", "退款" ...
std::string_view english_of(payments::TransactionType type);  // "Payment", "Refund" ...
std::optional<DiscrepancyKind> discrepancy_kind_from(std::string_view name);
const std::vector<DiscrepancyKind>& all_discrepancy_kinds();

// One of the other side's records that stay alone as well, and almost agrees with this one.
struct Candidate {
    // The single condition that fails, the nearest first; `none` where the two could be one transaction and others
    // could be just as well, so that none was taken. `budget`: a rule looked for sums and was stopped before it knew.
    enum class Failed { none, channel_txn_id, amount, type, currency, numbers, budget };
    Failed failed = Failed::none;
    std::string evidence;
    payments::TransactionType type{};
    std::string channel_txn_id;
    std::string merchant_order_id;
    std::int64_t amount = 0;  // minor units
    std::string currency;
    int exponent = 2;

    friend bool operator==(const Candidate&, const Candidate&) = default;
};

std::string_view name_of(Candidate::Failed failed);  // "equally_good", "amount" ...
// For a cell: "entry:12 (amount); entry:15 (numbers)"; empty for none.
std::string candidates_text(const std::vector<Candidate>& candidates);

// Where a line of the evidence stands in its file, unpacked, with what ends it.
struct EvidenceBytes {
    std::string evidence;  // as in Discrepancy::evidence
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;

    friend bool operator==(const EvidenceBytes&, const EvidenceBytes&) = default;
};
// For a cell: "bill.csv:12 1024+87; bill.csv:15 1310+90", from byte 1024 on 87 of them; empty for none.
std::string evidence_bytes_text(const std::vector<EvidenceBytes>& ranges);

struct Discrepancy {
    std::string id;  // 16 hex digits, stable over reruns and days
    DiscrepancyKind kind;
    std::optional<payments::TransactionType> type;  // nothing for total_mismatch
    std::string channel_txn_id;
    std::string merchant_order_id;

    // Minor units, signed from the merchant's side; a side that doesn't have it: nothing.
    std::optional<std::int64_t> ledger_amount;
    std::optional<std::int64_t> channel_amount;
    std::string ledger_currency;   // ISO code or empty
    std::string channel_currency;  // ISO code or empty
    int ledger_exponent = 2;
    int channel_exponent = 2;

    std::optional<std::int64_t> ledger_fee;   // what the contract rate gives; only told for fee_mismatch
    std::optional<std::int64_t> channel_fee;  // positive costs
    std::string ledger_status;
    std::string channel_status;
    std::optional<core::Instant> occurred_at;          // as the books have it
    std::optional<core::Instant> channel_occurred_at;  // as the channel has it
    core::BusinessDay item_day;                        // the business day the item belongs to
    int age_days = 0;
    std::optional<int> age_business_days;  // of the channel's calendar, where it has one
    // Alone on one side: the last day whose data may still bring, or could have brought, its other side.
    std::optional<core::BusinessDay> expected_by;
    std::optional<core::BusinessDay> displaced_to;  // the books' day, where a line of another day is paired with it

    std::optional<std::int64_t> order_amount;  // order_mismatch: what the order asks for
    std::string order_currency;

    // How often each side has it; 0 where it isn't told and the evidence has to do.
    std::size_t ledger_times = 0;
    std::size_t channel_times = 0;

    // total_mismatch: what the statement states and what its lines add up to, per total that differs.
    struct Total {
        std::string name;
        std::string stated;
        std::string actual;
    };
    std::vector<Total> totals;

    // Of a payment whose fee is not the contract's: the rate that gives its fee, and those of most payments of the day.
    std::optional<FoundRate> found_rate;

    std::vector<DiscrepancyKind> also;  // what else is wrong with it
    std::vector<Candidate> candidates;  // for a record alone on its side; best first
    std::vector<std::string> evidence;  // "FILE:LINE", "ARCHIVE!MEMBER:LINE", "entry:ID", sorted by side then line
    // Of the lines among the evidence, in its order; not of lines of earlier days' statements.
    std::vector<EvidenceBytes> evidence_bytes{};

    // The currency the row is in: the channel's, or the books' where the channel has none.
    const std::string& currency() const { return channel_currency.empty() ? ledger_currency : channel_currency; }
    int exponent() const { return channel_currency.empty() ? ledger_exponent : channel_exponent; }
    // channel - ledger, a missing side counting as zero; nothing where the two sides are in different currencies
    // (whatever the kind) or the result doesn't fit 64 bits. Zero for total_mismatch.
    std::optional<std::int64_t> difference() const;
};

// What the three together say about the row: written for a person new to the job.
struct Explanation {
    std::string zh;
    std::string en;
    std::string suggested_action;     // snake_case word, stable: "query_channel", "contact_channel" ...
    std::string suggested_action_zh;  // a short sentence
    std::string suggested_action_en;
};
// `run_day` is the day of the list; one that is no day (BusinessDay{}, as `diff` has it) leaves the dates out.
Explanation explain(const Discrepancy& discrepancy, core::BusinessDay run_day);

}  // namespace reconciliation
