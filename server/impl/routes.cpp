#include "server/routes.h"

#include <algorithm>

#include "core/failure.h"
#include "core/json/writer.h"
#include "core/log.h"
#include "core/text/encoding.h"
#include "server/callback_path.h"
#include "server/http/run_handler.h"
#include "server/nightly.h"
#include "server/openapi.h"
#include "server/trail.h"
#include "server/version.h"

namespace server {
namespace {

constexpr auto kStatementsEvery = std::chrono::minutes(5);
constexpr std::size_t kQuickBodyBytesMax = std::size_t{64} * 1024;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The media type without parameters, compared without case.
bool is_media_type(std::string_view header, std::string_view wanted) {
    header = core::text::trimmed(header.substr(0, header.find(';')));
    return std::equal(header.begin(), header.end(), wanted.begin(), wanted.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

http::Response method_not_allowed(const char* allowed) {
    auto response = http::Response::problem(405, "method not allowed");
    response.headers.emplace_back("Allow", allowed);
    return response;
}

http::Response too_many(std::string_view channel, std::int64_t seconds) {
    auto response = CallbackService::refusal(channel, 429, "too many requests");
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
    return response;
}

http::Response unavailable(std::string_view channel) {
    auto response = CallbackService::refusal(channel, 503, "try again later");
    response.headers.emplace_back("Retry-After", "5");
    return response;
}

http::Response version() {
    core::json::Writer json;
    json.begin_object().member("name", "duizhang").member("version", kVersion).end_object();
    return http::Response::json(200, json.text());
}

}  // namespace

Routes::Routes(Application& application, const core::Clock& clock)
    : application_(application),
      clock_(clock),
      callbacks_(application, metrics_),
      safety_(
          application.database(), [&application] { return config::secret_files(application.tenants()->settings()); },
          application.tenants()->settings().service.safety_check_every,
          [this] {
              look_at_certificates();
              look_at_statements();
              publish_heads();
          }),
      api_(application, metrics_, clock) {
    application.intake();
    application.quarantine();
    const auto tenants = application.tenants();
    if (tenants->settings().service.console) {
        pages_.emplace(application, tenants->settings().master_key.duplicate(), clock);
    }
}

void Routes::publish_heads() {
    try {
        server::publish_heads(application_, *application_.tenants(), clock_.now());
    } catch (const core::Failure& failure) {
        core::log_error("trail_heads_not_published", {{"reason", failure.what()}});
    }
}

void Routes::look_at_certificates() {
    if (const auto earliest = certificates_.look(application_.tenants()->settings(), clock_.now())) {
        metrics_.set("duizhang_certificates_end_timestamp_seconds",
                     std::chrono::floor<std::chrono::seconds>(*earliest).time_since_epoch().count());
    }
}

// Statements are late by minutes, and of many tenants there is much to look at.
void Routes::look_at_statements() {
    const auto now = clock_.now();
    if (statements_looked_at_ && now - *statements_looked_at_ < kStatementsEvery) {
        return;
    }
    statements_looked_at_ = now;
    std::map<std::string, std::int64_t> late;
    for (const auto& tenant : application_.tenants()->all()) {
        for (const auto& [channel, ignored] : tenant->channels) {
            late[channel];  // none is said too
        }
    }
    try {
        for (const auto& statement : late_statements(application_, now, "")) {
            ++late[statement.channel];
        }
    } catch (const core::Failure& failure) {
        core::log_warning("late_statements_unknown", {{"reason", failure.what()}});
        return;
    }
    for (const auto& [channel, count] : late) {
        metrics_.set("duizhang_statements_late", count, "channel=\"" + channel + "\"");
    }
}

std::optional<http::Response> Routes::before_callback(const http::RequestHead& head) {
    const auto path = parse_callback_path(head.path);
    if (!path) {
        return http::Response::problem(404, "not found");
    }
    if (head.method != "POST") {
        return method_not_allowed("POST");
    }
    const auto tenants = application_.tenants();
    const auto type = head.header("Content-Type");
    const auto wanted = tenants->callback_content_type(path->channel);  // 415 comes before 404, whichever tenant
    if (wanted && (!type || !is_media_type(*type, *wanted))) {
        return CallbackService::refusal(path->channel, 415, "unsupported media type");
    }
    const auto* tenant = tenants->find(path->tenant);
    if (tenant == nullptr || tenant->find_channel(path->channel) == nullptr) {
        return CallbackService::refusal(path->channel, 404, "not found");
    }
    // The tenant is a known one, so there are no more names than the configuration has.
    const std::string channel(path->channel);
    if (const auto wait = limiter_.refused_for(tenant->settings->id.text() + "/" + channel, tenant->settings->callbacks,
                                               RateLimiter::Time::clock::now())) {
        metrics_.count("duizhang_callbacks_total", "channel=\"" + channel + "\",result=\"rate_limited\"");
        return too_many(channel, retry_after_seconds(*wait));
    }
    return std::nullopt;
}

std::optional<http::Response> Routes::before_body(const http::RequestHead& head) {
    if (head.path == "/livez") {
        return http::Response::text(200, "alive\n");
    }
    if (head.path.starts_with("/callbacks/")) {
        return before_callback(head);
    }
    if (api::Api::is_for(head.path)) {
        return api_.before_body(head);
    }
    if (head.method != "GET" && head.method != "HEAD") {
        return method_not_allowed("GET, HEAD");
    }
    return std::nullopt;
}

http::Response Routes::refused(int status, std::string_view path, std::string_view reason) {
    const auto callback = parse_callback_path(path);
    return CallbackService::refusal(callback ? callback->channel : std::string_view(), status, reason);
}

void Routes::callback(const http::Request& request, const http::Responder& respond) {
    const auto path = parse_callback_path(request.head.path);
    const auto tenants = application_.tenants();
    const auto* tenant = path ? tenants->find(path->tenant) : nullptr;
    const auto* channel = tenant != nullptr ? tenant->find_channel(path->channel) : nullptr;
    if (channel == nullptr) {
        respond(http::Response::problem(404, "not found"));
        return;
    }
    const auto say_unavailable = [this, name = std::string(path->channel), respond](const char* result) {
        metrics_.count("duizhang_callbacks_total", "channel=\"" + name + "\",result=\"" + result + "\"");
        respond(unavailable(name));
    };
    if (!safety_.holds()) {
        say_unavailable("unsafe");
        return;
    }
    const auto failed = [say_unavailable, name = std::string(path->channel),
                         respond](const std::exception_ptr& failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const core::OutsideFailure&) {
            say_unavailable("unavailable");
        } catch (const std::exception&) {
            core::log_error("callback_failed", {{"channel", name}});
            respond(CallbackService::refusal(name, 500, "internal error"));
        }
    };
    try {
        callbacks_.receive(tenants, *tenant, *channel, {request.head.headers, request.body, clock_.now()},
                           {respond, failed});
    } catch (const core::OutsideFailure&) {
        say_unavailable("unavailable");
    }
}

http::Response Routes::readiness() {
    if (!ready_) {
        return http::Response::text(503, "shutting down\n");
    }
    if (!safety_.holds()) {
        return http::Response::text(503, safety_.complaint() + " (the log says more)\n");
    }
    try {
        application_.database().check_reachable();
    } catch (const core::Failure&) {
        return http::Response::text(503, "the database is away\n");
    }
    return http::Response::text(200, "ready\n");
}

// A callback is verified on the spot and answered when it is on disk; nothing waits for it. What is larger than any
// that the channels send goes to a worker.
bool Routes::is_quick(const http::Request& request) {
    return request.head.path.starts_with("/callbacks/") && request.body.size() <= kQuickBodyBytesMax;
}

void Routes::begin(const std::shared_ptr<const http::Request>& request, const http::Responder& respond) {
    const auto& path = request->head.path;
    if (path.starts_with("/callbacks/")) {
        callback(*request, respond);
    } else if (api::Api::is_for(path)) {
        api_.begin(request, safety_.holds(), respond);
    } else {
        Handler::begin(request, respond);
    }
}

http::Response Routes::handle(const http::Request& request) {
    const std::string& path = request.head.path;
    if (path == "/readyz") {
        return readiness();
    }
    if (path == "/metrics") {
        auto response = http::Response::text(200, metrics_.text());
        response.headers.front().second = "text/plain; version=0.0.4; charset=utf-8";
        return response;
    }
    if (path == "/version") {
        return version();
    }
    if (path == "/openapi.json") {
        return http::Response::json(200, std::string(openapi_document()));
    }
    if (pages_) {
        if (auto response = pages_->answer(request)) {
            return *response;
        }
    }
    return http::Response::problem(404, "not found");
}

}  // namespace server
