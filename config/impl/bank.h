// Reads [[tenant.bank]].
#pragma once

#include <string>
#include <vector>

#include "config/bank.h"
#include "config/section.h"

namespace config {

// All of a tenant's; what is wrong is complained about. `channels` are the names a bank can't have: bank:CHANNEL is
// where payouts stand that the channel told of.
std::vector<Bank> read_banks(Section& tenant, const std::vector<std::string>& channels);

}  // namespace config
