#include "reconciliation/matching/subset_search.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "core/failure.h"
#include "reconciliation/matching/subset_sums.h"

namespace reconciliation::matching {

namespace {

template <typename Sum>
Sum magnitude(Sum value) {
    return value < 0 ? -value : value;
}

// One search, with sums as wide as its amounts need them.
template <typename Sum>
class Search {
public:
    Search(const SubsetQuestion& question, std::vector<Item<Sum>> items)
        : tolerance_(question.tolerance),
          list_max_(question.list_max),
          work_(question.budget),
          items_(std::move(items)) {
        std::sort(items_.begin(), items_.end(), [](const auto& a, const auto& b) {
            const Sum x = magnitude(a.value);
            const Sum y = magnitude(b.value);
            return x != y ? x > y : std::tie(a.side, a.value, a.index) < std::tie(b.side, b.value, b.index);
        });
    }

    SubsetAnswer answer() {
        SubsetAnswer result = decide();
        if (work_.spent() && result.kind != SubsetAnswer::Kind::ambiguous) {
            result = {};
            result.kind = SubsetAnswer::Kind::budget_spent;
        }
        result.sums_tried = work_.tried();
        result.amounts_joined = std::min(work_.joined, items_.size());
        return result;
    }

private:
    using Items = std::span<const Item<Sum>>;
    using Chosen = std::vector<Item<Sum>>;

    // What a stretch of items is asked to give: a sum with exactly these sides, of `most` amounts where that matters.
    struct Wanted {
        Sum sum;
        std::uint32_t sides;
        std::optional<std::uint32_t> most;
    };

    // All answers that are as close as any can be.
    struct Closest {
        Sum distance;
        std::uint32_t ways = 0;
        Wanted largest{};  // one of the largest of them
    };

    SubsetAnswer decide();
    SubsetAnswer several(const Halves<Sum>& halves, const Closest& closest);
    std::optional<Closest> find_closest(const Halves<Sum>& halves) const;
    std::optional<Sum> least_distance(const Halves<Sum>& halves) const;
    void count(const Halves<Sum>& halves, Sum sum, Closest& closest) const;
    bool holds_all_others(const Chosen& chosen, const Closest& closest);
    std::vector<Chosen> list(Items items, const Wanted& wanted, std::size_t max);
    std::vector<Chosen> list_of(Items items, const Halves<Sum>& halves, const Wanted& wanted, std::size_t max);
    std::vector<Chosen> list_pair(Items items, std::size_t middle, const std::pair<Wanted, Wanted>& parts,
                                  std::size_t max);
    static Subset subset_of(const Chosen& chosen);

    // Calls visit(large, small) for all pairs that add up to `sum` until it says false.
    template <typename Visit>
    static void meet(const Halves<Sum>& halves, Sum sum, Visit visit);

