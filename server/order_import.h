// Registering a file's orders: none when one of them contradicts what is registered. Orders that are there already are
// harmless, so an import that was interrupted is finished by importing the file again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/db/database.h"
#include "payments/order.h"

namespace server {

struct ImportCounts {
    std::size_t registered = 0;
    std::size_t already_there = 0;
};

// Throws core::InputError naming the order when one is registered already with another amount, currency or split.
ImportCounts register_orders(core::db::Database& database, const config::TenantSettings& tenant,
                             const std::string& shown_name, const std::vector<payments::Order>& orders,
                             const std::function<void(std::size_t done)>& progress);

}  // namespace server
