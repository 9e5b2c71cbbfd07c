#include "reconciliation/match.h"

#include <algorithm>
#include <bit>
#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include "core/crypto/digest.h"
#include "reconciliation/matching/candidates.h"
#include "reconciliation/matching/content.h"
#include "reconciliation/matching/evidence.h"
#include "reconciliation/matching/findings.h"
#include "reconciliation/matching/grouping.h"

namespace reconciliation {

namespace {

using matching::Findings;
using matching::Group;
using matching::Grouping;
using Indices = std::span<const std::uint32_t>;

// More different repeats than this are compared in part: the first of them by content. It bounds the work that a file
// of nothing but repeats can ask for.
constexpr std::size_t kRepeatsComparedMax = 16;

// With more alone on a side than this the two sides are hardly of one day, and no candidates are looked for.
constexpr std::size_t kAloneMax = 100'000;

// Repeats with different content, as they stand: sorted by it.
std::vector<std::uint32_t> distinct(const std::vector<Record>& records, Indices repeats) {
    std::vector<std::uint32_t> different;
    for (const std::uint32_t index : repeats) {
        if (different.empty() || std::is_neq(matching::compare_content(records[different.back()], records[index]))) {
            different.push_back(index);
        }
        if (different.size() == kRepeatsComparedMax) {
            break;
        }
    }
    return different;
}

bool any_carried_in(const std::vector<Record>& records, Indices repeats) {
    return std::any_of(repeats.begin(), repeats.end(), [&](std::uint32_t i) { return records[i].carried_in; });
}

// One transaction with all that is to be said about it.
struct Outcome {
    const Record* ledger = nullptr;
    const Record* channel = nullptr;
    Indices ledger_repeats;
    Indices channel_repeats;
    bool ledger_carried = false;
    bool channel_carried = false;
    Findings findings;
};

// Collects a match's result, one transaction after the other.
class Collector {
public:
    Collector(const std::vector<Record>& ledger, const std::vector<Record>& channel, const MatchOptions& options)
        : ledger_(ledger), channel_(channel), options_(options) {
        result_.by_rule.resize(options.rules.size());
        matching::append_text(text_, options.tenant);
        matching::append_text(text_, options.channel);
    }

    void add(const Grouping& grouping, const Group& group);
    MatchResult finish();

private:
    void choose(Outcome& outcome) const;
    void add_duplicates(Outcome& outcome) const;
    void add_pair(const Outcome& outcome);
    void add_alone(const Outcome& outcome);
    void add_to_digest(const Outcome& outcome);
    void list(const Outcome& outcome);
    Discrepancy describe(const Outcome& outcome) const;
    void tell_days(const Outcome& outcome, Discrepancy& row) const;
    void give_ids();
    void tell_candidates();

    std::size_t ledger_index(const Record& record) const { return static_cast<std::size_t>(&record - ledger_.data()); }
    std::size_t channel_index(const Record& record) const {
        return static_cast<std::size_t>(&record - channel_.data());
    }