    Sum tolerance_;
    std::size_t list_max_;
    Work work_;
    std::vector<Item<Sum>> items_;
};

template <typename Sum>
template <typename Visit>
void Search<Sum>::meet(const Halves<Sum>& halves, Sum sum, Visit visit) {
    auto small = halves.small.rbegin();
    for (const auto& large : halves.large) {
        while (small != halves.small.rend() && large.sum + small->sum > sum) {
            ++small;
        }
        for (auto same = small; same != halves.small.rend() && large.sum + same->sum == sum; ++same) {
            if (!visit(large, *same)) {
                return;
            }
        }
    }
}

template <typename Sum>
std::optional<Sum> Search<Sum>::least_distance(const Halves<Sum>& halves) const {
    std::optional<Sum> least;
    for (std::uint32_t sides = 0; sides <= kBothSides; ++sides) {
        auto small = halves.small.rbegin();
        for (auto large = halves.large.begin(); large != halves.large.end();) {
            if (large->sides != sides) {
                ++large;
                continue;
            }
            while (small != halves.small.rend() && (small->sides | sides) != kBothSides) {
                ++small;
            }
            if (small == halves.small.rend()) {
                break;
            }
            const Sum sum = large->sum + small->sum;
            least = least ? std::min(*least, magnitude(sum)) : magnitude(sum);
            if (sum > 0) {
                ++small;
            } else {
                ++large;
            }
        }
    }
    return least && *least <= tolerance_ ? least : std::nullopt;
}

template <typename Sum>
void Search<Sum>::count(const Halves<Sum>& halves, Sum sum, Closest& closest) const {
    meet(halves, sum, [&](const auto& large, const auto& small) {
        if ((large.sides | small.sides) == kBothSides) {
            closest.ways = saturated(closest.ways + std::uint64_t{large.ways} * small.ways);
            const std::uint32_t most = large.most + small.most;
            if (most > closest.largest.most.value_or(0)) {
                closest.largest = {sum, kBothSides, most};
            }
        }
        return true;
    });
}

template <typename Sum>
std::optional<typename Search<Sum>::Closest> Search<Sum>::find_closest(const Halves<Sum>& halves) const {
    const auto least = least_distance(halves);
    if (!least) {
        return std::nullopt;
    }
    Closest closest{*least};
    count(halves, *least, closest);
    if (*least != 0) {
        count(halves, -*least, closest);
    }
    return closest;
}

// Subsets of the items that give what is wanted, at most `max`; fewer when the budget is spent.
template <typename Sum>
std::vector<typename Search<Sum>::Chosen> Search<Sum>::list(Items items, const Wanted& wanted, std::size_t max) {
    if (items.size() <= 1) {
        const bool none = wanted.sum == 0 && wanted.sides == 0 && wanted.most.value_or(0) == 0;
        const bool one = items.size() == 1 && wanted.sum == items[0].value && wanted.sides == items[0].side &&
                         wanted.most.value_or(1) == 1;
        std::vector<Chosen> chosen;
        if (one) {
            chosen.push_back({items[0]});
        }
        if (none && chosen.size() < max) {
            chosen.emplace_back();
        }
        return chosen;
    }
    const auto halves = explore<Sum>(items, wanted.sum, wanted.sum, work_);
    return halves ? list_of(items, *halves, wanted, max) : std::vector<Chosen>();
}

// The same from lists that stand already.
template <typename Sum>
std::vector<typename Search<Sum>::Chosen> Search<Sum>::list_of(Items items, const Halves<Sum>& halves,
                                                               const Wanted& wanted, std::size_t max) {
    std::vector<Chosen> chosen;
    meet(halves, wanted.sum, [&](const auto& large, const auto& small) {
        if ((large.sides | small.sides) != wanted.sides ||
            (wanted.most && std::uint32_t{large.most} + small.most != *wanted.most)) {
            return true;
        }
        const auto most = [&](std::uint32_t own) { return wanted.most ? std::optional(own) : std::nullopt; };
        auto more = list_pair(items, halves.middle,
                              {{large.sum, large.sides, most(large.most)}, {small.sum, small.sides, most(small.most)}},
                              max - chosen.size());
        std::move(more.begin(), more.end(), std::back_inserter(chosen));
        return chosen.size() < max && !work_.spent();
    });
    return chosen;
}

template <typename Sum>
std::vector<typename Search<Sum>::Chosen> Search<Sum>::list_pair(Items items, std::size_t middle,
                                                                 const std::pair<Wanted, Wanted>& parts,
                                                                 std::size_t max) {
    std::vector<Chosen> both;
    const auto smalls = list(items.subspan(middle), parts.second, max);
    for (const auto& large : list(items.first(middle), parts.first, max)) {
        for (const auto& small : smalls) {
            if (both.size() == max) {
                return both;
            }
            both.push_back(large);
            both.back().insert(both.back().end(), small.begin(), small.end());
        }
    }
    return both;
}

template <typename Sum>
Subset Search<Sum>::subset_of(const Chosen& chosen) {
    Subset subset;
    for (const auto& item : chosen) {
        (item.side == kLeftSide ? subset.left : subset.right).push_back(item.index);
    }
    std::sort(subset.left.begin(), subset.left.end());
    std::sort(subset.right.begin(), subset.right.end());
    return subset;
}

template <typename Sum>
bool Search<Sum>::holds_all_others(const Chosen& chosen, const Closest& closest) {
    if (chosen.size() == items_.size() || closest.ways == 1) {
        return true;
    }
    if (closest.ways == kUncountable) {
        return false;
    }
    auto inside = chosen;
    std::sort(inside.begin(), inside.end(),
              [](const auto& a, const auto& b) { return magnitude(a.value) > magnitude(b.value); });
    const auto halves = explore<Sum>(Items(inside), -closest.distance, closest.distance, work_);
    const auto among = halves ? find_closest(*halves) : std::nullopt;
    return among && among->ways == closest.ways;
}

template <typename Sum>
SubsetAnswer Search<Sum>::several(const Halves<Sum>& halves, const Closest& closest) {
    SubsetAnswer result;
    result.kind = SubsetAnswer::Kind::ambiguous;
    result.difference = static_cast<std::int64_t>(closest.largest.sum);
    result.equally_good_count = closest.ways;
    for (const Sum sum : {closest.distance, -closest.distance}) {
        const std::size_t room = list_max_ - result.equally_good.size();
        for (const auto& chosen : list_of(items_, halves, {sum, kBothSides, std::nullopt}, room)) {
            result.equally_good.push_back(subset_of(chosen));
        }
        if (sum == 0 || result.equally_good.size() == list_max_) {
            break;
        }
    }
    return result;
}

template <typename Sum>
SubsetAnswer Search<Sum>::decide() {
    const auto halves = explore<Sum>(Items(items_), -tolerance_, tolerance_, work_);
    if (!halves) {
        return {};
    }
    const auto closest = find_closest(*halves);
    if (!closest) {
        return {};
    }
    const auto chosen = list_of(items_, *halves, closest->largest, 1);
    if (chosen.empty()) {  // only when the budget is spent
        return {};
    }
    const bool only_one = holds_all_others(chosen.front(), *closest);
    if (work_.spent()) {
        return {};
    }
    if (!only_one) {
        return several(*halves, *closest);
    }
    SubsetAnswer result;
    result.kind = SubsetAnswer::Kind::found;
    result.members = subset_of(chosen.front());
    result.difference = static_cast<std::int64_t>(closest->largest.sum);
    return result;
}

template <typename Sum>
SubsetAnswer search_with(const SubsetQuestion& question) {
    std::vector<Item<Sum>> items;
    items.reserve(question.left.size() + question.right.size());
    for (std::size_t i = 0; i < question.left.size(); ++i) {
        items.push_back({question.left[i], kLeftSide, i});
    }
    for (std::size_t i = 0; i < question.right.size(); ++i) {
        items.push_back({-static_cast<Sum>(question.right[i]), kRightSide, i});
    }
    return Search<Sum>(question, std::move(items)).answer();
}

struct Totals {
    Wide difference = 0;
    Wide magnitudes = 0;
};

Totals totals_of(const SubsetQuestion& question) {
    Totals totals;
    for (const auto amount : question.left) {
        totals.difference += amount;
        totals.magnitudes += magnitude(Wide{amount});
    }
    for (const auto amount : question.right) {
        totals.difference -= amount;
        totals.magnitudes += magnitude(Wide{amount});
    }
    return totals;
}

// Both sides as they stand.
SubsetAnswer all_of(const SubsetQuestion& question) {
    SubsetAnswer result;
    result.kind = SubsetAnswer::Kind::found;
    for (std::size_t i = 0; i < question.left.size(); ++i) {
        result.members.left.push_back(i);
    }
    for (std::size_t i = 0; i < question.right.size(); ++i) {
        result.members.right.push_back(i);
    }
    return result;
}

}  // namespace

SubsetAnswer search_subsets(const SubsetQuestion& question) {
    core::ensure(question.tolerance >= 0, "a tolerance is not below zero");
    if (question.left.empty() || question.right.empty()) {
        return {};
    }
    const Totals totals = totals_of(question);
    if (totals.difference == 0) {  // nothing is closer, and nothing lies outside
        return all_of(question);
    }
    // Sums of sums, and a tolerance beside them, stay within twice what all magnitudes add up to.
    constexpr Wide kNarrowMax = Wide{1} << 60U;
    return totals.magnitudes < kNarrowMax && question.tolerance < kNarrowMax ? search_with<std::int64_t>(question)
                                                                             : search_with<Wide>(question);
}

}  // namespace reconciliation::matching
