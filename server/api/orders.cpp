// /v1/orders: what customers are asked to pay, registered and read.
#include <array>

#include "core/text/encoding.h"
#include "payments/lists.h"
#include "payments/order.h"
#include "server/api/order_json.h"
#include "server/api/page.h"
#include "server/api/problem.h"

namespace server::api {
namespace {

const core::DayCut kUtc{"UTC", std::chrono::minutes(0)};

http::Response registered(core::db::TenantTransaction& transaction, const payments::Order& order) {
    const auto done = payments::register_orders(transaction, {order}, kUtc).front();
    if (done == payments::Registration::differs) {
        throw Refusal(409, "order-differs",
                      "this order is registered with another amount, currency, split or due date; give the changed "
                      "order a number of its own",
                      "merchant_order_id");
    }
    core::json::Writer json;
    write_order(json, *payments::find_order(transaction, order.id.text()));
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

http::Response one_order(const Call& call) {
    core::db::TenantTransaction transaction(call.database, call.id());
    const auto order = payments::find_order(transaction, call.parameters[0]);
    if (!order) {
        throw not_found();
    }
    core::json::Writer json;
    write_order(json, *order, payments::movements_of_order(transaction, order->id.text()));
    return http::Response::json(200, json.text());
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
        [](core::json::Writer& json, const payments::StoredOrder& order) { write_order(json, order); },
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
