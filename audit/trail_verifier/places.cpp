#include "audit/trail_verifier/places.h"

#include <iterator>

namespace trail_verifier {
namespace {

constexpr std::size_t kGapsMax = 100'000;  // beyond, whoever reads the findings has long seen enough

}  // namespace

Places::Met Places::meet(std::int64_t number) {
    if (number == next_) {
        ++next_;
        return Met::in_its_place;
    }
    if (number > next_) {
        if (gaps_.size() < kGapsMax) {
            gaps_[next_] = number - 1;
        }
        next_ = number + 1;
        return Met::after_a_gap;
    }
    return fill(number) ? Met::late : Met::again;
}

bool Places::fill(std::int64_t number) {
    auto gap = gaps_.upper_bound(number);
    if (gap == gaps_.begin()) {
        return false;
    }
    gap = std::prev(gap);
    const auto [first, last] = *gap;
    if (number > last) {
        return false;
    }
    gaps_.erase(gap);
    if (first < number) {
        gaps_[first] = number - 1;
    }
    if (number < last) {
        gaps_[number + 1] = last;
    }
    return true;
}

}  // namespace trail_verifier