    const std::vector<Record>& ledger_;
    const std::vector<Record>& channel_;
    const MatchOptions& options_;
    MatchResult result_;
    std::vector<std::string> own_numbers_;  // of result_.discrepancies, until they have their ids
    // Of result_.discrepancies the records that they are about, where one side has them alone.
    std::vector<matching::Lone> alone_in_ledger_;
    std::vector<matching::Lone> alone_in_channel_;
    std::vector<const Record*> alone_;  // nullptr for a pair
    core::crypto::Sha256Stream digest_;
    std::string text_;
};

// Sets the two records that stand for the transaction: of repeats, the two that agree best.
void Collector::choose(Outcome& outcome) const {
    if (outcome.ledger_repeats.size() == 1 && outcome.channel_repeats.size() == 1) {
        outcome.ledger = &ledger_[outcome.ledger_repeats.front()];
        outcome.channel = &channel_[outcome.channel_repeats.front()];
        outcome.findings = matching::compare_sides(*outcome.ledger, *outcome.channel, options_);
        return;
    }
    int least = std::numeric_limits<int>::max();
    for (const std::uint32_t l : distinct(ledger_, outcome.ledger_repeats)) {
        for (const std::uint32_t c : distinct(channel_, outcome.channel_repeats)) {
            const Findings found = matching::compare_sides(ledger_[l], channel_[c], options_);
            const int weight =
                (found.money_contradicts() ? 200 : 0) + 2 * std::popcount(found.bits()) + (found.rule ? 1 : 0);
            if (weight < least) {
                least = weight;
                outcome.ledger = &ledger_[l];
                outcome.channel = &channel_[c];
                outcome.findings = found;
            }
        }
    }
}

void Collector::add_duplicates(Outcome& outcome) const {
    if (outcome.ledger_repeats.size() > 1) {
        outcome.findings.add(DiscrepancyKind::duplicate_in_ledger);
        outcome.findings.add(matching::compare_repeats(ledger_, outcome.ledger_repeats));
    }
    if (outcome.channel_repeats.size() > 1) {
        outcome.findings.add(DiscrepancyKind::duplicate_in_channel);
        outcome.findings.add(matching::compare_repeats(channel_, outcome.channel_repeats));
    }
}

void Collector::add(const Grouping& grouping, const Group& group) {
    Outcome outcome;
    outcome.ledger_repeats = grouping.ledger_of(group);
    outcome.channel_repeats = grouping.channel_of(group);
    outcome.ledger_carried = any_carried_in(ledger_, outcome.ledger_repeats);
    outcome.channel_carried = any_carried_in(channel_, outcome.channel_repeats);
    if (outcome.channel_repeats.empty()) {
        outcome.ledger = &ledger_[outcome.ledger_repeats.front()];
        outcome.findings = matching::alone_in_ledger(*outcome.ledger, outcome.ledger_carried, options_);
    } else if (outcome.ledger_repeats.empty()) {
        outcome.channel = &channel_[outcome.channel_repeats.front()];
        outcome.findings = matching::alone_in_channel(*outcome.channel, outcome.channel_carried, options_);
    } else {
        choose(outcome);
    }
    add_duplicates(outcome);
    if (outcome.ledger != nullptr && outcome.channel != nullptr) {
        add_pair(outcome);
    } else {
        add_alone(outcome);
    }
    add_to_digest(outcome);
    if (!outcome.findings.none()) {
        list(outcome);
    }
}

void Collector::add_pair(const Outcome& outcome) {
    const bool carried = outcome.ledger_carried || outcome.channel_carried;
    const bool cleared = carried && !outcome.findings.has(DiscrepancyKind::timing);
    result_.pairs.push_back({ledger_index(*outcome.ledger), channel_index(*outcome.channel),
                             !outcome.findings.money_contradicts(), cleared, outcome.findings.rule});
    if (cleared) {
        result_.cleared += (outcome.ledger_carried ? 1U : 0U) + (outcome.channel_carried ? 1U : 0U);
    }
    if (!carried) {
        ++result_.paired;
        const bool matched = outcome.findings.only_duplicates();
        result_.matched += matched ? 1U : 0U;
        if (matched && outcome.findings.rule) {
            ++result_.by_rule[*outcome.findings.rule];
        }
    }
}

void Collector::add_alone(const Outcome& outcome) {
    const bool timing = outcome.findings.has(DiscrepancyKind::timing);
    if (outcome.ledger != nullptr) {
        result_.ledger_only.push_back(ledger_index(*outcome.ledger));
        if (timing) {
            result_.timing_ledger.push_back(ledger_index(*outcome.ledger));
        }
        return;
    }
    result_.channel_only.push_back(channel_index(*outcome.channel));
    if (timing) {
        result_.timing_channel.push_back(channel_index(*outcome.channel));
    }
}

void Collector::add_to_digest(const Outcome& outcome) {
    matching::append_number(text_, outcome.findings.bits());
    if (outcome.findings.rule) {
        matching::append_text(text_, options_.rules[*outcome.findings.rule].name);
    }
    matching::append_number(text_, static_cast<std::int64_t>(outcome.ledger_repeats.size()));
    for (const std::uint32_t index : outcome.ledger_repeats) {
        matching::append_content(text_, ledger_[index]);
    }
    matching::append_number(text_, static_cast<std::int64_t>(outcome.channel_repeats.size()));
    for (const std::uint32_t index : outcome.channel_repeats) {
        matching::append_content(text_, channel_[index]);
    }
    constexpr std::size_t kChunkBytes = 1U << 16U;
    if (text_.size() >= kChunkBytes) {
        digest_.add(text_);
        text_.clear();
    }
}

void Collector::tell_days(const Outcome& outcome, Discrepancy& row) const {
    row.item_day = options_.day;
    if (outcome.ledger_carried) {
        row.item_day = ledger_[outcome.ledger_repeats.front()].business_day;
    } else if (outcome.channel_carried) {
        row.item_day = channel_[outcome.channel_repeats.front()].business_day;
    }
    if (outcome.ledger == nullptr || outcome.channel == nullptr) {
        row.expected_by = (outcome.ledger != nullptr ? outcome.ledger : outcome.channel)->expected_by;
    } else if (outcome.ledger->displaced) {
        row.displaced_to = outcome.ledger->business_day;
    }
    if (row.item_day.ok() && options_.day.ok()) {
        row.age_days = core::days_between(row.item_day, options_.day);
    }
}

Discrepancy Collector::describe(const Outcome& outcome) const {
    Discrepancy row{};
    const auto kinds = outcome.findings.in_order();
    row.kind = kinds.front();
    row.also.assign(kinds.begin() + 1, kinds.end());
    if (outcome.ledger != nullptr) {
        row.type = outcome.ledger->type;
        tell_ledger(*outcome.ledger, row);
    }
    if (outcome.channel != nullptr) {
        row.type = outcome.channel->type;
        tell_channel(*outcome.channel, row);
        if (row.kind == DiscrepancyKind::fee_mismatch) {
            row.ledger_fee = matching::fee_to_expect(outcome.ledger, *outcome.channel);
        }
    }
    tell_days(outcome, row);
    row.ledger_times = outcome.ledger_repeats.size();
    row.channel_times = outcome.channel_repeats.size();
    row.evidence = matching::evidence_of(ledger_, outcome.ledger_repeats, channel_, outcome.channel_repeats,
                                         options_.statement_files);
    return row;
}

void Collector::list(const Outcome& outcome) {
    const Record& named = outcome.ledger != nullptr ? *outcome.ledger : *outcome.channel;
    result_.discrepancies.push_back(describe(outcome));
    own_numbers_.push_back(named.own_order_id);
    if (outcome.ledger != nullptr && outcome.channel != nullptr) {
        alone_.push_back(nullptr);
        return;
    }
    alone_.push_back(&named);
    const auto lines = matching::evidence_of(ledger_, outcome.ledger_repeats, channel_, outcome.channel_repeats, {});
    auto& side = outcome.ledger != nullptr ? alone_in_ledger_ : alone_in_channel_;
    side.push_back({&named, lines.empty() ? std::string() : lines.front()});
}

void Collector::tell_candidates() {
    const auto none = [](const std::vector<matching::Lone>& alone) {
        return alone.empty() || alone.size() > kAloneMax;
    };
    if (none(alone_in_ledger_) || none(alone_in_channel_)) {
        return;
    }
    const matching::Nearest in_ledger(std::move(alone_in_ledger_));
    const matching::Nearest in_channel(std::move(alone_in_channel_));
    for (std::size_t i = 0; i < alone_.size(); ++i) {
        Discrepancy& row = result_.discrepancies[i];
        if (alone_[i] != nullptr) {
            row.candidates = (row.ledger_times > 0 ? in_channel : in_ledger).of(*alone_[i]);
        }
    }
}

// Transactions that nothing names apart (equal parts of one refunded order, without numbers of their own) would have
// one id; they get different ones in the order of what they say, which is as stable as they allow.
void Collector::give_ids() {
    std::map<std::string, int> given;
    for (std::size_t i = 0; i < result_.discrepancies.size(); ++i) {
        Discrepancy& row = result_.discrepancies[i];
        const std::string& order = own_numbers_[i].empty() ? row.merchant_order_id : own_numbers_[i];
        row.id = discrepancy_id(options_, *row.type, row.channel_txn_id, order);
        const int before = given[row.id]++;
        if (before > 0) {
            row.id = core::crypto::sha256_hex(row.id + "#" + std::to_string(before)).substr(0, 16);
        }
    }
}

std::uint64_t magnitude(const Discrepancy& row) {
    const auto difference = row.difference();
    if (!difference) {
        return 0;
    }
    const auto bits = static_cast<std::uint64_t>(*difference);
    return *difference < 0 ? 0 - bits : bits;
}

MatchResult Collector::finish() {
    digest_.add(text_);
    result_.digest = digest_.finish_hex();
    give_ids();
    tell_candidates();
    std::sort(result_.discrepancies.begin(), result_.discrepancies.end(), [](const auto& a, const auto& b) {
        const auto rank = [](const Discrepancy& row) {
            return std::tie(row.type, row.channel_txn_id, row.merchant_order_id, row.id);
        };
        if (a.kind != b.kind) {
            return a.kind < b.kind;
        }
        if (const auto x = magnitude(a), y = magnitude(b); x != y) {
            return x > y;
        }
        return rank(a) < rank(b);
    });
    return std::move(result_);
}

void tell_ids(const Record& record, Discrepancy& row) {
    if (row.channel_txn_id.empty()) {
        row.channel_txn_id = record.channel_txn_id;
    }
    if (row.merchant_order_id.empty()) {
        row.merchant_order_id = record.merchant_order_id;
    }
}

}  // namespace

void tell_ledger(const Record& record, Discrepancy& row) {
    tell_ids(record, row);
    row.ledger_amount = record.amount;
    row.ledger_currency = record.currency;
    row.ledger_exponent = record.exponent;
    row.ledger_status = record.status_text;
    if (row.ledger_status.empty() && record.status) {
        row.ledger_status = payments::name_of(*record.status);
    }
    row.occurred_at = record.occurred_at;
    if (record.order == Record::Order::differs) {
        row.order_amount = record.order_amount;
        row.order_currency = record.order_currency;
    }
}

void tell_channel(const Record& record, Discrepancy& row) {
    tell_ids(record, row);
    row.channel_amount = record.amount;
    row.channel_currency = record.currency;
    row.channel_exponent = record.exponent;
    row.channel_fee = record.fee;
    row.channel_status = record.status_text;
    row.channel_occurred_at = record.occurred_at;
}

MatchResult match(const std::vector<Record>& ledger, const std::vector<Record>& channel, const MatchOptions& options) {
    const Grouping grouping = matching::group_records(ledger, channel);
    Collector collector(ledger, channel, options);
    for (const Group& group : grouping.groups) {
        collector.add(grouping, group);
    }
    return collector.finish();
}

std::string discrepancy_id(const MatchOptions& options, payments::TransactionType type,
                           const std::string& channel_txn_id, const std::string& merchant_order_id) {
    std::string text = "discrepancy,";
    matching::append_text(text, options.tenant);
    matching::append_text(text, options.channel);
    matching::append_text(text, payments::name_of(type));
    matching::append_text(text, channel_txn_id.empty() ? "order" : "channel");
    matching::append_text(text, channel_txn_id.empty() ? merchant_order_id : channel_txn_id);
    return core::crypto::sha256_hex(text).substr(0, 16);
}

}  // namespace reconciliation
