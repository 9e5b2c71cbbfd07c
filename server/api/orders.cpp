// /v1/orders: what customers are asked to pay, registered and read.
#include <algorithm>
#include <array>

#include "core/text/encoding.h"
#include "payments/lists.h"
#include "payments/order.h"
#include "server/api/movement_json.h"
#include "server/api/page.h"
#include "server/api/problem.h"

namespace server::api {
namespace {

const core::DayCut kUtc{"UTC", std::chrono::minutes(0)};

void write_members(core::json::Writer& json, const payments::StoredOrder& order) {
    json.member("merchant_order_id", order.id.text())
        .member("amount", order.amount)
        .member("created_at", core::format_rfc3339(order.created_at))
        .member("registered_at", core::format_rfc3339(order.registered_at))
        .key("split");
    order.split_name.empty() ? json.null() : json.value(order.split_name);
    json.member("description", order.description);
}

http::Response registered(core::db::TenantTransaction& transaction, const payments::Order& order) {
    const auto done = payments::register_orders(transaction, {order}, kUtc).front();
    if (done == payments::Registration::differs) {
        throw Refusal(409, "order-differs",
                      "this order is registered with another amount, currency or split; give the changed order a "
                      "number of its own",
                      "merchant_order_id");
    }
    core::json::Writer json;
    json.begin_object();
    write_members(json, *payments::find_order(transaction, order.id.text()));
    json.end_object();
    auto response = http::Response::json(done == payments::Registration::registered ? 201 : 200, json.text());
    response.headers.emplace_back("Location", "/v1/orders/" + core::text::form_encode(order.id.text()));
    return response;
}

// Read only once it is known that it wasn't answered before: the configuration may say something else by now.
http::Response register_order(const Call& call) {
    return once(call, [&](auto& transaction) {
        return registered(transaction, payments::read_order(call.request.body, *call.tenant.settings, call.now,
                                                            [&](std::string_view text) { return call.redact(text); }));
    });
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

http::Response one_order(const Call& call) {
    core::db::TenantTransaction transaction(call.database, call.id());
    const auto order = payments::find_order(transaction, call.parameters[0]);
    if (!order) {
        throw not_found();
    }
    const auto movements = payments::movements_of_order(transaction, order->id.text());
    const auto currency = order->amount.currency();
    core::json::Writer json;
    json.begin_object();
    write_members(json, *order);
    json.member("paid", core::Money(sum_of(movements, order->amount, {"payment"}), currency))
        .member("refunded", core::Money(-sum_of(movements, order->amount, {"refund", "reversal"}), currency))
        .key("transactions")
        .begin_array();
    for (const auto& movement : movements) {
        write_movement(json, movement);
    }
    return http::Response::json(200, json.end_array().end_object().text());
}

http::Response list(const Call& call) {
    const Query query(call.request.head.query, {"merchant_order_id"});
    payments::OrderFilter filter;
    if (const auto id = query.text("merchant_order_id")) {
        filter.id = call.redact(*id);
    }
    if (const auto place = place_of(call, query)) {
        filter.before = {place->at(0), place->at(1)};
    }
    core::db::TenantTransaction transaction(call.database, call.id());
    return page(
        call, query, payments::list_orders(transaction, filter, query.limit() + 1),
        [](core::json::Writer& json, const payments::StoredOrder& order) {
            json.begin_object();
            write_members(json, order);
            json.end_object();
        },
        [](const payments::StoredOrder& order) {
            return Place{order.place, order.id.text()};
        });
}

}  // namespace

std::span<const Route> order_routes() {
    static constexpr std::array<Route, 3> all = {{
        {"POST", "/v1/orders", Right::register_orders, register_order},
        {"GET", "/v1/orders", Right::read_orders, list},
        {"GET", "/v1/orders/{id}", Right::read_orders, one_order},
    }};
    return all;
}

}  // namespace server::api
