#include "reconciliation/matching/rules/bucket.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <map>

#include "core/money.h"

namespace reconciliation::matching {

namespace {

using Kind = SubsetAnswer::Kind;
using Set = BucketAnswer::Set;

std::int64_t sum_of_sizes(const Amounts& amounts) {
    std::int64_t sum = 0;
    for (const auto amount : amounts) {
        const auto size = amount == std::numeric_limits<std::int64_t>::min() ? std::nullopt
                                                                             : core::checked_add(sum, std::abs(amount));
        sum = size.value_or(std::numeric_limits<std::int64_t>::max());
    }
    return sum;
}

Set set_of(const Subset& subset, const std::vector<std::uint32_t>& ledger, const std::vector<std::uint32_t>& channel) {
    Set set;
    const auto pick = [](const std::vector<std::size_t>& places, const std::vector<std::uint32_t>& from) {
        std::vector<std::uint32_t> picked;
        std::transform(places.begin(), places.end(), std::back_inserter(picked),
                       [&](std::size_t at) { return from[at]; });
        return picked;
    };
    set.ledger = pick(subset.left, ledger);
    set.channel = pick(subset.right, channel);
    return set;
}

class BucketSearch {
public:
    BucketSearch(const config::MatchRule& rule, const std::vector<Record>& ledger, const std::vector<Record>& channel,
                 std::uint64_t& budget)
        : rule_(rule), ledger_(ledger), channel_(channel), budget_(budget) {}

    BucketAnswer search(const std::vector<std::uint32_t>& ledger, const std::vector<std::uint32_t>& channel) {
        const Amounts left = amounts_of(ledger_, ledger);
        const Amounts right = amounts_of(channel_, channel);
        BucketAnswer answer;
        if (budget_ == 0) {
            return {Kind::budget_spent, {{ledger, channel}}, 0};
        }
        const SubsetQuestion question{left, right, rule_.tolerance_for(sum_of_sizes(right)), budget_};
        const SubsetAnswer found = search_subsets(question);
        // Reading the amounts is work too, where there are many questions about many.
        budget_ -= std::min(budget_, found.sums_tried + left.size() + right.size());
        answer.kind = found.kind;
        answer.sums_tried = found.sums_tried;
        if (found.kind == Kind::found) {
            add_found(set_of(found.members, ledger, channel), found.difference, answer);
        } else if (found.kind == Kind::ambiguous) {
            for (const auto& subset : found.equally_good) {
                answer.sets.push_back(set_of(subset, ledger, channel));
            }
            all_listed_ = all_listed_ && found.equally_good.size() == found.equally_good_count;
        } else if (found.kind == Kind::budget_spent) {
            answer.sets.push_back({ledger, channel});
        }
        return answer;
    }

    // Whether every set that fits equally well stands in an answer.
    bool all_listed() const { return all_listed_; }

private:
    // Basis points are of what the group's lines add up to, which is known only now.
    void add_found(Set set, std::int64_t difference, BucketAnswer& answer) const {
        const std::int64_t tolerance = rule_.tolerance_for(sum_of_sizes(amounts_of(channel_, set.channel)));
        if (difference == 0 ||
            (difference != std::numeric_limits<std::int64_t>::min() && std::abs(difference) <= tolerance)) {
            answer.sets.push_back(std::move(set));
        } else {
            answer.kind = Kind::proved_none;
        }
    }

    const config::MatchRule& rule_;
    const std::vector<Record>& ledger_;
    const std::vector<Record>& channel_;
    std::uint64_t& budget_;
    bool all_listed_ = true;
};

// How many of the answers' sets hold each record; of one answer's sets a record counts once.
std::map<std::uint32_t, int> uses_of(const std::vector<BucketAnswer>& answers, std::vector<std::uint32_t> Set::*many) {
    std::map<std::uint32_t, int> uses;
    for (const auto& answer : answers) {
        std::map<std::uint32_t, int> of_this;
        for (const auto& set : answer.sets) {
            for (const auto index : set.*many) {
                of_this[index] = 1;
            }
        }
        for (const auto& [index, count] : of_this) {
            uses[index] += count;
        }
    }
    return uses;
}

// Of answers that need the same records none is taken.
void contest(std::vector<BucketAnswer>& answers, std::vector<std::uint32_t> Set::*many, bool all_known) {
    const auto uses = uses_of(answers, many);
    const bool others = answers.size() > 1;
    for (auto& answer : answers) {
        if (answer.kind != Kind::found) {
            continue;
        }
        const auto& members = answer.sets.front().*many;
        const bool contested = std::any_of(members.begin(), members.end(), [&](auto i) { return uses.at(i) > 1; });
        if (contested || (others && !all_known)) {
            answer.kind = Kind::ambiguous;
        }
    }
}

}  // namespace

Amounts amounts_of(const std::vector<Record>& records, const std::vector<std::uint32_t>& indices) {
    Amounts amounts;
    amounts.reserve(indices.size());
    std::transform(indices.begin(), indices.end(), std::back_inserter(amounts),
                   [&](std::uint32_t i) { return records[i].amount; });
    return amounts;
}

std::vector<BucketAnswer> search_bucket(const config::MatchRule& rule, const Bucket& bucket,
                                        const std::vector<Record>& ledger, const std::vector<Record>& channel,
                                        std::uint64_t& budget) {
    BucketSearch search(rule, ledger, channel, budget);
    std::vector<BucketAnswer> answers;
    if (rule.kind == config::MatchRule::Kind::many_to_many) {
        answers.push_back(search.search(bucket.ledger, bucket.channel));
        return answers;
    }
    const bool one_booked = rule.kind == config::MatchRule::Kind::one_to_many;
    for (const auto one : one_booked ? bucket.ledger : bucket.channel) {
        answers.push_back(one_booked ? search.search({one}, bucket.channel) : search.search(bucket.ledger, {one}));
    }
    const bool all_known = search.all_listed() && std::none_of(answers.begin(), answers.end(), [](const auto& answer) {
                               return answer.kind == Kind::budget_spent;
                           });
    contest(answers, one_booked ? &Set::channel : &Set::ledger, all_known);
    return answers;
}

}  // namespace reconciliation::matching
