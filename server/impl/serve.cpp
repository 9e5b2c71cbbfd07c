#include "server/serve.h"

#include <sys/resource.h>

#include <csignal>
#include <mutex>

#include "core/failure.h"
#include "core/locked_memory.h"
#include "core/log.h"
#include "core/time.h"
#include "server/impl/command_support.h"
#include "server/login.h"

namespace server {

std::shared_ptr<const http::Tls> tls_of(const config::ServiceTls& settings) {
    auto tls = http::Tls::make(settings.certificate, settings.key, core::SystemClock().now());
    if (tls) {
        return *tls;
    }
    const bool key = tls.error().part == http::TlsRefusal::Part::key;
    throw core::UsageError((key ? "service.tls_key (for " : "service.tls_certificate (") +
                           settings.certificate_file.string() + "): " + std::string(tls.error().reason));
}

void check_tls(const Tenants& configuration) {
    if (const auto& tls = configuration.settings().service.tls) {
        (void)tls_of(*tls);
    }
}

namespace {

// From then on a certificate that ends is a warning.
constexpr std::chrono::hours kRenewalNotice{14 * 24};
// What the process has open besides connections: the database's, the log, files being read.
constexpr std::size_t kOtherFiles = 128;

sigset_t service_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        sigaddset(&set, signal);
    }
    return set;
}

void tell(const http::Tls& tls) {
    const auto until = core::format_rfc3339(tls.not_after());
    if (tls.not_after() - core::SystemClock().now() < kRenewalNotice) {
        core::log_warning("tls_certificate_ends_soon", {{"until", until}});
    } else {
        core::log_info("tls_certificate_in_force", {{"until", until}});
    }
}

// The certificate of the configuration in force: made anew once a reload has put another configuration in its place.
class CertificateInForce {
public:
    explicit CertificateInForce(Application& application)
        : application_(application), made_of_(application.tenants()), tls_(made(*made_of_)) {
        tell(*tls_);
    }

    std::shared_ptr<const http::Tls> current() {
        const auto in_force = application_.tenants();
        const std::lock_guard lock(mutex_);
        if (in_force != made_of_) {
            made_of_ = in_force;
            take(*in_force);
        }
        return tls_;
    }

private:
    static std::shared_ptr<const http::Tls> made(const Tenants& configuration) {
        return tls_of(*configuration.settings().service.tls);
    }

    void take(const Tenants& configuration) {
        if (!configuration.settings().service.tls) {
            core::log_warning("restart_needed", {{"setting", "service.tls_certificate"}});
            return;
        }
        try {
            tls_ = made(configuration);
            tell(*tls_);
        } catch (const core::Failure& failure) {
            core::log_error("tls_certificate_refused", {{"reason", failure.what()}});
        }
    }

    Application& application_;
    std::mutex mutex_;
    std::shared_ptr<const Tenants> made_of_;
    std::shared_ptr<const http::Tls> tls_;
};

http::TlsSource tls_source(Application& application) {
    if (!application.tenants()->settings().service.tls) {
        return {};
    }
    return [certificate = std::make_shared<CertificateInForce>(application)] { return certificate->current(); };
}

http::Options options_of(const config::ServiceSettings& service) {
    const config::ServiceLimits& limits = service.limits;
    http::Options options;
    options.host = service.listen_host;
    options.port = service.listen_port;
    options.io_threads = limits.io_threads;
    options.workers = limits.workers;
    options.queue_max = limits.waiting_requests_max;
    options.connections_max = limits.connections_max;
    options.header_bytes_max = limits.header_bytes_max;
    options.header_fields_max = limits.header_fields_max;
    options.target_bytes_max = limits.target_bytes_max;
    options.body_bytes_max = limits.body_bytes_max;
    options.all_bodies_bytes_max = limits.all_bodies_bytes_max;
    options.header_deadline = limits.header_deadline;
    options.body_deadline = limits.body_deadline;
    options.idle_deadline = limits.idle_deadline;
    options.write_deadline = limits.write_deadline;
    options.drain_deadline = limits.drain_deadline;
    return options;
}

