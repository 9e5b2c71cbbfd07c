// Orders: what customers were asked to pay.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/db/database.h"
#include "core/ids.h"
#include "core/money.h"
#include "core/time.h"

namespace payments {

struct Order {
    core::MerchantOrderId id;
    core::Money amount;  // above zero
    core::Instant created_at;
    std::string split_name;    // empty: not shared out
    std::string split_shares;  // ledger::terms_to_text() of the policy, empty for none
    std::string description;
    std::optional<core::BusinessDay> due_date = {};  // as it says itself; nothing: by the terms it was made under
    int terms_days = 0;                              // after its own business day
};

// Until when it is to be paid.
core::BusinessDay due_day_of(const Order& order, const core::DayCut& calendar);

enum class Registration { registered, same_again, differs };

// Registers orders, books their receivables, and allocates what was already paid for them. The same order again is
// harmless; another amount, currency, split or due date under the same number is `differs`, and nothing changes for
// it. One that names no due date asks for none.
// One element for each order, in their order.
std::vector<Registration> register_orders(core::db::TenantTransaction& transaction, const std::vector<Order>& orders,
                                          const core::DayCut& calendar);

// The first of them that is registered already with another amount, currency, split or due date.
std::optional<core::MerchantOrderId> find_differing(core::db::TenantTransaction& transaction,
                                                    const std::vector<Order>& orders);

// Reads an orders file (contract section 5): JSON lines or CSV with the same names, told by the first byte.
// Throws core::InputError naming file, line, field and remedy, before anything is given back.
// `redact` stands in for card numbers in order numbers and descriptions.
std::vector<Order> read_orders(const std::string& shown_name, std::string_view text,
                               const config::TenantSettings& tenant,
                               const std::function<std::string(std::string_view)>& redact);

// One order as a JSON object with the same names; made `now` when it doesn't say. In both forms of JSON the amount may
// bring its currency: {"amount": 12345, "currency": "CNY"}. Throws core::FieldError.
Order read_order(std::string_view json, const config::TenantSettings& tenant, core::Instant now,
                 const std::function<std::string(std::string_view)>& redact);

}  // namespace payments
