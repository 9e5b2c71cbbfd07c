// The day's figures as pictures: inline SVG, drawn with whole numbers only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reconciliation/discrepancy.h"

namespace reconciliation::lists {

// The names of the two sides, left and right: the books and the channel, unless `diff` compares something else.
struct SideNames {
    std::string left_zh = "账上";
    std::string left_en = "Books";
    std::string right_zh = "渠道";
    std::string right_en = "Channel";
};

// One currency's totals on both sides, minor units.
struct CurrencyTotals {
    std::string currency;
    int exponent;
    std::int64_t left;
    std::int64_t right;
};

// A pair of bars for each currency, each pair on its own scale: amounts of different currencies don't compare.
std::string totals_figure(const std::vector<CurrencyTotals>& totals, const SideNames& names);

// A bar for each kind that occurs; "" when none does.
std::string kinds_figure(const std::map<DiscrepancyKind, std::uint64_t>& kinds);

// The class of a kind's tag: "grave" (money may be lost or doubled), "check", "wait".
std::string_view weight_of(DiscrepancyKind kind);

}  // namespace reconciliation::lists