void record(Application& application, const Tenants& tenants, core::Instant now, const audit::Act& act) {
    core::db::TenantTransaction transaction(application.database(), core::kInstance);
    tenants.trail().record(transaction, operating_actor(), act, now);
    transaction.commit();
}

// What can't be undone because it can't be recorded.
void record_if_possible(Application& application, core::Instant now, const audit::Act& act) {
    try {
        record(application, *application.tenants(), now, act);
    } catch (const std::exception& failure) {
        core::log_error("act_not_recorded", {{"act", act.act}, {"reason", failure.what()}});
    }
}

std::string told(const Tenants& tenants) { return "{\"tenants\":" + std::to_string(tenants.all().size()) + "}"; }

// All or nothing: what is wrong with the certificate is found out, and the act recorded, before the tenants are
// replaced.
void reload(Application& application, const core::Clock& clock) {
    audit::Act act{"configuration.reload", application.configuration().string(), told(*application.tenants())};
    try {
        application.reload([&](const Tenants& fresh) {
            check_tls(fresh);
            fresh.check_keys(application.database());
            act.after = told(fresh);
            record(application, fresh, clock.now(), act);
        });
        core::log_info("configuration_reloaded");
    } catch (const std::exception& failure) {
        core::log_error("reload_refused", {{"reason", failure.what()}});
        act.after = "null";
        act.outcome = std::string("refused: ") + failure.what();
        record_if_possible(application, clock.now(), act);
    }
}

// The usual limit of 1024 open files is less than the connections the edge holds.
void open_all_that_is_allowed(std::size_t connections_max) {
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return;
    }
    if (files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    if (files.rlim_max < connections_max + kOtherFiles) {
        core::log_warning("few_open_files_allowed", {{"allowed", static_cast<std::size_t>(files.rlim_max)},
                                                     {"connections_max", connections_max}});
    }
}

}  // namespace

Service::Service(Application& application, const core::Clock& clock) : application_(application), clock_(clock) {
    const auto in_force = application.tenants();
    const auto& settings = in_force->settings().service;
    open_all_that_is_allowed(settings.limits.connections_max);
    auto tls = tls_source(application);
    application.intake();
    in_force->check_keys(application.database());
    if (!core::all_is_locked()) {
        core::log_warning("keys_not_locked",
                          {{"remedy", "raise the limit of locked memory (LimitMEMLOCK, ulimit -l)"}});
    }
    record(application, *in_force, clock.now(), {"service.start", "service", "null", told(*in_force)});
    routes_ = std::make_unique<Routes>(application, clock);
    try {
        server_ = std::make_unique<http::Server>(options_of(settings), *routes_, tls);
    } catch (const std::exception& failure) {
        record_if_possible(application, clock.now(),
                           {"service.stop", "service", "null", "null", std::string("failed: ") + failure.what()});
        throw;
    }
    scheme_ = tls ? "https" : "http";
    core::log_info("listening", {{"address", address()}});
}

Service::~Service() {
    routes_->shutting_down();
    server_->stop();
    record_if_possible(application_, clock_.now(), {"service.stop", "service"});
    core::log_info("stopped");
}

std::uint16_t Service::port() const { return server_->port(); }

std::string Service::address() const {
    const auto tenants = application_.tenants();
    const std::string& host = tenants->settings().service.listen_host;
    return scheme_ + "://" + (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" +
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

void wait_for_stop(Application& application, const core::Clock& clock) {
    const sigset_t set = service_signals();
    while (true) {
        int signal = 0;
        sigwait(&set, &signal);
        if (signal != SIGHUP) {
            core::log_info("stopping", {{"signal", signal}});
            return;
        }
        reload(application, clock);
    }
}

}  // namespace server
