#include "config/impl/service.h"

#include "core/money.h"

namespace config {
namespace {

void read_listen(Section& section, ServiceSettings& service) {
    const auto listen = section.text("listen");
    if (!listen) {
        return;
    }
    const auto colon = listen->rfind(':');
    std::int64_t port = -1;
    if (colon != std::string::npos && colon + 1 < listen->size() && listen->size() - colon <= 6) {
        const auto digits = core::minor_from_integer(std::string_view(*listen).substr(colon + 1));
        port = digits ? *digits : -1;
    }
    if (colon == std::string::npos || colon == 0 || port < 0 || port > 65535) {
        section.complain("listen", "must be ADDRESS:PORT, e.g. \"127.0.0.1:8080\"");
        return;
    }
    service.listen_host = listen->substr(0, colon);
    if (service.listen_host.starts_with('[') && service.listen_host.ends_with(']')) {
        service.listen_host = service.listen_host.substr(1, service.listen_host.size() - 2);
    }
    service.listen_port = static_cast<std::uint16_t>(port);
}

void read_tls(Section& section, ServiceSettings& service) {
    const auto certificate = section.text("tls_certificate");
    const auto key = section.text("tls_key");
    if (!certificate && !key) {
        return;
    }
    if (!certificate || !key) {
        section.complain(certificate ? "tls_key" : "tls_certificate",
                         "is missing: a certificate and its key belong together");
        return;
    }
    service.tls.emplace(ServiceTls{section.resolve_path(*certificate),
                                   section.file_contents("tls_certificate", *certificate),
                                   section.resolve_secret("tls_key", *key)});
    if (certificate->empty()) {
        section.complain("tls_certificate", "must name a file");
    }
}

// Reads whole numbers into what they limit, each within bounds of its own.
class LimitReader {
public:
    explicit LimitReader(Section section) : section_(std::move(section)) {}

    void read(std::string_view key, std::int64_t min, std::int64_t max, std::size_t& limit) {
        if (const auto value = section_.integer(key, min, max)) {
            limit = static_cast<std::size_t>(*value);
        }
    }
    void read(std::string_view key, std::int64_t min, std::int64_t max, std::chrono::milliseconds& limit) {
        if (const auto value = section_.integer(key, min, max)) {
            limit = std::chrono::milliseconds(*value);
        }
    }

private:
    Section section_;
};

// The lower bounds are what honest channels need, the upper ones where a limit would no longer be one.
void read_limits(Section section, ServiceLimits& limits) {
    LimitReader reader(section);
    reader.read("io_threads", 1, 64, limits.io_threads);
    reader.read("workers", 1, 1'024, limits.workers);
    reader.read("waiting_requests_max", 1, 1'000'000, limits.waiting_requests_max);
    reader.read("connections_max", 16, 200'000, limits.connections_max);
    reader.read("header_bytes_max", 4'096, 262'144, limits.header_bytes_max);
    reader.read("header_fields_max", 20, 1'000, limits.header_fields_max);
    reader.read("target_bytes_max", 1'024, 65'536, limits.target_bytes_max);
    reader.read("body_bytes_max", 65'536, 67'108'864, limits.body_bytes_max);
    reader.read("all_bodies_bytes_max", 1'048'576, 68'719'476'736, limits.all_bodies_bytes_max);
    reader.read("header_deadline_ms", 500, 60'000, limits.header_deadline);
    reader.read("body_deadline_ms", 500, 600'000, limits.body_deadline);
    reader.read("idle_deadline_ms", 500, 3'600'000, limits.idle_deadline);
    reader.read("write_deadline_ms", 500, 600'000, limits.write_deadline);
    reader.read("drain_deadline_ms", 500, 600'000, limits.drain_deadline);
    if (limits.all_bodies_bytes_max < limits.body_bytes_max) {
        section.complain("all_bodies_bytes_max", "must not be below body_bytes_max, which is " +
                                                     std::to_string(limits.body_bytes_max) + ", and is " +
                                                     std::to_string(limits.all_bodies_bytes_max));
    }
}

}  // namespace

RequestRate read_rate(Section& section, const std::string& name, const RequestRate& otherwise) {
    return {section.integer(name + "_per_second", 1, 1'000'000).value_or(otherwise.per_second),
            section.integer(name + "_burst", 1, 10'000'000).value_or(otherwise.burst)};
}

void read_service(Section section, ServiceSettings& service) {
    read_listen(section, service);
    service.console = section.boolean("console").value_or(true);
    if (const auto name = section.text("environment")) {
        const auto environment = core::keys::environment_named(*name);
        if (!environment) {
            section.complain("environment", "must be \"production\" or \"test\"");
        }
        service.environment = environment.value_or(service.environment);
    }
    service.callbacks = read_rate(section, "callbacks", service.callbacks);
    service.api = read_rate(section, "api", service.api);
    if (const auto seconds = section.integer("safety_check_seconds", 1, 50)) {
        service.safety_check_every = std::chrono::seconds(*seconds);
    }
    read_tls(section, service);
    if (const auto limits = section.table("limits")) {
        read_limits(*limits, service.limits);
    }
}

}  // namespace config
