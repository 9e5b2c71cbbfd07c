#include "reconciliation/impl/rate_search.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <tuple>
#include <utility>

namespace reconciliation {
namespace {

constexpr std::int64_t kWhole = 10'000;
constexpr std::int64_t kBasisPointsMax = 1'000;
constexpr core::Rounding kRoundings[] = {core::Rounding::half_up, core::Rounding::half_even, core::Rounding::down,
                                         core::Rounding::up};

// Of the search for a fixed part: pairs of payments that are asked, fixed parts that are tried, and how many different
// payments have to agree on one.
constexpr std::size_t kPairs = 256;
constexpr std::size_t kFixedTried = 6;
constexpr std::size_t kDifferentFittingMin = 4;

// Some 200 MB.
constexpr std::size_t kDifferentMax = 2'000'000;

// The first number of basis points that gives this or more; a fee never falls when the rate rises.
std::int64_t first_that_gives(std::int64_t amount, std::int64_t proportional, core::Rounding rounding) {
    std::int64_t low = 0;
    std::int64_t high = kBasisPointsMax + 1;
    while (low < high) {
        const std::int64_t middle = (low + high) / 2;
        const auto given = core::scaled(amount, middle, kWhole, rounding);
        if (given && *given < proportional) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// Of each number of basis points how many fees it gives.
std::vector<std::uint64_t> fits_of(const ChargedFees& fees, std::int64_t fixed, core::Rounding rounding) {
    std::vector<std::int64_t> changes(kBasisPointsMax + 2);
    for (const auto& [payment, count] : fees.counted()) {
        const auto [amount, fee] = payment;
        const auto proportional = core::checked_subtract(fee, fixed);
        if (!proportional || *proportional < 0) {
            continue;
        }
        const auto times = static_cast<std::int64_t>(count);
        changes[static_cast<std::size_t>(first_that_gives(amount, *proportional, rounding))] += times;
        changes[static_cast<std::size_t>(first_that_gives(amount, *proportional + 1, rounding))] -= times;
    }
    std::vector<std::uint64_t> fits;
    std::int64_t sum = 0;
    for (std::int64_t points = 0; points <= kBasisPointsMax; ++points) {
        sum += changes[static_cast<std::size_t>(points)];
        fits.push_back(static_cast<std::uint64_t>(sum));
    }
    return fits;
}

auto distance(const FoundRate& rate, const config::FeeRate& contract) {
    return std::make_tuple(rate.fixed_minor != contract.fixed_minor, rate.rounding != contract.rounding,
                           std::abs(rate.basis_points - contract.basis_points), rate.basis_points, rate.rounding);
}

void consider(const FoundRate& rate, const config::FeeRate& contract, FoundRate& best) {
    if (rate.fitting < best.fitting) {
        return;
    }
    if (rate.fitting > best.fitting) {
        best = rate;
        return;
    }
    const auto equally_good = best.equally_good + 1;
    if (distance(rate, contract) < distance(best, contract)) {
        best = rate;
    }
    best.equally_good = equally_good;
}

FoundRate best_with(const std::set<std::int64_t>& fixed_parts, const ChargedFees& fees, const config::FeeRate& contract,
                    const FoundRate& contracts) {
    FoundRate best = contracts;
    for (const std::int64_t fixed : fixed_parts) {
        for (const auto rounding : kRoundings) {
            FoundRate rate = contracts;
            rate.fixed_minor = fixed;
            rate.rounding = rounding;
            const auto fits = fits_of(fees, fixed, rounding);
            for (std::size_t points = 0; points < fits.size(); ++points) {
                rate.basis_points = static_cast<std::int64_t>(points);
                rate.fitting = fits[points];
                consider(rate, contract, best);
            }
        }
    }
    return best;
}

using Charged = std::pair<std::int64_t, std::int64_t>;  // amount and fee

// The fixed parts that, under some rate, give both fees to the unit.
void point_to(const Charged& small, const Charged& large, std::map<std::int64_t, std::uint64_t>& votes) {
    const std::int64_t apart = large.first - small.first;
    if (apart < kWhole || large.second < small.second) {  // nearer than that, too many rates agree with both
        return;
    }
    const auto middle = core::scaled(large.second - small.second, kWhole, apart, core::Rounding::down);
    if (!middle || *middle > kBasisPointsMax + 2) {
        return;
    }
    std::set<std::int64_t> pointed;
    for (std::int64_t points = std::max<std::int64_t>(0, *middle - 2); points <= std::min(kBasisPointsMax, *middle + 2);
         ++points) {
        for (const auto rounding : kRoundings) {
            const auto of_small = core::scaled(small.first, points, kWhole, rounding);
            const auto of_large = core::scaled(large.first, points, kWhole, rounding);
            if (of_small && of_large && small.second - *of_small == large.second - *of_large &&
                small.second >= *of_small) {
                pointed.insert(small.second - *of_small);
            }
        }
    }
    for (const auto fixed : pointed) {
        ++votes[fixed];
    }
}

// Those that most of some pairs of payments point to, each of a small amount and one of the larger half.
std::set<std::int64_t> likely_fixed(const ChargedFees& fees, const config::FeeRate& contract) {
    std::vector<Charged> all;
    for (const auto& [payment, ignored] : fees.counted()) {
        all.push_back(payment);
    }
    std::map<std::int64_t, std::uint64_t> votes;
    const std::size_t half = all.size() / 2;
    const std::size_t pairs = std::min(half, kPairs);
    for (std::size_t i = 0; i < pairs; ++i) {
        const std::size_t at = i * half / pairs;
        point_to(all[at], all[half + at], votes);
    }
    std::vector<std::int64_t> fixed;
    fixed.reserve(votes.size());
    for (const auto& [one, ignored] : votes) {
        fixed.push_back(one);
    }
    std::sort(fixed.begin(), fixed.end(), [&](std::int64_t a, std::int64_t b) {
        return std::make_tuple(votes[b], std::abs(a - contract.fixed_minor), a) <
               std::make_tuple(votes[a], std::abs(b - contract.fixed_minor), b);
    });
    fixed.resize(std::min(fixed.size(), kFixedTried));
    return {fixed.begin(), fixed.end()};
}

std::size_t different_fitting(const FoundRate& rate, const ChargedFees& fees) {
    const auto& all = fees.counted();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& payment) {
        return fee_by(rate, payment.first.first) == payment.first.second;
    }));
}

}  // namespace

