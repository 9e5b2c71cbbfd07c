// The lists of sums behind search_subsets(): joined from both ends, cut to what can still reach a window.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace reconciliation::matching {

__extension__ using Wide = __int128;

inline constexpr std::uint32_t kUncountable = std::numeric_limits<std::uint32_t>::max();

inline std::uint32_t saturated(std::uint64_t count) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, kUncountable));
}

// Which sides a sum has amounts of: bits.
inline constexpr std::uint8_t kLeftSide = 1;
inline constexpr std::uint8_t kRightSide = 2;
inline constexpr std::uint8_t kBothSides = 3;

// An amount with its sign turned on the right, so that the sides' sums meet at zero.
template <typename Sum>
struct Item {
    Sum value;
    std::uint8_t side;
    std::size_t index;  // on its side
};

// All subsets with one sum and one set of sides.
template <typename Sum>
struct Reached {
    Sum sum;
    std::uint32_t ways;       // how many subsets; kUncountable: that many or more
    std::uint32_t most : 30;  // amounts in the largest of them
    std::uint32_t sides : 2;
};

// What is left of the budget. Once spent it stays so.
class Work {
public:
    explicit Work(std::uint64_t budget) : budget_(budget) {}

    bool spend(std::uint64_t sums) {
        spent_ = sums > budget_ - tried_ || spent_;
        tried_ = spent_ ? budget_ : tried_ + sums;
        return !spent_;
    }
    bool spent() const { return spent_; }
    std::uint64_t tried() const { return tried_; }

    std::size_t joined = 0;  // amounts, by the first exploration

private:
    std::uint64_t budget_;
    std::uint64_t tried_ = 0;
    bool spent_ = false;
};

template <typename Sum>
using Sums = std::vector<Reached<Sum>>;  // sorted by sum, then sides; each pair once

// The sums that items [begin, middle) can make and those that [middle, end) can.
template <typename Sum>
struct Halves {
    Sums<Sum> large;
    Sums<Sum> small;
    std::size_t middle = 0;
};

// Sums kept at one time are bounded by this, whatever the budget: some 200 MB for three lists.
inline constexpr std::size_t kSumsKeptMax = std::size_t{1} << 22U;

// Adds one item to all subsets of a list, and drops the sums outside [low, high].
template <typename Sum>
class Joining {
public:
    Joining(const Sums<Sum>& list, const Item<Sum>& item, Sum low, Sum high)
        : list_(list), item_(item), low_(low), high_(high) {}

    Sums<Sum> joined() {
        Sums<Sum> result;
        result.reserve(list_.size() * 2);
        std::size_t without = 0;
        std::size_t with = 0;
        while (without < list_.size() || with < list_.size()) {
            const bool from_with =
                without == list_.size() || (with < list_.size() && list_[with].sum + item_.value < list_[without].sum);
            const Sum sum = from_with ? list_[with].sum + item_.value : list_[without].sum;
            for (; without < list_.size() && list_[without].sum == sum; ++without) {
                put(list_[without].sides, list_[without].ways, list_[without].most);
            }
            for (; with < list_.size() && list_[with].sum + item_.value == sum; ++with) {
                put(list_[with].sides | item_.side, list_[with].ways, list_[with].most + 1);
            }
            take(sum, result);
        }
        return result;
    }

private:
    void put(std::uint32_t sides, std::uint32_t ways, std::uint32_t most) {
        auto& slot = slots_[sides];
        slot.ways = saturated(std::uint64_t{slot.ways} + ways);
        slot.most = std::max(slot.most, most);
    }
    void take(Sum sum, Sums<Sum>& result) {
        for (std::uint32_t sides = 0; sides < slots_.size(); ++sides) {
            if (slots_[sides].ways != 0 && sum >= low_ && sum <= high_) {
                result.push_back({sum, slots_[sides].ways, slots_[sides].most & 0x3FFFFFFFU, sides & 3U});
            }
            slots_[sides] = {};
        }
    }

    struct Slot {
        std::uint32_t ways = 0;
        std::uint32_t most = 0;
    };
    const Sums<Sum>& list_;
    const Item<Sum>& item_;
    Sum low_;
    Sum high_;
    std::array<Slot, 4> slots_{};
};

// Items must be sorted by magnitude, largest first. Nothing when the budget is spent.
template <typename Sum>
std::optional<Halves<Sum>> explore(std::span<const Item<Sum>> items, Sum low, Sum high, Work& work) {
    Halves<Sum> halves;
    halves.large = halves.small = {{0, 1, 0, 0}};
    Sum up = 0;  // what the items of neither this list nor, once taken, of the other could still add
    Sum down = 0;
    for (const auto& item : items) {
        (item.value > 0 ? up : down) += item.value;
    }
    // A list's own items no longer count for what the others can add to its sums.
    std::pair<Sum, Sum> beside_large{down, up};
    std::pair<Sum, Sum> beside_small{down, up};
    const bool first = work.joined == 0;
    std::size_t begin = 0;
    std::size_t end = items.size();
    while (begin < end) {
        // Each list has at least one item of several, so that going through one of them is less than the whole again.
        const bool last_for_small = end == items.size() && begin + 1 == end && begin > 0;
        const bool to_large = !last_for_small && (begin == 0 || halves.large.size() <= halves.small.size());
        auto& list = to_large ? halves.large : halves.small;
        auto& beside = to_large ? beside_large : beside_small;
        const Item<Sum>& item = to_large ? items[begin] : items[end - 1];
        if (list.size() > kSumsKeptMax / 2 || !work.spend(list.size() * 2)) {
            work.spend(std::numeric_limits<std::uint64_t>::max());
            return std::nullopt;
        }
        (item.value > 0 ? beside.second : beside.first) -= item.value;
        list = Joining<Sum>(list, item, low - beside.second, high - beside.first).joined();
        begin += to_large ? 1 : 0;
        end -= to_large ? 0 : 1;
        work.joined += first ? 1 : 0;
    }
    halves.middle = begin;
    return halves;
}

}  // namespace reconciliation::matching
