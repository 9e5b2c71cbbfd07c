// review.xlsx with the size of a sheet as a parameter, so that a test need not write a million rows.
#pragma once

#include <cstddef>
#include <string>

#include "reconciliation/review_list.h"

namespace reconciliation::lists {

// The format ends at 1,048,576 rows a sheet; what is more goes to further sheets.
inline constexpr std::size_t kRowsPerSheetMax = 1'000'000;

std::string xlsx_of(const ReviewList& list, std::size_t rows_per_sheet_max);

}  // namespace reconciliation::lists
