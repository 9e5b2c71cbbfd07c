#include "server/callbacks.h"

#include <exception>
#include <future>
#include <utility>

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

std::string label(const payments::Channel& channel, const char* result) {
    return "channel=\"" + std::string(channel.name()) + "\",result=\"" + result + "\"";
}

// What the intake refers to, until it is done; with the configuration that the channel belongs to.
struct Letter {
    std::shared_ptr<const Tenants> tenants;
    const payments::Channel& channel;
    payments::CallbackRequest request;
    payments::CallbackMessage message;
};

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

http::Response CallbackService::refuse(const Tenant& tenant, const payments::Channel& channel,
                                       const payments::CallbackRequest& request,
                                       const payments::CallbackRefusal& refused) {
    const bool unauthentic = refused.kind == payments::CallbackRefusal::Kind::unauthentic;
    metrics_.count("duizhang_callbacks_total", label(channel, unauthentic ? "unauthentic" : "bad_content"));
    metrics_.count("duizhang_callbacks_refused_total",
                   "channel=\"" + std::string(channel.name()) + "\",reason=\"" + std::string(refused.reason) + "\"");
    // As many lines as quarantine takes records: a flood of forgeries doesn't fill the log either.
    if (application_.quarantine().add(tenant.settings->id, channel.name(), refused, request)) {
        core::log_warning(
            "callback_refused",
            {{"tenant", tenant.settings->id.text()}, {"channel", channel.name()}, {"reason", refused.reason}});
    } else {
        metrics_.count("duizhang_quarantine_full_total");
    }
    return unauthentic ? refusal(channel.name(), 401, "not authentic") : refusal(channel.name(), 400, "bad content");
}

void CallbackService::receive(const std::shared_ptr<const Tenants>& tenants, const Tenant& tenant,
                              const payments::Channel& channel, payments::CallbackRequest request, Done done) {
    auto message = channel.read_callback(request);
    if (!message) {
        done.answer(refuse(tenant, channel, request, message.error()));
        return;
    }
    const auto letter =
        std::make_shared<const Letter>(Letter{tenants, channel, std::move(request), std::move(*message)});
    payments::Heard heard{tenant.settings->id, std::string(channel.name()), &letter->message, &letter->request};
    application_.intake().take_in(
        std::move(heard), {[this, letter, answer = std::move(done.answer)](payments::IntakeOutcome outcome) {
                               metrics_.count("duizhang_callbacks_total", label(letter->channel, word(outcome)));
                               answer(answer_of(letter->channel.accepted()));
                           },
                           std::move(done.failure)});
}

http::Response CallbackService::receive(const std::shared_ptr<const Tenants>& tenants, const Tenant& tenant,
                                        const payments::Channel& channel, payments::CallbackRequest request) {
    const auto promise = std::make_shared<std::promise<http::Response>>();
    receive(tenants, tenant, channel, std::move(request),
            {[promise](http::Response response) { promise->set_value(std::move(response)); },
             [promise](std::exception_ptr failure) { promise->set_exception(std::move(failure)); }});
    return promise->get_future().get();
}

}  // namespace server
