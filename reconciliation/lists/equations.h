// The edges of a reconciliation as people see them: a row each, its terms, both sums and what is left.
#pragma once

#include <string>
#include <vector>

#include "reconciliation/review_list.h"

namespace reconciliation::lists {

// A section of the page; "" without equations.
std::string equations_section(const std::vector<Equation>& equations);

}  // namespace reconciliation::lists
