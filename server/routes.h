// Routes: which request goes where (contract section 4).
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "server/api/api.h"
#include "server/callbacks.h"
#include "server/certificates.h"
#include "server/http/server.h"
#include "server/metrics.h"
#include "server/pages.h"
#include "server/rate_limit.h"
#include "server/safety_watch.h"

namespace server {

class Routes final : public http::Handler {
public:
    Routes(Application& application, const core::Clock& clock);

    std::optional<http::Response> before_body(const http::RequestHead& head) override;
    bool is_quick(const http::Request& request) override;
    void begin(const std::shared_ptr<const http::Request>& request, const http::Responder& respond) override;
    http::Response handle(const http::Request& request) override;
    http::Response refused(int status, std::string_view path, std::string_view reason) override;

    // /readyz says no from now on, so that nothing new is sent here.
    void shutting_down() { ready_ = false; }

private:
    std::optional<http::Response> before_callback(const http::RequestHead& head);
    void callback(const http::Request& request, const http::Responder& respond);
    http::Response readiness();
    void look_at_certificates();
    void publish_heads();
    void look_at_statements();

    Application& application_;
    const core::Clock& clock_;
    Metrics metrics_;
    CallbackService callbacks_;
    RateLimiter limiter_;
    CertificateAlarm certificates_;
    std::optional<core::Instant> statements_looked_at_;
    SafetyWatch safety_;
    api::Api api_;
    std::optional<Pages> pages_;
    std::atomic<bool> ready_{true};
};

}  // namespace server
