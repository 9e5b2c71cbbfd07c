#include "reconciliation/impl/equations.h"

#include <map>
#include <set>

#include "core/failure.h"
#include "reconciliation/impl/bank_store.h"

namespace reconciliation {
namespace {

using payments::TransactionType;
// By currency, then in the order of types.
using Sums = std::map<std::string, std::map<TransactionType, std::int64_t>>;

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

void add(std::int64_t& sum, std::int64_t minor) {
    const auto next = core::checked_add(sum, minor);
    core::ensure(next.has_value(), "a day's total fits 64 bits");
    sum = *next;
}

std::vector<EquationTerm> terms_of(const Sums& sums, const std::string& currency) {
    std::vector<EquationTerm> terms;
    if (const auto found = sums.find(currency); found != sums.end()) {
        for (const auto& [type, minor] : found->second) {
            terms.push_back({term_of(type), minor});
        }
    }
    return terms;
}

struct Told {
    Sums books, lines, earned;  // `earned`: of the lines those whose money moved, payouts apart
    std::map<std::string, std::int64_t> fees, paid_out;
    std::set<std::string> currencies;
};

Told told_by(const Sides& sides, const payments::Statement& statement) {
    Told told;
    for (std::size_t i = 0; i < sides.day_movements; ++i) {
        const auto& record = sides.ledger[i];
        add(told.books[record.currency][record.type], record.amount);
        told.currencies.insert(record.currency);
    }
    for (const auto& line : statement.lines) {
        const std::string currency(line.amount.currency().code());
        add(told.lines[currency][line.type], line.amount.minor());
        told.currencies.insert(currency);
        if (line.status != payments::TransactionStatus::captured) {
            continue;
        }
        if (line.type == TransactionType::payout) {
            add(told.paid_out[currency], -line.amount.minor());
        } else {
            add(told.earned[currency][line.type], line.amount.minor());
        }
        if (line.fee) {
            const std::string of_fee(line.fee->currency().code());
            add(told.fees[of_fee], -line.fee->minor());
            told.currencies.insert(of_fee);
        }
    }
    return told;
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
                                        core::BusinessDay day, const Sides& sides,
                                        const payments::Statement& statement) {
    const Told told = told_by(sides, statement);
    std::vector<Equation> equations;
    for (const auto& currency : told.currencies) {
        equations.push_back(
            {"books_statement", channel, currency, terms_of(told.books, currency), terms_of(told.lines, currency)});
    }
    for (const auto& currency : told.currencies) {
        Equation settlement{"statement_settlement", channel, currency, terms_of(told.earned, currency), {}};
        if (const auto fees = told.fees.find(currency); fees != told.fees.end()) {
            settlement.left.push_back({"fees", fees->second});
        }
        if (const auto payouts = told.paid_out.find(currency); payouts != told.paid_out.end()) {
            settlement.right.push_back({"payouts", payouts->second});
        }
        settlement.right.push_back({"paid_by_bank", paid_by_bank(transaction, channel, currency, day)});
        equations.push_back(std::move(settlement));
    }
    return equations;
}

}  // namespace reconciliation
