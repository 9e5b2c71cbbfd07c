// The API under /v1/: who calls, whether they may, and who answers.
//
// Checks come in this order, and the first that fails answers: route (404), method (405), a key that can be one (401),
// size (413), content type (415); then, on a worker, the promises of the start (503), the key (401), its rate (429),
// its right (403); then what the route asks for.
#pragma once

#include <exception>
#include <functional>
#include <optional>

#include "server/api/route.h"
#include "server/metrics.h"
#include "server/rate_limit.h"

namespace server::api {

class Api {
public:
    Api(Application& application, Metrics& metrics, const core::Clock& clock);

    static bool is_for(std::string_view path) { return path.starts_with("/v1/") || path == "/v1"; }

    // On an I/O thread: what can be said before the body is read.
    std::optional<http::Response> before_body(const http::RequestHead& head);
    struct Done {
        std::function<void(http::Response)> answer;
        std::function<void(std::exception_ptr)> failure;
    };
    // On a worker. `is_safe`: what was checked at the start still holds. One of the two is called, at once or when what
    // was asked for is on disk; or a core::Failure is thrown.
    void begin(const http::Request& request, bool is_safe, Done done);

    // The route that this is a call of; nullptr for none.
    static const Route* find(std::string_view method, std::string_view path);

private:
    void check_head(const http::RequestHead& head) const;
    ApiKey caller(const http::RequestHead& head, const Tenants& tenants);
    // Nothing when it has been given to the queue.
    std::optional<http::Response> called(const http::Request& request, const Route& route, const Done& done);
    EntryQueue::Done later(const Route& route, const Done& done);
    http::Response counted(const Route* route, http::Response response);
    void count_failure(const Route* route, const core::Failure& failure);

    Application& application_;
    Metrics& metrics_;
    const core::Clock& clock_;
    ApiKeys keys_;
    RateLimiter limiter_;
    Cursors cursors_;
    EntryQueue entries_;
};

}  // namespace server::api
