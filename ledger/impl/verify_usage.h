// verify() of holds, charges and payouts: that each is what its entries say, and each such entry has one.
#pragma once

#include <string>
#include <vector>

#include "core/db/database.h"

namespace ledger {

// A sentence for each breach.
std::vector<std::string> breaches_of_usage(core::db::TenantTransaction& transaction);

}  // namespace ledger
