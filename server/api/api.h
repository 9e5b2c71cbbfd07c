// The API under /v1/: who calls, whether they may, and who answers.
//
// Checks come in this order, and the first that fails answers: route (404), method (405), a key that can be one (401),
// size (413), content type (415); then, on a worker, the promises of the start (503), the key (401), its rate (429),
// its right (403); then what the route asks for.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "server/api/refused_acts.h"
#include "server/api/route.h"
#include "server/http/responder.h"
#include "server/metrics.h"
#include "server/rate_limit.h"

namespace server::api {

class Api {
public:
    Api(Application& application, Metrics& metrics, const core::Clock& clock);

    static bool is_for(std::string_view path) { return path.starts_with("/v1/") || path == "/v1"; }

    // On an I/O thread: what can be said before the body is read.
    std::optional<http::Response> before_body(const http::RequestHead& head);
    // On a worker. `is_safe`: what was checked at the start still holds. core::Failure is left to the caller, unless
    // the answer is given later.
    void begin(const std::shared_ptr<const http::Request>& request, bool is_safe, const http::Responder& respond);
    // The same for a route that answers at once.
    http::Response answer(const http::Request& request, bool is_safe);

    // The route that this is a call of; nullptr for none.
    static const Route* find(std::string_view method, std::string_view path);

private:
    void check_head(const http::RequestHead& head) const;
    ApiKey caller(const http::RequestHead& head, const Route& route, const Tenants& tenants);
    // Hands `use` the call of a caller who may.
    void called(const http::Request& request, const Route& route,
                const std::function<void(const Call& call, const std::shared_ptr<const Tenants>& tenants)>& use);
    http::Response acted(const Call& call, const Route& route);
    // Tells the trail of what was refused.
    http::Response told_of(const std::function<http::Response()>& make, const Tenants& tenants,
                           const core::TenantId& tenant, const audit::Actor& actor, const audit::Act& act,
                           core::Instant now);
    // What it is answered with is counted, and so is what failed.
    http::Response carried_out(const http::RequestHead& head, const std::function<http::Response()>& answer);
    http::Response finished(const http::RequestHead& head, const std::function<http::Response()>& make);
    http::Response counted(const http::RequestHead& head, http::Response response);

    Application& application_;
    Metrics& metrics_;
    const core::Clock& clock_;
    ApiKeys keys_;
    RateLimiter limiter_;
    Cursors cursors_;
    RefusedActs refused_acts_;
    // Last: what waits in them is answered before the rest goes.
    ledger::ChargeQueue charges_;
    EntryQueue entries_;
};

}  // namespace server::api
