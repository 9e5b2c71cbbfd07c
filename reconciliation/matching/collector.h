// Collector: a match's result, gathered one transaction after the other.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/crypto/digest.h"
#include "reconciliation/match.h"
#include "reconciliation/matching/candidates.h"
#include "reconciliation/matching/content.h"
#include "reconciliation/matching/findings.h"
#include "reconciliation/matching/grouping.h"
#include "reconciliation/matching/rules/groups.h"

namespace reconciliation::matching {

using Indices = std::span<const std::uint32_t>;

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
        append_text(text_, options.tenant);
        append_text(text_, options.channel);
    }

    void add(const Grouping& grouping, const Group& group);
    // What rules have taken, and what they tell of the rest.
    void add(RuleGroups by_rules);
    MatchResult finish();

private:
    void choose(Outcome& outcome) const;
    void add_duplicates(Outcome& outcome) const;
    void add_pair(const Outcome& outcome);
    void add_alone(const Outcome& outcome);
    void add_to_digest(const Outcome& outcome);
    void add_to_digest(const RuleGroup& group);
    void write_digest();
    void list(const Outcome& outcome);
    Discrepancy describe(const Outcome& outcome) const;
    void tell_days(const Outcome& outcome, Discrepancy& row) const;
    void give_ids();
    void tell_candidates();
    void tell_of_rules();

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
    std::vector<Lone> alone_in_ledger_;
    std::vector<Lone> alone_in_channel_;
    std::vector<const Record*> alone_;  // nullptr for a pair
    RuleGroups by_rules_;               // `groups` are in the result
    core::crypto::Sha256Stream digest_;
    std::string text_;
};

}  // namespace reconciliation::matching
