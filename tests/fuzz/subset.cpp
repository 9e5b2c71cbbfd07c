// Subset search: whatever it answers holds when it is added up again, in any order and within its budget.
#include <algorithm>
#include <cstring>
#include <vector>

#include "reconciliation/matching/subset_search.h"
#include "tests/fuzz/fuzz.h"

namespace {

namespace matching = reconciliation::matching;
using Kind = matching::SubsetAnswer::Kind;
__extension__ using Wide = __int128;

constexpr std::size_t kAmountsMax = 24;
constexpr std::uint64_t kBudget = 200'000;

struct Amounts {
    std::vector<std::int64_t> left;
    std::vector<std::int64_t> right;
};

// A byte each for the side and how many bytes the amount has, and then those.
Amounts read_amounts(std::string_view rest) {
    Amounts amounts;
    while (rest.size() > 1 && amounts.left.size() + amounts.right.size() < kAmountsMax) {
        const auto head = static_cast<unsigned char>(rest.front());
        const std::size_t width = std::min<std::size_t>(1 + head / 2 % 8, rest.size() - 1);
        std::int64_t amount = 0;
        std::memcpy(&amount, rest.data() + 1, width);
        (head % 2 == 0 ? amounts.left : amounts.right).push_back((head & 0x80U) != 0 && amount > 0 ? -amount : amount);
        rest.remove_prefix(1 + width);
    }
    return amounts;
}

void check_subset(const Amounts& amounts, const matching::Subset& subset, std::int64_t difference, bool either_sign) {
    fuzz::promise(!subset.left.empty() && !subset.right.empty(), "both sides have members");
    Wide sum = 0;
    for (const auto i : subset.left) {
        sum += amounts.left.at(i);
    }
    for (const auto i : subset.right) {
        sum -= amounts.right.at(i);
    }
    fuzz::promise(sum == difference || (either_sign && sum == -Wide{difference}), "members add up as told");
    for (const auto* side : {&subset.left, &subset.right}) {
        fuzz::promise(std::adjacent_find(side->begin(), side->end(), std::greater_equal<>()) == side->end(),
                      "no member stands twice");
    }
}

// What a look at all pairs of one and one, and of one and two, finds can't be ruled out.
bool small_fit(const Amounts& amounts, std::int64_t tolerance) {
    const auto near = [&](Wide sum) { return sum <= tolerance && -sum <= tolerance; };
    for (const auto left : amounts.left) {
        for (std::size_t i = 0; i < amounts.right.size(); ++i) {
            if (near(Wide{left} - amounts.right[i])) {
                return true;
            }
            for (std::size_t k = i + 1; k < amounts.right.size(); ++k) {
                if (near(Wide{left} - amounts.right[i] - amounts.right[k])) {
                    return true;
                }
            }
        }
    }
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    fuzz::Input input(data, size);
    const auto tolerance = static_cast<std::int64_t>(input.choice(256)) * static_cast<std::int64_t>(input.choice(256));
    Amounts amounts = read_amounts(input.rest());
    const auto answer = matching::search_subsets({amounts.left, amounts.right, tolerance, kBudget});
    fuzz::promise(answer.sums_tried <= kBudget, "the budget is kept to");
    fuzz::promise(answer.difference <= tolerance && -answer.difference <= tolerance, "within the tolerance");
    if (answer.kind == Kind::found) {
        check_subset(amounts, answer.members, answer.difference, false);
    }
    fuzz::promise(answer.kind != Kind::ambiguous || answer.equally_good_count > 1, "several are more than one");
    for (const auto& subset : answer.equally_good) {
        check_subset(amounts, subset, answer.difference, true);
    }
    fuzz::promise(answer.kind != Kind::proved_none || !small_fit(amounts, tolerance), "what fits isn't ruled out");
    std::reverse(amounts.left.begin(), amounts.left.end());
    std::reverse(amounts.right.begin(), amounts.right.end());
    const auto reversed = matching::search_subsets({amounts.left, amounts.right, tolerance, kBudget});
    fuzz::promise(reversed.kind == answer.kind && reversed.equally_good_count == answer.equally_good_count,
                  "the order makes no difference");
    return 0;
}
