// A channel's day as equations, out of both sides as they were gathered and of what banks paid of the day so far.
#pragma once

#include <string>
#include <vector>

#include "payments/channel.h"
#include "reconciliation/impl/settling.h"
#include "reconciliation/impl/sides.h"
#include "reconciliation/review_list.h"

namespace reconciliation {

// books_statement and statement_settlement, for each currency that occurs.
std::vector<Equation> channel_equations(core::db::TenantTransaction& transaction, const std::string& channel,
                                        core::BusinessDay day, const Sides& sides,
                                        const payments::Statement& statement);

}  // namespace reconciliation
