#include "reconciliation/impl/equations.h"

#include <set>

#include "core/failure.h"
#include "reconciliation/impl/bank_store.h"

namespace reconciliation {
namespace {

using payments::TransactionType;

std::string term_of(TransactionType type) {
    switch (type) {
        case TransactionType::payment:
            return "payments";
        case TransactionType::refund:
            return "refunds";
        case TransactionType::reversal:
            return "reversals";
        case TransactionType::dispute:
            return "disputes";
        case TransactionType::fee:
            return "charges";
        case TransactionType::payout:
            return "payouts";
        case TransactionType::adjustment:
            return "adjustments";
    }
    throw core::BrokenRule("a movement has a type that we know");
}

std::vector<EquationTerm> terms_of(const TypeSums& sums, const std::string& currency) {
    std::vector<EquationTerm> terms;
    if (const auto found = sums.find(currency); found != sums.end()) {
        for (const auto& [type, minor] : found->second) {
            terms.push_back({term_of(type), minor});
        }
    }
    return terms;
}

std::set<std::string> currencies_of(const BookTotals& books, const LineTotals& lines) {
    std::set<std::string> currencies;
    for (const auto* sums : {&books.sums(), &lines.sums()}) {
        for (const auto& [currency, types] : *sums) {
            currencies.insert(currency);
        }
    }
    for (const auto& [currency, minor] : lines.earned_fees()) {
        currencies.insert(currency);
    }
    return currencies;
}

std::int64_t paid_by_bank(core::db::TenantTransaction& transaction, const std::string& channel,
                          const std::string& currency, core::BusinessDay day) {
    for (const auto& settled : settled_days(transaction, channel, currency, std::nullopt)) {
        if (settled.day == day) {
            return settled.minor;
        }
    }
    return 0;
}

}  // namespace

std::vector<Equation> channel_equations(core::db::TenantTransaction& transaction, const std::string& channel,
                                        core::BusinessDay day, const BookTotals& books, const LineTotals& lines) {
    const auto currencies = currencies_of(books, lines);
    std::vector<Equation> equations;
    equations.reserve(2 * currencies.size());
    for (const auto& currency : currencies) {
        equations.push_back(
            {"books_statement", channel, currency, terms_of(books.sums(), currency), terms_of(lines.sums(), currency)});
    }
    for (const auto& currency : currencies) {
        Equation settlement{"statement_settlement", channel, currency, terms_of(lines.earned(), currency), {}};
        if (const auto fees = lines.earned_fees().find(currency); fees != lines.earned_fees().end()) {
            settlement.left.push_back({"fees", -fees->second});
        }
        if (const auto payouts = lines.paid_out().find(currency); payouts != lines.paid_out().end()) {
            settlement.right.push_back({"payouts", payouts->second});
        }
        settlement.right.push_back({"paid_by_bank", paid_by_bank(transaction, channel, currency, day)});
        equations.push_back(std::move(settlement));
    }
    return equations;
}

}  // namespace reconciliation
