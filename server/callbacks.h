// Callbacks: from a request for /callbacks/{tenant}/{channel} to its answer, the money booked in between.
// The HTTP routes and `callbacks replay` share it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "payments/channel.h"
#include "server/application.h"
#include "server/http/message.h"
#include "server/metrics.h"

namespace server {

class CallbackService {
public:
    CallbackService(Application& application, Metrics& metrics) : application_(application), metrics_(metrics) {}

    struct Done {
        std::function<void(http::Response)> answer;
        std::function<void(std::exception_ptr)> failure;
    };

    // Authenticity, content, intake, answer (contract section 4). Never blocks: one of the two is called, at once or
    // when the message is on disk. core::OutsideFailure says that the database is away. The tenant is one of `tenants`,
    // the channel one of the tenant's.
    void receive(const std::shared_ptr<const Tenants>& tenants, const Tenant& tenant, const payments::Channel& channel,
                 payments::CallbackRequest request, Done done);
    // The same for one who waits. Throws the failure.
    http::Response receive(const std::shared_ptr<const Tenants>& tenants, const Tenant& tenant,
                           const payments::Channel& channel, payments::CallbackRequest request);

    // The refusal in the channel's own form.
    static http::Response refusal(std::string_view channel, int status, std::string_view title);

private:
    http::Response refuse(const Tenant& tenant, const payments::Channel& channel,
                          const payments::CallbackRequest& request, const payments::CallbackRefusal& refused);

    Application& application_;
    Metrics& metrics_;
};

}  // namespace server
