#include "server/api/api.h"

#include <algorithm>

#include "core/field_error.h"
#include "core/log.h"
#include "ledger/journal.h"
#include "server/api/problem.h"

namespace server::api {
namespace {

constexpr const char* kRetryAfterSeconds = "5";
constexpr std::uint64_t kBodyBytesMax = std::uint64_t{64} * 1024;
// Of texts that are no key we know, for each tenant: guessing costs the database a look each.
const config::RequestRate kUnknownRate{20, 100};
// Of each key, beside its own rate: a call that is sold is as cheap as it is frequent.
const config::RequestRate kChargesRate{10'000, 20'000};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view one, std::string_view other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

class Unauthorized : public Refusal {
public:
    Unauthorized() : Refusal(401, "", "an API key is needed: Authorization: Bearer dz_...") {}
};

class TooMany : public Refusal {
public:
    explicit TooMany(std::chrono::microseconds wait)
        : Refusal(429, "", "too many requests with this key"), seconds(retry_after_seconds(wait)) {}
    std::int64_t seconds;
};

std::string allowed_methods(std::string_view path) {
    std::string allowed;
    for (const auto& route : routes()) {
        if (match(route, path)) {
            allowed += (allowed.empty() ? "" : ", ") + std::string(route.method == "GET" ? "GET, HEAD" : route.method);
        }
    }
    return allowed;
}

bool is_json(std::string_view content_type) {
    auto type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) {
        type.remove_suffix(1);
    }
    return equal_ignoring_case(type, "application/json");
}

http::Response with(http::Response response, const char* name, std::string value) {
    response.headers.emplace_back(name, std::move(value));
    return response;
}

// What is thrown on the way, but for what has happened to us.
http::Response refused(const std::function<http::Response()>& answer) {
    try {
        return answer();
    } catch (const TooMany& refusal) {
        return with(refusal.answer(), "Retry-After", std::to_string(refusal.seconds));
    } catch (const Unauthorized& refusal) {
        return with(refusal.answer(), "WWW-Authenticate", "Bearer realm=\"duizhang\"");
    } catch (const Refusal& refusal) {
        return refusal.answer();
    } catch (const core::FieldError& error) {
        return bad_field(error.field(), error.complaint()).answer();
    } catch (const ledger::DayClosed& error) {
        return Refusal(409, "day-closed", error.what(), "business_date").answer();
    } catch (const ledger::BeyondLimit& error) {
        return Refusal(409, "beyond-limit", error.what()).answer();
    } catch (const core::InputError& error) {
        return Refusal(400, "bad-field", error.what()).answer();
    }
}

audit::Act act_of(const Call& call) {
    return {std::string(call.act), call.request.head.method + " " + call.request.head.path};
}

std::string from(const http::RequestHead& head) { return head.remote.empty() ? "unknown" : head.remote; }

void require(bool is_safe) {
    if (!is_safe) {
        throw core::OutsideFailure("a promise that was checked at the start is broken");
    }
}

}  // namespace

Api::Api(Application& application, Metrics& metrics, const core::Clock& clock)
    : application_(application),
      metrics_(metrics),
      clock_(clock),
      keys_(application.database()),
      cursors_(application.tenants()->settings().master_key),
      refused_acts_(application.database()),
      charges_(application.database(), clock),
      entries_(application) {}

const Route* Api::find(std::string_view method, std::string_view path) {
    const auto all = routes();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Route& route) {
        return route.method == (method == "HEAD" ? "GET" : method) && match(route, path);
    });
    return found == all.end() ? nullptr : &*found;
}

http::Response Api::counted(const http::RequestHead& head, http::Response response) {
    const auto* route = find(head.method, head.path);
    metrics_.count("duizhang_api_requests_total",
                   "route=\"" +
                       (route == nullptr ? "none" : std::string(route->method) + " " + std::string(route->path)) +
                       "\",status=\"" + std::to_string(response.status) + "\"");
    return response;
}

void Api::check_head(const http::RequestHead& head) const {
    const auto token = bearer_token(head.header("Authorization").value_or(""));
    const auto key = token ? parse_api_key(*token) : std::nullopt;
    if (!key || application_.tenants()->find(key->tenant.text()) == nullptr) {
        throw Unauthorized();
    }
    if (head.content_length.value_or(0) > kBodyBytesMax) {
        throw Refusal(413, "", "the body may have at most " + std::to_string(kBodyBytesMax) + " bytes");
    }
    if (head.method == "POST" && !is_json(head.header("Content-Type").value_or(""))) {
        throw Refusal(415, "", "the content type must be application/json");
    }
}

std::optional<http::Response> Api::before_body(const http::RequestHead& head) {
    if (find(head.method, head.path) == nullptr) {
        const auto allowed = allowed_methods(head.path);
        return counted(head, allowed.empty()
                                 ? Refusal(404, "", "there is no such path").answer()
                                 : with(Refusal(405, "", "this path has other methods").answer(), "Allow", allowed));
    }
    auto response = refused([&] {
        check_head(head);
        return http::Response{};
    });
    return response.status == 200 ? std::nullopt : std::optional(counted(head, std::move(response)));
}

