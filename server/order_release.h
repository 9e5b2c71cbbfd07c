// Fulfilments of orders, and the round that shares out those whose day has come.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/db/database.h"
#include "payments/release.h"

namespace server {

struct FulfilmentCounts {
    std::size_t recorded = 0;
    std::size_t already_there = 0;
};

// All of them or none: throws core::InputError naming the first order that nobody registered, before anything is
// recorded. What was recorded before an interruption is harmless when it is told again.
FulfilmentCounts fulfil_orders(core::db::Database& database, const core::TenantId& tenant,
                               const std::string& shown_name, const std::vector<payments::Fulfilment>& fulfilments);

// How many of the tenant's orders it shared out.
std::size_t share_out_due(core::db::Database& database, const core::TenantId& tenant, core::Instant now);

}  // namespace server
