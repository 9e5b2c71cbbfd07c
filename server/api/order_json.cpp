#include "server/api/order_json.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "core/failure.h"
#include "server/api/movement_json.h"

namespace server::api {
namespace {

void write_members(core::json::Writer& json, const payments::StoredOrder& order) {
    json.member("merchant_order_id", order.id.text())
        .member("amount", order.amount)
        .member("created_at", core::format_rfc3339(order.created_at))
        .member("registered_at", core::format_rfc3339(order.registered_at))
        .member("due_date", order.due_date)
        .key("split");
    order.split_name.empty() ? json.null() : json.value(order.split_name);
    json.member("description", order.description);
}

// Of what has moved in the order's currency: by these types, in minor units.
std::int64_t sum_of(const std::vector<payments::StoredMovement>& movements, const core::Money& amount,
                    std::initializer_list<std::string_view> types) {
    std::int64_t sum = 0;
    for (const auto& one : movements) {
        const bool counts = one.entry && one.amount.currency() == amount.currency() &&
                            std::find(types.begin(), types.end(), one.type) != types.end();
        const auto next = core::checked_add(sum, counts ? one.amount.minor() : 0);
        core::ensure(next.has_value(), "what was paid for an order fits 64 bits");
        sum = *next;
    }
    return sum;
}

}  // namespace

core::Money paid(const payments::StoredOrder& order, const std::vector<payments::StoredMovement>& movements) {
    return {sum_of(movements, order.amount, {"payment"}), order.amount.currency()};
}

core::Money refunded(const payments::StoredOrder& order, const std::vector<payments::StoredMovement>& movements) {
    return {-sum_of(movements, order.amount, {"refund", "reversal"}), order.amount.currency()};
}

void write_order(core::json::Writer& json, const payments::StoredOrder& order) {
    json.begin_object();
    write_members(json, order);
    json.end_object();
}

void write_order(core::json::Writer& json, const payments::StoredOrder& order,
                 const std::vector<payments::StoredMovement>& movements) {
    json.begin_object();
    write_members(json, order);
    json.member("paid", paid(order, movements)).member("refunded", refunded(order, movements)).key("transactions");
    json.begin_array();
    for (const auto& movement : movements) {
        write_movement(json, movement);
    }
    json.end_array().end_object();
}

}  // namespace server::api
