#include "reconciliation/impl/day_totals.h"

#include "core/failure.h"

namespace reconciliation {
namespace {

AmountByCurrency all_types(const TypeSums& sums) {
    AmountByCurrency amounts;
    for (const auto& [currency, types] : sums) {
        for (const auto& [type, minor] : types) {
            add_to(amounts[currency], minor);
        }
    }
    return amounts;
}

std::map<payments::TransactionType, std::int64_t>& in(TypeSums& sums, std::string_view currency) {
    const auto found = sums.find(currency);
    return found != sums.end() ? found->second : sums[std::string(currency)];
}

}  // namespace

void add_to(std::int64_t& sum, std::int64_t minor) {
    const auto next = core::checked_add(sum, minor);
    core::ensure(next.has_value(), "a day's total fits 64 bits");
    sum = *next;
}

void BookTotals::add(payments::TransactionType type, std::string_view currency, std::int64_t minor) {
    ++count_;
    add_to(in(sums_, currency)[type], minor);
}

AmountByCurrency BookTotals::amounts() const { return all_types(sums_); }

void LineTotals::add(const payments::StatementLine& line) {
    ++count_;
    if (!first_currency_) {
        first_currency_ = line.amount.currency();
    }
    const core::Currency unit = line.amount.currency();
    const std::string_view currency = unit.code();
    add_to(in(sums_, currency)[line.type], line.amount.minor());
    if (line.fee) {
        add_to(fees_[std::string(line.fee->currency().code())], line.fee->minor());
    }
    if (line.status != payments::TransactionStatus::captured) {
        return;
    }
    if (line.type == payments::TransactionType::payout) {
        add_to(paid_out_[std::string(currency)], -line.amount.minor());
    } else {
        add_to(in(earned_, currency)[line.type], line.amount.minor());
    }
    if (line.fee) {
        add_to(earned_fees_[std::string(line.fee->currency().code())], line.fee->minor());
    }
}

AmountByCurrency LineTotals::amounts() const { return all_types(sums_); }

}  // namespace reconciliation
