#include "reconciliation/matching/rules/groups.h"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "core/failure.h"
#include "core/money.h"
#include "reconciliation/matching/candidates.h"
#include "reconciliation/matching/content.h"
#include "reconciliation/matching/findings.h"
#include "reconciliation/matching/rules/bucket.h"
#include "reconciliation/matching/rules/tolerance.h"

namespace reconciliation::matching {

namespace {

using config::MatchRule;
using Kind = SubsetAnswer::Kind;
using Set = BucketAnswer::Set;
using Told = std::map<std::uint32_t, std::vector<Candidate>>;
// What the records of one bucket have in common.
using Key = std::tuple<payments::TransactionType, int, bool, std::string>;

constexpr std::size_t kNamedMax = 8;  // of a set's records, in a text

// Nothing is to be said about it but that it is alone; what its order says is judged with the whole group.
bool nothing_else_to_say(const Record& record, bool booked, const MatchOptions& options) {
    auto found = booked ? alone_in_ledger(record, record.carried_in, options).in_order()
                        : alone_in_channel(record, record.carried_in, options).in_order();
    std::erase(found, DiscrepancyKind::order_mismatch);
    const bool word_unknown = options.compare_status_words && !record.status && !record.status_text.empty();
    const bool captured =
        record.status.value_or(payments::TransactionStatus::captured) == payments::TransactionStatus::captured;
    return found.size() == 1 && captured && !word_unknown && record.amount != 0 && !record.kept_from_rules &&
           !record.is_settled_later();
}

std::optional<std::string> group_of(const Record& record, MatchRule::GroupBy by) {
    const auto unless_empty = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
    switch (by) {
        case MatchRule::GroupBy::merchant_order_id:
            return unless_empty(record.merchant_order_id);
        case MatchRule::GroupBy::own_order_id:
            return unless_empty(record.own_order_id);
        case MatchRule::GroupBy::business_date:
            return record.business_day.ok() ? std::optional(core::format_day(record.business_day)) : std::nullopt;
        case MatchRule::GroupBy::none:
            break;
    }
    return std::string();
}

// The fees that both sides know add up to the same.
bool fees_agree(const Set& set, const std::vector<Record>& ledger, const std::vector<Record>& channel) {
    std::optional<std::int64_t> left = 0;
    std::optional<std::int64_t> right = 0;
    const auto add = [](std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& fee) {
        sum = sum && fee ? core::checked_add(*sum, *fee) : std::nullopt;
    };
    for (const auto i : set.ledger) {
        add(left, ledger[i].fee);
    }
    for (const auto i : set.channel) {
        add(right, channel[i].expected_fee ? std::nullopt : channel[i].fee);
    }
    return !left || !right || *left == *right;
}

// What was paid in parts is what the order asks for as a whole.
bool orders_agree(const Set& set, const std::vector<Record>& ledger) {
    std::map<std::string, std::optional<std::int64_t>> paid;
    for (const auto i : set.ledger) {
        auto& sum = paid.emplace(ledger[i].merchant_order_id, 0).first->second;
        sum = sum ? core::checked_add(*sum, ledger[i].amount) : std::nullopt;
    }
    return std::all_of(set.ledger.begin(), set.ledger.end(), [&](std::uint32_t i) {
        const Record& record = ledger[i];
        return record.order != Record::Order::differs ||
               (record.order_currency == record.currency && record.order_amount == paid.at(record.merchant_order_id));
    });
}

std::string names_of(const std::vector<std::uint32_t>& indices, const std::vector<Record>& records) {
    std::string names;
    for (std::size_t i = 0; i < std::min(indices.size(), kNamedMax); ++i) {
        names += (i == 0 ? "" : " + ") + records[indices[i]].evidence;
    }
    return indices.size() > kNamedMax ? names + " + " + std::to_string(indices.size() - kNamedMax) + " more" : names;
}

class Grouper {
public:
    Grouper(const std::vector<Record>& ledger, const std::vector<Record>& channel, const MatchOptions& options)
        : ledger_(ledger), channel_(channel), options_(options) {}

