// Registering a file's orders: all of them, or none.
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
