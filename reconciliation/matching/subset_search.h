// Which of these amounts add up to which of those? An exact search over whole numbers, bounded in work and memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace reconciliation::matching {

// Amounts in minor units of one currency, of any sign. Asked for: some of the left, at least one, and some of the
// right, at least one, whose sums are no further apart than the tolerance.
struct SubsetQuestion {
    std::span<const std::int64_t> left;
    std::span<const std::int64_t> right;
    std::int64_t tolerance = 0;       // not below zero
    std::uint64_t budget = 1U << 24;  // partial sums to be looked at, all told; a few nanoseconds each
    std::size_t list_max = 8;         // of several equally good answers, as many are listed
};

// Indices into the question's two sides, ascending.
struct Subset {
    std::vector<std::size_t> left;
    std::vector<std::size_t> right;

    friend bool operator==(const Subset&, const Subset&) = default;
};

// One answer is better than another when its sums are closer to each other. What lies wholly inside another that is as
// good speaks for that one, not against it: {3 and 3} does not contradict {3, 5 and 3, 5}. So there is one answer when
// the largest of the closest holds all others of them; otherwise the choice would be a guess.
struct SubsetAnswer {
    enum class Kind {
        found,         // `members`, the only one that is as good
        ambiguous,     // `equally_good` of `equally_good_count`
        proved_none,   // no subsets fit: all were ruled out
        budget_spent,  // nothing is known; `sums_tried` and `amounts_joined` say how far it went
    };
    Kind kind = Kind::proved_none;
    Subset members;
    std::int64_t difference = 0;  // left's sum - right's sum, of the closest
    std::vector<Subset> equally_good;
    std::uint64_t equally_good_count = 0;  // at most UINT32_MAX, which means: or more
    std::uint64_t sums_tried = 0;
    std::size_t amounts_joined = 0;  // of all amounts, as many had been joined into sums
};

// The same for any order of the amounts, up to the indices; of equal amounts those with lower indices come first.
//
// Amounts are joined to lists of the distinct sums they can make, from the largest downwards and from the smallest
// upwards, whichever list is shorter; a sum that the rest can't bring back to zero is dropped. The two lists then meet.
// So it takes 2^(n/2) sums for amounts without any order, and as few as there are different sums for many small or
// equal ones. Sides that add up to the same as a whole take none.
SubsetAnswer search_subsets(const SubsetQuestion& question);

}  // namespace reconciliation::matching