    RuleGroups run(AloneRecords alone) {
        const auto sort_out = [&](std::vector<std::uint32_t>& indices, const std::vector<Record>& records,
                                  bool booked) {
            std::erase_if(indices, [&](auto i) { return !nothing_else_to_say(records[i], booked, options_); });
            std::sort(indices.begin(), indices.end(), [&](auto a, auto b) {
                const auto order = compare_content(records[a], records[b]);
                return std::is_neq(order) ? std::is_lt(order) : a < b;
            });
        };
        sort_out(alone.ledger, ledger_, true);
        sort_out(alone.channel, channel_, false);
        for (std::uint32_t i = 0; i < options_.rules.size(); ++i) {
            if (options_.rules[i].adds_up()) {
                apply(i, alone);
            }
        }
        return std::move(found_);
    }

private:
    // The buckets of the rule, the small ones first, so that one that takes the whole budget takes it from few others.
    std::vector<Bucket> buckets_of(const MatchRule& rule, const AloneRecords& alone) const {
        std::map<Key, Bucket> by_key;
        const auto add = [&](const std::vector<std::uint32_t>& indices, const std::vector<Record>& records,
                             std::vector<std::uint32_t> Bucket::*side) {
            for (const auto i : indices) {
                const Record& record = records[i];
                const auto group = group_of(record, rule.group_by);
                if (group && record.currency == rule.currency.code() && within_window_of_day(rule, record, options_)) {
                    (by_key[{record.type, record.exponent, record.amount < 0, *group}].*side).push_back(i);
                }
            }
        };
        add(alone.ledger, ledger_, &Bucket::ledger);
        add(alone.channel, channel_, &Bucket::channel);
        std::vector<Bucket> buckets;
        for (auto& [key, bucket] : by_key) {
            if (bucket.both() && bucket.size() > 2) {
                buckets.push_back(std::move(bucket));
            }
        }
        std::stable_sort(buckets.begin(), buckets.end(),
                         [](const auto& a, const auto& b) { return a.size() < b.size(); });
        return buckets;
    }

    void apply(std::uint32_t rule, AloneRecords& alone) {
        std::uint64_t budget = options_.rules[rule].budget;
        for (const auto& bucket : buckets_of(options_.rules[rule], alone)) {
            for (const auto& answer : search_bucket(options_.rules[rule], bucket, ledger_, channel_, budget)) {
                take(rule, answer, alone);
            }
        }
    }

    void take(std::uint32_t rule, const BucketAnswer& answer, AloneRecords& alone) {
        switch (answer.kind) {
            case Kind::found:
                add_group(rule, answer.sets.front(), alone);
                return;
            case Kind::ambiguous:
                for (const auto& set : answer.sets) {
                    tell(set, Candidate::Failed::none, names_of(set.ledger, ledger_), names_of(set.channel, channel_));
                }
                return;
            case Kind::budget_spent: {
                const std::string tried =
                    "rule " + options_.rules[rule].name + ": " + std::to_string(answer.sums_tried) + " sums tried";
                tell(answer.sets.front(), Candidate::Failed::budget, tried, tried);
                return;
            }
            case Kind::proved_none:
                return;
        }
    }

    void add_group(std::uint32_t rule, const Set& set, AloneRecords& alone) {
        if (set.ledger.size() + set.channel.size() < 3 || !fees_agree(set, ledger_, channel_) ||
            !orders_agree(set, ledger_)) {
            return;
        }
        const auto forget = [](std::vector<std::uint32_t>& left, const std::vector<std::uint32_t>& taken) {
            std::erase_if(left, [&](auto i) { return std::find(taken.begin(), taken.end(), i) != taken.end(); });
        };
        forget(alone.ledger, set.ledger);
        forget(alone.channel, set.channel);
        found_.groups.push_back(
            {rule, {set.ledger.begin(), set.ledger.end()}, {set.channel.begin(), set.channel.end()}});
    }

    // Tells each record of the set what is on the other side of it.
    void tell(const Set& set, Candidate::Failed failed, const std::string& booked, const std::string& listed) {
        const auto add = [&](Told& told, std::uint32_t index, const Record& record, const std::string& others) {
            auto& candidates = told[index];
            const bool known =
                std::any_of(candidates.begin(), candidates.end(), [&](const auto& c) { return c.evidence == others; });
            if (!known && candidates.size() < kEquallyGoodMax) {
                candidates.push_back(
                    {failed, others, record.type, "", "", record.amount, record.currency, record.exponent});
            }
        };
        for (const auto i : set.ledger) {
            add(found_.ledger_told, i, ledger_[i], listed);
        }
        for (const auto i : set.channel) {
            add(found_.channel_told, i, channel_[i], booked);
        }
    }

    const std::vector<Record>& ledger_;
    const std::vector<Record>& channel_;
    const MatchOptions& options_;
    RuleGroups found_;
};

}  // namespace

RuleGroups group_by_rules(const std::vector<Record>& ledger, const std::vector<Record>& channel,
                          const AloneRecords& alone, const MatchOptions& options) {
    return Grouper(ledger, channel, options).run(alone);
}

}  // namespace reconciliation::matching
