// The API's routes as data: what each is called, which right it needs, who answers it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/charge_queue.h"
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
    std::string caller;  // the id of the key
    ledger::ChargeQueue& charges;
    EntryQueue& entries;
    Application& application;
    const core::Clock& clock;
    std::string_view act;  // the route's

    const core::TenantId& id() const { return tenant.settings->id; }
    std::string redact(std::string_view text) const { return tenants.redactor().redact(text); }
    std::string from() const { return request.head.remote.empty() ? "unknown" : request.head.remote; }
    // What the caller does, last in the transaction that does it.
    void record(core::db::TenantTransaction& transaction, const audit::Act& told) const {
        tenants.trail().record(transaction, {caller, from()}, told, now);
    }
};

// Gives the answer when it is there, from any thread: what `make` returns or throws, as a route does. Keeps the
// configuration of the call.
using Later = std::function<void(const std::function<http::Response()>& make)>;

// One of `answer` and `begin`. What begins waits for no commit: it hands what it read to a queue, and any number of
// calls wait for the same commit without a worker.
struct Route {
    std::string_view method;
    std::string_view path;  // "/v1/orders/{id}", as the OpenAPI document has it
    Right right;
    http::Response (*answer)(const Call& call);
    void (*begin)(const Call& call, const Later& later) = nullptr;
    bool has_own_rate = false;  // not the configured one of the key
    std::string_view act{};     // what the trail calls it; empty for what takes no more than everybody's rights
};

// All of them.
std::span<const Route> routes();

// The parameters, when the path is one of the route's.
std::optional<std::vector<std::string>> match(const Route& route, std::string_view path);

// Those of each part, in the file of its name.
std::span<const Route> order_routes();
std::span<const Route> book_routes();
std::span<const Route> posting_routes();
std::span<const Route> payout_routes();
std::span<const Route> reconciliation_routes();
std::span<const Route> hold_routes();
std::span<const Route> charge_routes();
std::span<const Route> closing_routes();
std::span<const Route> report_routes();
std::span<const Route> release_routes();

// What a filter may name.
std::vector<std::string> channel_names();

// Carries out what a POST asks for, once for each Idempotency-Key (answers.h), in one transaction.
http::Response once(const Call& call, const std::function<http::Response(core::db::TenantTransaction&)>& act);
// Of method, path and body.
std::string digest_of(const http::Request& request);
// The same for what has transactions of its own, each of which does nothing when it was carried out before: two of the
// same key that come together may both act, and get the answer of the one that ended first. What `act` answers with a
// status from 400 on is not remembered.
http::Response once_in_parts(const Call& call, const std::function<http::Response()>& act);
// The Idempotency-Key, redacted; nothing without one. Throws Refusal.
std::optional<std::string> idempotency_key(const Call& call);

}  // namespace server::api
