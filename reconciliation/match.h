// The matching engine: exact, explained, and independent of the order in which records come.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/match_rule.h"
#include "reconciliation/discrepancy.h"
#include "reconciliation/record.h"

namespace reconciliation {

struct MatchOptions {
    // Goes into discrepancy ids, so that they differ between tenants and channels ("" for diff).
    std::string tenant;
    std::string channel;
    core::BusinessDay day{};  // the day that is being matched; ages are counted to it
    // A row's evidence for "the other side doesn't have it": the statement's file names (may be empty).
    std::vector<std::string> statement_files;
    // diff: amounts stand as in the input and there is no day cut, so no timing.
    bool timing = true;
    // diff: where a side's state is a word of no known vocabulary (Record::status empty), the two sides' words are
    // held against each other as they are. Without it such a state is not judged.
    bool compare_status_words = false;
    // The rules in force on the day, in their order; the first that lets a pair pass is taken.
    std::vector<config::MatchRule> rules{};
    // Business days from one day to another, of the channel's calendar; calendar days without it.
    std::function<int(core::BusinessDay, core::BusinessDay)> business_days_between{};
};

// Indices into the inputs of match().
struct Pair {
    std::size_t ledger;
    std::size_t channel;
    // True when there is nothing in the pair that keeps its money from being settled: amounts and currencies agree
    // and the channel's status doesn't contradict. (Fee, order and duplicate remarks don't count here; repeats that
    // contradict each other in amount, currency or status do, since nobody can say yet which of them is right.)
    bool settles;
    bool cleared;  // one of the two is an open item of an earlier day, and the pair is not in transit any more
    // Of MatchOptions::rules: that by which amounts that differ pass as the same.
    std::optional<std::uint32_t> rule{};
};

// Records that a rule took for the same money, since they add up.
struct RuleGroup {
    std::uint32_t rule;               // of MatchOptions::rules
    std::vector<std::size_t> ledger;  // indices into the inputs
    std::vector<std::size_t> channel;
};

struct MatchResult {
    std::vector<Discrepancy> discrepancies;  // in the order of the review list
    std::vector<Pair> pairs;
    std::vector<RuleGroup> groups;            // each counts once where pairs are counted; all of them settle
    std::vector<std::size_t> ledger_only;     // carried-in ones included, duplicates' repeats not
    std::vector<std::size_t> channel_only;    // likewise
    std::vector<std::size_t> timing_ledger;   // of ledger_only: those carried on as timing
    std::vector<std::size_t> timing_channel;  // of channel_only, and pairs' lines still processing are not here
    std::uint64_t paired = 0;   // distinct transactions found on both sides, those with a carried-in item not counted
    std::uint64_t matched = 0;  // of those: nothing to say about them (a duplicate on either side still counts as one)
    std::vector<std::uint64_t> by_rule;  // of `matched`, how many each of MatchOptions::rules let pass
    std::uint64_t cleared = 0;           // carried-in items that found their other side (one still processing hasn't)
    std::string digest;                  // SHA-256 over the outcome, the same for any order of the inputs
};

// Keys in order of preference:
//   1. (type, channel_txn_id) where both sides have the id;
//   2. (type, own_order_id or merchant_order_id), only for records one of which lacks the channel's id, and only
//      when exactly one candidate is left on each side (of several, those of one amount pair up first, where both
//      sides have as many of them).
//   3. by a rule that adds up, for what is alone on both sides (rules/groups.h).
// Several records with one key on one side are a duplicate of that side: listed once, compared once. The repeat that
// agrees best with the other side is the one compared; what the repeats contradict each other in stands in `also`.
// Without the channel's id, an order number makes duplicates of payments, and a refund's own number of refunds; an
// order's number alone doesn't, since an order may be refunded in several parts.
// A carried-in record that stays alone is listed as missing (timing is for the day's own records only);
// one that is not listed again because it was listed as missing already is the caller's business not to pass in.
MatchResult match(const std::vector<Record>& ledger, const std::vector<Record>& channel, const MatchOptions& options);

// Puts what one side says into the row. Ids that stand there already stay.
void tell_ledger(const Record& record, Discrepancy& row);
void tell_channel(const Record& record, Discrepancy& row);

// Stable id of what is wrong about one transaction: the same for every kind, rerun and following day. It goes by the
// channel's id where there is one, so that it stays the same when the other side, which comes later, adds the order.
std::string discrepancy_id(const MatchOptions& options, payments::TransactionType type,
                           const std::string& channel_txn_id, const std::string& merchant_order_id);

}  // namespace reconciliation
