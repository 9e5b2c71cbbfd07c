#include "reconciliation/matching/collector.h"

#include <algorithm>
#include <bit>
#include <compare>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "reconciliation/matching/evidence.h"

namespace reconciliation::matching {

namespace {

// More different repeats than this are compared in part: the first of them by content. It bounds the work that a file
// of nothing but repeats can ask for.
constexpr std::size_t kRepeatsComparedMax = 16;

// With more alone on a side than this the two sides are hardly of one day, and no candidates are looked for.
constexpr std::size_t kAloneMax = 100'000;

// Repeats with different content, as they stand: sorted by it.
std::vector<std::uint32_t> distinct(const std::vector<Record>& records, Indices repeats) {
    std::vector<std::uint32_t> different;
    for (const std::uint32_t index : repeats) {
        if (different.empty() || std::is_neq(compare_content(records[different.back()], records[index]))) {
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

std::uint64_t magnitude(const Discrepancy& row) {
    const auto difference = row.difference();
    if (!difference) {
        return 0;
    }
    const auto bits = static_cast<std::uint64_t>(*difference);
    return *difference < 0 ? 0 - bits : bits;
}

}  // namespace

// Sets the two records that stand for the transaction: of repeats, the two that agree best.
void Collector::choose(Outcome& outcome) const {
    if (outcome.ledger_repeats.size() == 1 && outcome.channel_repeats.size() == 1) {
        outcome.ledger = &ledger_[outcome.ledger_repeats.front()];
        outcome.channel = &channel_[outcome.channel_repeats.front()];
        outcome.findings = compare_sides(*outcome.ledger, *outcome.channel, options_);
        return;
    }
    int least = std::numeric_limits<int>::max();
    for (const std::uint32_t l : distinct(ledger_, outcome.ledger_repeats)) {
        for (const std::uint32_t c : distinct(channel_, outcome.channel_repeats)) {
            const Findings found = compare_sides(ledger_[l], channel_[c], options_);
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
        outcome.findings.add(compare_repeats(ledger_, outcome.ledger_repeats));
    }
    if (outcome.channel_repeats.size() > 1) {
        outcome.findings.add(DiscrepancyKind::duplicate_in_channel);
        outcome.findings.add(compare_repeats(channel_, outcome.channel_repeats));
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
        outcome.findings = alone_in_ledger(*outcome.ledger, outcome.ledger_carried, options_);
    } else if (outcome.ledger_repeats.empty()) {
        outcome.channel = &channel_[outcome.channel_repeats.front()];
        outcome.findings = alone_in_channel(*outcome.channel, outcome.channel_carried, options_);
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

void Collector::add(RuleGroups by_rules) {
    for (const auto& group : by_rules.groups) {
        const auto carried = [](const std::vector<std::size_t>& indices, const std::vector<Record>& records) {
            return static_cast<std::uint64_t>(
                std::count_if(indices.begin(), indices.end(), [&](auto i) { return records[i].carried_in; }));
        };
        const std::uint64_t cleared = carried(group.ledger, ledger_) + carried(group.channel, channel_);
        result_.cleared += cleared;
        if (cleared == 0) {
            ++result_.paired;
            ++result_.matched;
            ++result_.by_rule[group.rule];
        }
        add_to_digest(group);
    }
    result_.groups = std::exchange(by_rules.groups, {});
    by_rules_ = std::move(by_rules);
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
    append_number(text_, outcome.findings.bits());
    if (outcome.findings.rule) {
        append_text(text_, options_.rules[*outcome.findings.rule].name);
    }
    append_number(text_, static_cast<std::int64_t>(outcome.ledger_repeats.size()));
    for (const std::uint32_t index : outcome.ledger_repeats) {
        append_content(text_, ledger_[index]);
    }
    append_number(text_, static_cast<std::int64_t>(outcome.channel_repeats.size()));
    for (const std::uint32_t index : outcome.channel_repeats) {
        append_content(text_, channel_[index]);
    }
    write_digest();
}

void Collector::add_to_digest(const RuleGroup& group) {
    append_text(text_, "by rule");
    append_text(text_, options_.rules[group.rule].name);
    append_number(text_, static_cast<std::int64_t>(group.ledger.size()));
    for (const std::size_t index : group.ledger) {
        append_content(text_, ledger_[index]);
    }
    append_number(text_, static_cast<std::int64_t>(group.channel.size()));
    for (const std::size_t index : group.channel) {
        append_content(text_, channel_[index]);
    }
    write_digest();
}

void Collector::write_digest() {
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
            row.ledger_fee = fee_to_expect(outcome.ledger, *outcome.channel);
        }
    }
    tell_days(outcome, row);
    row.ledger_times = outcome.ledger_repeats.size();
    row.channel_times = outcome.channel_repeats.size();
    row.evidence =
        evidence_of(ledger_, outcome.ledger_repeats, channel_, outcome.channel_repeats, options_.statement_files);
    row.evidence_bytes = evidence_bytes_of(channel_, outcome.channel_repeats, row.evidence);
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
    const auto lines = evidence_of(ledger_, outcome.ledger_repeats, channel_, outcome.channel_repeats, {});
    auto& side = outcome.ledger != nullptr ? alone_in_ledger_ : alone_in_channel_;
    side.push_back({&named, lines.empty() ? std::string() : lines.front()});
}

// What a rule knows goes before what is merely near.
void Collector::tell_of_rules() {
    if (by_rules_.ledger_told.empty() && by_rules_.channel_told.empty()) {
        return;
    }
    for (std::size_t i = 0; i < alone_.size(); ++i) {
        Discrepancy& row = result_.discrepancies[i];
        if (alone_[i] == nullptr) {
            continue;
        }
        const bool booked = row.ledger_times > 0;
        const auto& told = booked ? by_rules_.ledger_told : by_rules_.channel_told;
        const auto found =
            told.find(static_cast<std::uint32_t>(booked ? ledger_index(*alone_[i]) : channel_index(*alone_[i])));
        if (found != told.end()) {
            row.candidates.insert(row.candidates.begin(), found->second.begin(), found->second.end());
        }
    }
}

void Collector::tell_candidates() {
    const auto none = [](const std::vector<Lone>& alone) { return alone.empty() || alone.size() > kAloneMax; };
    if (none(alone_in_ledger_) || none(alone_in_channel_)) {
        return;
    }
    const Nearest in_ledger(std::move(alone_in_ledger_));
    const Nearest in_channel(std::move(alone_in_channel_));
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

MatchResult Collector::finish() {
    digest_.add(text_);
    result_.digest = digest_.finish_hex();
    give_ids();
    tell_candidates();
    tell_of_rules();
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

}  // namespace reconciliation::matching
