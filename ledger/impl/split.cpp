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

// Hands out `left` single units to the basis-point shares with the largest fractions, ties to the earlier.
void hand_out_units(std::int64_t minor, const std::vector<config::SplitShare>& shares, std::int64_t left,
                    std::vector<SplitPart>& parts) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        if (shares[i].basis_points.value_or(0) > 0) {
            order.push_back(i);
        }
    }
    core::ensure(left < static_cast<std::int64_t>(order.size()), "shares without a remainder reach the whole");
    const auto fraction = [&](std::size_t i) { return static_cast<Wide>(minor) * *shares[i].basis_points % kWhole; };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return fraction(a) > fraction(b); });
    for (std::size_t i = 0; left > 0; i = (i + 1) % order.size(), --left) {
        ++parts[order[i]].minor;
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
    std::optional<std::size_t> remainder;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        if (shares[i].remainder) {
            remainder = i;
        } else if (shares[i].basis_points) {
            const auto exact = static_cast<std::int64_t>(static_cast<Wide>(minor) * *shares[i].basis_points / kWhole);
            parts[i].minor = std::min(exact, left);
            left -= parts[i].minor;
        }
    }
    if (remainder) {
        parts[*remainder].minor += left;
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

std::string shares_to_text(const std::vector<config::SplitShare>& shares) {
    std::string text;
    for (const auto& share : shares) {
        text += (text.empty() ? "" : ";") + share.to + "=";
        if (share.remainder) {
            text += "r";
        } else if (share.fixed_minor) {
            text += "f" + std::to_string(*share.fixed_minor);
        } else {
            text += "b" + std::to_string(share.basis_points.value_or(0));
        }
    }
    return text;
}

std::optional<std::vector<config::SplitShare>> shares_from_text(const std::string& text) {
    std::vector<config::SplitShare> shares;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = std::min(text.find(';', at), text.size());
        const auto equals = text.find('=', at);
        if (equals == std::string::npos || equals + 1 >= end) {
            return std::nullopt;
        }
        config::SplitShare share;
        share.to = text.substr(at, equals - at);
        const char how = text[equals + 1];
        if (how == 'r') {
            share.remainder = true;
        } else {
            const auto number = core::minor_from_integer(std::string_view(text).substr(equals + 2, end - equals - 2));
            if (!number || (how != 'f' && how != 'b')) {
                return std::nullopt;
            }
            (how == 'f' ? share.fixed_minor : share.basis_points) = *number;
        }
        shares.push_back(share);
        at = end + 1;
    }
    return shares;
}

}  // namespace ledger
