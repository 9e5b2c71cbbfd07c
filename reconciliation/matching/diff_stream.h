// Streaming: both files of `diff` to what is left of them when all that agrees has been cancelled.
#pragma once

#include "reconciliation/engine/cancel.h"
#include "reconciliation/matching/diff_resume.h"

namespace reconciliation::matching {

struct Scanned {
    DiffSums left;
    DiffSums right;
    // Sorted; rows without a name to cancel by are among them.
    engine::Leftovers leftovers;
};

// Within the options' memory, on their threads. Throws core::InputError for the first row of the left file that can't
// be read, else of the right.
// With `resume`, what was kept is taken over, and what is done is kept.
Scanned scan_both(DiffFile& left, DiffFile& right, const Comparison& comparison, const DiffOptions& options,
                  DiffResume* resume = nullptr);

}  // namespace reconciliation::matching
