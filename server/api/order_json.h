// Orders as the API and the commands show them.
#pragma once

#include <vector>

#include "core/json/writer.h"
#include "payments/lists.h"

namespace server::api {

// Of the order's payments, and of what gave them back, what has moved in its currency.
core::Money paid(const payments::StoredOrder& order, const std::vector<payments::StoredMovement>& movements);
core::Money refunded(const payments::StoredOrder& order, const std::vector<payments::StoredMovement>& movements);

void write_order(core::json::Writer& json, const payments::StoredOrder& order);
// With what was paid for it.
void write_order(core::json::Writer& json, const payments::StoredOrder& order,
                 const std::vector<payments::StoredMovement>& movements);

}  // namespace server::api
