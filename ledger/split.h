// Splits: how a paid order is shared out, and how refunds give it back, to the unit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/split.h"
#include "core/money.h"
#include "core/result.h"
#include "ledger/entry.h"

namespace ledger {

// What each receiver gets, in the order of the policy. The parts add up to the whole.
struct SplitPart {
    Account to;
    std::int64_t minor;
};

enum class SplitError { fixed_exceeds_amount };

// Shares out `minor` (>= 0), each step as far as those before it leave something, in the order of the shares:
//   1  fixed amounts; where there is too little for them nothing is shared out at all
//   2  what shares of basis points get at least
//   3  basis points of the whole, rounded down, at most what the share says
//   4  the rest to the remainder's receiver; where there is none, one unit each to those who are furthest below their
//      exact share (ties: the earlier). It is then less than a unit for each, as config::settle_remainder sees to.
core::Result<std::vector<SplitPart>, SplitError> split(std::int64_t minor,
                                                       const std::vector<config::SplitShare>& shares);

// What each receiver has given back after refunds of `refunded` in all (0 .. the parts' sum), however many there were:
//   R1  The parts given back add up to `refunded`.
//   R2  Nobody's part shrinks when `refunded` grows, so no refund takes back from one to give to another.
//   R3  Nobody gives back more than he received; a full refund gives back everything.
// It is the highest-averages apportionment (d'Hondt) with the received parts as weights; ties: the earlier share.
std::vector<std::int64_t> given_back(const std::vector<SplitPart>& received, std::int64_t refunded);

// What one receiver gets, and gives back with each refund. `left` is what he has after them all.
struct SplitReceiver {
    std::string account;
    std::int64_t received;
    std::vector<std::int64_t> back;
    std::int64_t left;
};
// The refunds come one after the other, and are no more than the parts together.
std::vector<SplitReceiver> receivers_of(const std::vector<SplitPart>& parts, const std::vector<std::int64_t>& refunds);

// What a policy says, but for its name, as one line of text and back, for keeping with an order what held when it was
// registered: "payable:seller=b9300;income:commission=r", or, where more is said than that form has words for,
// "v2;when=capture+7;payable:seller=b9300,at_least=100,at_most=5000,remainder". Text of either form is read; a time
// other than capture comes first (payments.orders has an index of those).
std::string terms_to_text(const config::SplitPolicy& policy);
std::optional<config::SplitPolicy> terms_from_text(const std::string& text);

}  // namespace ledger
