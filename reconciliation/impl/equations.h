// A channel's day as equations, out of what both sides add up to and of what banks paid of the day so far.
#pragma once

#include <string>
#include <vector>

#include "core/db/database.h"
#include "reconciliation/impl/day_totals.h"
#include "reconciliation/impl/settling.h"
#include "reconciliation/review_list.h"

namespace reconciliation {

// books_statement and statement_settlement, for each currency that occurs.
std::vector<Equation> channel_equations(core::db::TenantTransaction& transaction, const std::string& channel,
                                        core::BusinessDay day, const BookTotals& books, const LineTotals& lines);

}  // namespace reconciliation