std::optional<std::int64_t> fee_by(const FoundRate& rate, std::int64_t amount) {
    const auto proportional = core::scaled(amount, rate.basis_points, kWhole, rate.rounding);
    return proportional ? core::checked_add(*proportional, rate.fixed_minor) : std::nullopt;
}

void ChargedFees::add(std::int64_t amount, std::int64_t fee) {
    if (amount <= 0 || fee < 0) {
        return;
    }
    if (counted_.size() < kDifferentMax) {
        ++counted_[{amount, fee}];
    } else if (const auto known = counted_.find({amount, fee}); known != counted_.end()) {
        ++known->second;
    } else {
        is_cut_ = true;
    }
}

std::optional<FoundRate> find_rate(const ChargedFees& fees, const config::FeeRate& contract) {
    if (fees.is_cut()) {
        return std::nullopt;
    }
    FoundRate contracts{std::string(contract.currency.code()), contract.basis_points, contract.fixed_minor,
                        contract.rounding};
    contracts.contract_basis_points = contract.basis_points;
    contracts.contract_fixed_minor = contract.fixed_minor;
    for (const auto& [payment, count] : fees.counted()) {
        contracts.payments += count;
        contracts.contract_fitting += fee_by(contracts, payment.first) == payment.second ? count : 0;
    }
    const std::set<std::int64_t> known{0, contract.fixed_minor};
    FoundRate best = best_with(known, fees, contract, contracts);
    if (best.fitting < best.payments) {
        auto fixed = likely_fixed(fees, contract);
        std::erase_if(fixed, [&](std::int64_t one) { return known.contains(one); });
        const FoundRate other = best_with(fixed, fees, contract, contracts);
        if (other.fitting > best.fitting && different_fitting(other, fees) >= kDifferentFittingMin) {
            best = other;
        }
    }
    const bool explains = best.fitting > best.contract_fitting && best.fitting * 2 > best.payments;
    return explains ? std::optional(best) : std::nullopt;
}

}  // namespace reconciliation
