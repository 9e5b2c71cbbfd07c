// verify() of holds and charges: that each is what its entry says, and each such entry has one.
#pragma once

#include <string>
#include <vector>

#include "core/db/database.h"

namespace ledger {

// A sentence for each breach.
std::vector<std::string> breaches_of_holds_and_charges(core::db::TenantTransaction& transaction);

}  // namespace ledger
