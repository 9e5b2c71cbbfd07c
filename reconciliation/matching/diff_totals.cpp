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

}  // namespace reconciliation::matching
