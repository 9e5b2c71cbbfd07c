// The HTTP service: started, reloaded and stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/application.h"
#include "server/http/server.h"
#include "server/routes.h"

namespace server {

// The certificate and key that are configured. Throws core::UsageError naming the setting.
std::shared_ptr<const http::Tls> tls_of(const config::ServiceTls& settings);
// Throws it when the configuration has some that don't go.
void check_tls(const Tenants& configuration);

// Listening as configured, database up. Stops (and drains) when destroyed. Throws core::UsageError naming the setting
// when the certificate or its key can't be used. New connections get the certificate of the configuration in force.
class Service {
public:
    Service(Application& application, const core::Clock& clock);
    ~Service();

    std::uint16_t port() const;
    // "http://127.0.0.1:8080", or with https where the service ends TLS itself
    std::string address() const;
    // Once; under /login.
    std::string one_time_login() const;

private:
    Application& application_;
    const core::Clock& clock_;
    std::string scheme_;
    std::unique_ptr<Routes> routes_;
    std::unique_ptr<http::Server> server_;
};

// Runs until SIGINT or SIGTERM; SIGHUP reloads, all or nothing. Blocks those signals in every thread: call before any
// starts.
void block_service_signals();
void wait_for_stop(Application& application, const core::Clock& clock);

}  // namespace server
