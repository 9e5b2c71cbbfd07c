// What a day's two sides add up to, told record by record, so that none of them has to be kept.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "payments/channel.h"
#include "reconciliation/review_list.h"

namespace reconciliation {

// By currency, then in the order of types; minor units, signed from the merchant's side.
using TypeSums = std::map<std::string, std::map<payments::TransactionType, std::int64_t>, std::less<>>;

class BookTotals {
public:
    void add(payments::TransactionType type, std::string_view currency, std::int64_t minor);

    std::uint64_t count() const { return count_; }
    const TypeSums& sums() const { return sums_; }
    AmountByCurrency amounts() const;

private:
    std::uint64_t count_ = 0;
    TypeSums sums_;
};

class LineTotals {
public:
    void add(const payments::StatementLine& line);

    std::uint64_t count() const { return count_; }
    const TypeSums& sums() const { return sums_; }
    // Of lines whose money moved, payouts apart.
    const TypeSums& earned() const { return earned_; }
    // Likewise, what they cost.
    const AmountByCurrency& earned_fees() const { return earned_fees_; }
    const AmountByCurrency& paid_out() const { return paid_out_; }
    AmountByCurrency amounts() const;
    const AmountByCurrency& fees() const { return fees_; }  // of all lines
    // What the first line was in; nothing without lines.
    const std::optional<core::Currency>& first_currency() const { return first_currency_; }

private:
    std::uint64_t count_ = 0;
    TypeSums sums_, earned_;
    AmountByCurrency earned_fees_, paid_out_, fees_;
    std::optional<core::Currency> first_currency_;
};

// Adds where both fit 64 bits; a day's totals do.
void add_to(std::int64_t& sum, std::int64_t minor);

}  // namespace reconciliation
