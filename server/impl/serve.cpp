#include "server/serve.h"

#include <sys/resource.h>

#include <csignal>

#include "core/failure.h"
#include "core/log.h"
#include "server/login.h"

namespace server {
namespace {

sigset_t service_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        sigaddset(&set, signal);
    }
    return set;
}

void reload(Application& application) {
    try {
        application.reload();
        core::log_info("configuration_reloaded");
    } catch (const core::Failure& failure) {
        core::log_error("reload_refused", {{"reason", failure.what()}});
    }
}

// The usual limit of 1024 open files is less than the connections the edge holds.
void open_all_that_is_allowed() {
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

}  // namespace

Service::Service(Application& application, const core::Clock& clock) : application_(application), clock_(clock) {
    open_all_that_is_allowed();
    application.intake();
    const auto& settings = application.tenants()->settings().service;
    routes_ = std::make_unique<Routes>(application, clock);
    http::Options options;
    options.host = settings.listen_host;
    options.port = settings.listen_port;
    server_ = std::make_unique<http::Server>(options, *routes_);
    core::log_info("listening", {{"address", address()}});
}

Service::~Service() {
    routes_->shutting_down();
    server_->stop();
    core::log_info("stopped");
}

std::uint16_t Service::port() const { return server_->port(); }

std::string Service::address() const {
    const auto tenants = application_.tenants();
    const std::string& host = tenants->settings().service.listen_host;
    return "http://" + (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" +
           std::to_string(server_->port());
}

std::string Service::one_time_login() const {
    return address() + "/login?token=" + make_login_token(application_.tenants()->settings().master_key, clock_.now());
}

void block_service_signals() {
    const sigset_t set = service_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

void wait_for_stop(Application& application) {
    const sigset_t set = service_signals();
    while (true) {
        int signal = 0;
        sigwait(&set, &signal);
        if (signal != SIGHUP) {
            core::log_info("stopping", {{"signal", signal}});
            return;
        }
        reload(application);
    }
}

}  // namespace server
