// What the forms of `diff`'s result have in common.
#pragma once

#include "reconciliation/diff.h"

namespace reconciliation::matching {

// Payments less refunds and reversals, whichever sign the file gives those; other types as they stand. Minor units.
AmountByCurrency net_amounts(const DiffSide& side);

// The row with the left file's lines marked as entries of the books: explain() counts by that mark how often each side
// has a transaction, and here both sides' evidence are lines of files.
Discrepancy with_entries_marked(const DiffResult& result, const Discrepancy& row);

}  // namespace reconciliation::matching
