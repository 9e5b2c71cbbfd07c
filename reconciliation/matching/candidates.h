// Nearest candidates: for a record that stays alone, which of the other side's it almost agrees with, and in what it
// doesn't.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "reconciliation/discrepancy.h"
#include "reconciliation/record.h"

namespace reconciliation::matching {

inline constexpr std::size_t kNearestMax = 3;       // that fail a condition
inline constexpr std::size_t kEquallyGoodMax = 20;  // that fail none: all of them, up to this

// The single condition that keeps the two from being one transaction: `none` where they could be (then there are others
// like them), nothing where several conditions fail. Conditions are type, currency, amount and the numbers.
std::optional<Candidate::Failed> single_failure(const Record& ledger, const Record& channel);

// A record that its side has alone, and the first place where it stands: of repeats any may be the record.
struct Lone {
    const Record* record;
    std::string evidence;
};

// What is alone on one side, ready to be looked up. A look-up takes the logarithm of how many there are, whatever is in
// them: in each of a few orders (by amount and id, by amount and id from its end, by amount and time, by each number)
// it looks at the nearest. What differs by one character in its id stands beside it in one of the first two.
class Nearest {
public:
    explicit Nearest(std::vector<Lone> alone);  // the records must outlive it

    // Best first: those that fail nothing, then by condition, then by how far apart they are in time. The order in
    // which records came makes no difference.
    std::vector<Candidate> of(const Record& other) const;

private:
    struct Order;  // one way of sorting them
    static const std::vector<Order>& orders();

    std::vector<Lone> alone_;
    std::vector<std::vector<std::size_t>> sorted_;  // by each of the orders
};

}  // namespace reconciliation::matching
