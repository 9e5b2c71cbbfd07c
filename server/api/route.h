// The API's routes as data: what each is called, which right it needs, who answers it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/entry_queue.h"
#include "server/api/query.h"
#include "server/api_keys.h"
#include "server/application.h"
#include "server/http/message.h"

namespace server::api {

// A request whose caller is known and may.
struct Call {
    core::db::Database& database;
    const Tenants& tenants;
    const Tenant& tenant;
    const http::Request& request;
    std::vector<std::string> parameters;  // what stands in the path where the route has "{...}", redacted
    const Cursors& cursors;
    core::Instant now;

    const core::TenantId& id() const { return tenant.settings->id; }
    std::string redact(std::string_view text) const { return tenants.redactor().redact(text); }
};

struct Route {
    std::string_view method;
    std::string_view path;  // "/v1/orders/{id}", as the OpenAPI document has it
    Right right;
    // One of the two: who answers; or who says what entry is asked for, which is posted along with others.
    http::Response (*answer)(const Call& call);
    EntryAsked (*asks)(const Call& call) = nullptr;
};

// All of them.
std::span<const Route> routes();

// The parameters, when the path is one of the route's.
std::optional<std::vector<std::string>> match(const Route& route, std::string_view path);

// Those of each part (orders.cpp, books.cpp, posting.cpp, reconciliations.cpp).
std::span<const Route> order_routes();
std::span<const Route> book_routes();
std::span<const Route> posting_routes();
std::span<const Route> reconciliation_routes();

// What a filter may name.
std::vector<std::string> channel_names();

// Carries out what a POST asks for, once for each Idempotency-Key (answers.h), in one transaction.
http::Response once(const Call& call, const std::function<http::Response(core::db::TenantTransaction&)>& act);
// Of method, path and body.
std::string digest_of(const http::Request& request);
// The Idempotency-Key, redacted; nothing without one. Throws Refusal.
std::optional<std::string> idempotency_key(const Call& call);

}  // namespace server::api
