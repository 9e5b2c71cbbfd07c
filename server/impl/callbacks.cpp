#include "server/callbacks.h"

#include "core/json/writer.h"
#include "core/log.h"

namespace server {
namespace {

const char* word(payments::IntakeOutcome outcome) {
    switch (outcome) {
        case payments::IntakeOutcome::booked:
            return "booked";
        case payments::IntakeOutcome::recorded:
            return "recorded";
        case payments::IntakeOutcome::repeated:
            return "repeated";
    }
    return "";
}

http::Response answer_of(const payments::CallbackAnswer& answer) {
    http::Response response{answer.status, {}, answer.body};
    if (!answer.content_type.empty()) {
        response.headers.emplace_back("Content-Type", answer.content_type);
    }
    return response;
}

}  // namespace

http::Response CallbackService::refusal(std::string_view channel, int status, std::string_view title) {
    if (channel != "wechatpay") {
        return http::Response::problem(status, title);
    }
    core::json::Writer json;
    json.begin_object().member("code", "FAIL").member("message", title).end_object();
    return http::Response::json(status, json.text());
}

http::Response CallbackService::receive(const Tenant& tenant, const payments::Channel& channel,
                                        const payments::CallbackRequest& request) {
    const std::string label = "channel=\"" + std::string(channel.name()) + "\",result=\"";
    const auto message = channel.read_callback(request);
    if (!message) {
        const auto& refused = message.error();
        const bool unauthentic = refused.kind == payments::CallbackRefusal::Kind::unauthentic;
        metrics_.count("duizhang_callbacks_total", label + (unauthentic ? "unauthentic\"" : "bad_content\""));
        core::log_warning(
            "callback_refused",
            {{"tenant", tenant.settings->id.text()}, {"channel", channel.name()}, {"reason", refused.reason}});
        if (!application_.quarantine().add(tenant.settings->id, channel.name(), refused, request)) {
            metrics_.count("duizhang_quarantine_full_total");
        }
        return unauthentic ? refusal(channel.name(), 401, "not authentic")
                           : refusal(channel.name(), 400, "bad content");
    }
    const auto outcome =
        application_.intake().take_in({tenant.settings->id, std::string(channel.name()), &*message, &request});
    metrics_.count("duizhang_callbacks_total", label + word(outcome) + "\"");
    return answer_of(channel.accepted());
}

std::optional<CallbackPath> parse_callback_path(std::string_view path) {
    constexpr std::string_view kPrefix = "/callbacks/";
    if (!path.starts_with(kPrefix)) {
        return std::nullopt;
    }
    path.remove_prefix(kPrefix.size());
    const auto slash = path.find('/');
    if (slash == std::string_view::npos || path.find('/', slash + 1) != std::string_view::npos) {
        return std::nullopt;
    }
    return CallbackPath{std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

}  // namespace server
