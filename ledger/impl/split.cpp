#include "ledger/split.h"

#include <algorithm>
#include <numeric>

#include "core/failure.h"

namespace ledger {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kWhole = 10'000;

Account account_of(const config::SplitShare& share) {
    auto account = Account::from_name(share.to);
    core::ensure(account.has_value(), "a split's receiver is an account");
    return *account;
}

// Hands out `left` single units to the basis-point shares that lack most of their exact part, ties to the earlier.
void hand_out_units(std::int64_t minor, const std::vector<config::SplitShare>& shares, std::int64_t left,
                    std::vector<SplitPart>& parts) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        if (shares[i].basis_points.value_or(0) > 0) {
            order.push_back(i);
        }
    }
    core::ensure(left < static_cast<std::int64_t>(order.size()), "shares without a remainder reach the whole");
    const auto lack = [&](std::size_t i) {
        return static_cast<Wide>(minor) * *shares[i].basis_points - static_cast<Wide>(parts[i].minor) * kWhole;
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return lack(a) > lack(b); });
    for (std::size_t i = 0; left > 0; ++i, --left) {
        ++parts[order[i]].minor;
    }
}

// Raises the part to `minor`, as far as `left` reaches.
void raise_to(std::int64_t minor, SplitPart& part, std::int64_t& left) {
    const std::int64_t more = std::clamp<std::int64_t>(minor - part.minor, 0, left);
    part.minor += more;
    left -= more;
}

void share_basis_points(std::int64_t minor, const std::vector<config::SplitShare>& shares,
                        std::vector<SplitPart>& parts, std::int64_t& left) {
    for (std::size_t i = 0; i < shares.size(); ++i) {
        raise_to(shares[i].at_least.value_or(0), parts[i], left);
    }
    for (std::size_t i = 0; i < shares.size(); ++i) {
        if (shares[i].basis_points) {
            const auto exact = static_cast<std::int64_t>(static_cast<Wide>(minor) * *shares[i].basis_points / kWhole);
            raise_to(std::min(exact, shares[i].at_most.value_or(exact)), parts[i], left);
        }
    }
}

}  // namespace

core::Result<std::vector<SplitPart>, SplitError> split(std::int64_t minor,
                                                       const std::vector<config::SplitShare>& shares) {
    core::ensure(minor >= 0 && !shares.empty(), "a split shares out an amount that is not negative");
    std::vector<SplitPart> parts;
    std::int64_t left = minor;
    for (const auto& share : shares) {
        const std::int64_t fixed = share.fixed_minor.value_or(0);
        if (fixed > left) {
            return core::Refused{SplitError::fixed_exceeds_amount};
        }
        parts.push_back({account_of(share), fixed});
        left -= fixed;
    }
    share_basis_points(minor, shares, parts, left);
    const auto remainder =
        std::find_if(shares.begin(), shares.end(), [](const auto& share) { return share.remainder; });
    if (remainder != shares.end()) {
        parts[static_cast<std::size_t>(remainder - shares.begin())].minor += left;
    } else if (left > 0) {
        hand_out_units(minor, shares, left, parts);
    }
    return parts;
}

std::vector<std::int64_t> given_back(const std::vector<SplitPart>& received, std::int64_t refunded) {
    const std::int64_t total =
        std::accumulate(received.begin(), received.end(), std::int64_t{0},
                        [](std::int64_t sum, const SplitPart& part) { return sum + part.minor; });
    core::ensure(refunded >= 0 && refunded <= total, "a refund gives back between nothing and everything");
    std::vector<std::int64_t> back(received.size(), 0);
    if (total == 0) {
        return back;
    }
    // d'Hondt never gives anybody less than his quota rounded down, so the count starts there: only the last
    // units, fewer than there are receivers, are handed out one by one.
    std::int64_t left = refunded;
    for (std::size_t i = 0; i < received.size(); ++i) {
        back[i] = static_cast<std::int64_t>(static_cast<Wide>(received[i].minor) * refunded / total);
        left -= back[i];
    }
    for (; left > 0; --left) {
        std::size_t best = received.size();
        for (std::size_t i = 0; i < received.size(); ++i) {
            if (received[i].minor == 0) {
                continue;
            }
            // received[i] / (back[i] + 1), compared as fractions.
            if (best == received.size() || static_cast<Wide>(received[i].minor) * (back[best] + 1) >
                                               static_cast<Wide>(received[best].minor) * (back[i] + 1)) {
                best = i;
            }
        }
        ++back[best];
    }
    return back;
}

std::vector<SplitReceiver> receivers_of(const std::vector<SplitPart>& parts, const std::vector<std::int64_t>& refunds) {
    std::vector<SplitReceiver> receivers;
    receivers.reserve(parts.size());
    for (const auto& part : parts) {
        receivers.push_back({part.to.name(), part.minor, {}, part.minor});
    }
    std::int64_t refunded = 0;
    for (const auto refund : refunds) {
        refunded += refund;
        const auto back = given_back(parts, refunded);
        for (std::size_t i = 0; i < receivers.size(); ++i) {
            const auto left = receivers[i].received - back[i];
            receivers[i].back.push_back(receivers[i].left - left);
            receivers[i].left = left;
        }
    }
    return receivers;
}

}  // namespace ledger
