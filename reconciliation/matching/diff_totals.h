// What the forms of `diff`'s result have in common.
#pragma once

#include "reconciliation/diff.h"

namespace reconciliation::matching {

// Payments less refunds and reversals, whichever sign the file gives those; other types as they stand. Minor units.
AmountByCurrency net_amounts(const DiffSide& side);

}  // namespace reconciliation::matching