ApiKey Api::caller(const http::RequestHead& head, const Route& route, const Tenants& tenants) {
    const auto token = bearer_token(head.header("Authorization").value_or(""));
    const auto parts = token ? parse_api_key(*token) : std::nullopt;
    const auto* tenant = parts ? tenants.find(parts->tenant.text()) : nullptr;
    if (tenant == nullptr) {
        throw Unauthorized();
    }
    const auto now = RateLimiter::Time::clock::now();
    if (!keys_.knows(*parts)) {
        if (const auto wait = limiter_.refused_for("unknown keys of " + parts->tenant.text(), kUnknownRate, now)) {
            throw TooMany(*wait);
        }
    }
    auto key = keys_.holder(*token, clock_.now());
    if (!key) {
        refused_acts_.note(tenants, parts->tenant, {"said to be key " + parts->id(), from(head)},
                           {"api.call", std::string(route.method) + " " + std::string(route.path), "null", "null",
                            "refused: this key opens nothing"},
                           clock_.now());
        throw Unauthorized();
    }
    const auto rate = route.has_own_rate ? kChargesRate : tenant->settings->api;
    if (const auto wait = limiter_.refused_for(key->id() + (route.has_own_rate ? " charges" : ""), rate, now)) {
        throw TooMany(*wait);
    }
    return *key;
}

void Api::called(const http::Request& request, const Route& route,
                 const std::function<void(const Call& call, const std::shared_ptr<const Tenants>& tenants)>& use) {
    const auto tenants = application_.tenants();
    const auto key = caller(request.head, route, *tenants);
    const auto* role = find_role(key.role);
    if (role == nullptr || !role->may(route.right)) {
        refused_acts_.note(*tenants, key.tenant, {key.id(), from(request.head)},
                           {route.act.empty() ? "api.call" : std::string(route.act),
                            std::string(route.method) + " " + std::string(route.path), "null", "null",
                            "refused: the role " + key.role + " may not do this"},
                           clock_.now());
        throw Refusal(403, "", "this key's role may not do this");
    }
    const auto* tenant = tenants->find(key.tenant.text());
    if (tenant == nullptr) {
        throw Unauthorized();
    }
    Call call{application_.database(),
              *tenants,
              *tenant,
              request,
              {},
              cursors_,
              clock_.now(),
              key.id(),
              charges_,
              entries_,
              application_,
              clock_,
              route.act};
    const auto parameters = match(route, request.head.path);
    for (const auto& parameter : *parameters) {
        call.parameters.push_back(call.redact(parameter));
    }
    use(call, tenants);
}

http::Response Api::carried_out(const http::RequestHead& head, const std::function<http::Response()>& answer) {
    try {
        return counted(head, refused(answer));
    } catch (const core::Failure& failure) {
        (void)counted(head, {failure.retry_may_help() ? 503 : 500, {}, {}});
        throw;
    }
}

// An act that was refused is told of; one that was carried out has told of itself, in its own transaction.
http::Response Api::told_of(const std::function<http::Response()>& make, const Tenants& tenants,
                            const core::TenantId& tenant, const audit::Actor& actor, const audit::Act& act,
                            core::Instant now) {
    const auto tell = [&](const std::string& why) {
        if (!act.act.empty()) {
            auto refused = act;
            refused.outcome = "refused: " + why;
            refused_acts_.note(tenants, tenant, actor, refused, now);
        }
    };
    try {
        auto response = make();
        if (response.status >= 400) {
            tell("status " + std::to_string(response.status));
        }
        return response;
    } catch (const core::InputError& refused) {
        tell(refused.what());
        throw;
    }
}

http::Response Api::acted(const Call& call, const Route& route) {
    return told_of([&] { return route.answer(call); }, call.tenants, call.id(), {call.caller, call.from()},
                   act_of(call), call.now);
}

http::Response Api::answer(const http::Request& request, bool is_safe) {
    const auto* route = find(request.head.method, request.head.path);
    return carried_out(request.head, [&] {
        if (route == nullptr) {
            throw Refusal(404, "", "there is no such path");
        }
        require(is_safe);
        http::Response response;
        called(request, *route, [&](const Call& call, const auto&) { response = acted(call, *route); });
        return response;
    });
}

// Nobody stands behind it who would answer a failure.
http::Response Api::finished(const http::RequestHead& head, const std::function<http::Response()>& make) {
    try {
        return carried_out(head, make);
    } catch (const core::Failure& failure) {
        core::log_error("request_failed", {{"reason", failure.what()}});
        return failure.retry_may_help()
                   ? with(http::Response::problem(503, http::reason_phrase(503), "try again later"), "Retry-After",
                          kRetryAfterSeconds)
                   : http::Response::problem(500, http::reason_phrase(500));
    } catch (const std::exception&) {
        core::log_error("request_failed");
        return http::Response::problem(500, http::reason_phrase(500));
    }
}

void Api::begin(const std::shared_ptr<const http::Request>& request, bool is_safe, const http::Responder& respond) {
    const auto* route = find(request->head.method, request->head.path);
    if (route == nullptr || route->begin == nullptr) {
        respond(answer(*request, is_safe));
        return;
    }
    const auto begun = [&] {
        require(is_safe);
        called(*request, *route, [&](const Call& call, const std::shared_ptr<const Tenants>& tenants) {
            const audit::Actor actor{call.caller, call.from()};
            const auto told = [this, tenants, tenant = call.id(), actor, act = act_of(call),
                               now = call.now](const std::function<http::Response()>& make) {
                return told_of(make, *tenants, tenant, actor, act, now);
            };
            const auto later = [this, request, respond, told](const std::function<http::Response()>& make) {
                respond(finished(request->head, [&] { return told(make); }));
            };
            (void)told([&] {
                route->begin(call, later);
                return http::Response();
            });
        });
    };
    try {
        begun();
    } catch (...) {
        respond(carried_out(request->head, []() -> http::Response { throw; }));
    }
}

}  // namespace server::api
