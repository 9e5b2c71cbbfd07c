#include "reconciliation/matching/diff_totals.h"

namespace reconciliation::matching {

AmountByCurrency net_amounts(const DiffSide& side) {
    using payments::TransactionType;
    AmountByCurrency sums;
    for (const auto& [type, amounts] : side.amounts) {
        for (const auto& [currency, minor] : amounts) {
            const bool takes_away = (type == TransactionType::refund || type == TransactionType::reversal) && minor > 0;
            sums[currency] += takes_away ? -minor : minor;
        }
    }
    return sums;
}

Discrepancy with_entries_marked(const DiffResult& result, const Discrepancy& row) {
    Discrepancy marked = row;
    for (std::string& evidence : marked.evidence) {
        if (evidence.starts_with(result.left.file + ":")) {
            evidence.insert(0, "entry:");
        }
    }
    return marked;
}

}  // namespace reconciliation::matching
