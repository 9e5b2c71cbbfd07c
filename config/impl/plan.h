// Reads [[tenant.plan]].
#pragma once

#include <vector>

#include "config/plan.h"
#include "config/section.h"

namespace config {

// All of a tenant's; what is wrong is complained about.
std::vector<Plan> read_plans(Section& tenant);

// Of key `key`; a complaint and nothing when it is missing or no ISO 4217 code.
std::optional<core::Currency> read_currency(Section& section, std::string_view key);

}  // namespace config
