// Callbacks: from a request for /callbacks/{tenant}/{channel} to its answer, the money booked in between.
// The HTTP routes and `callbacks replay` share it.
#pragma once

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

    // Authenticity, content, intake, answer (contract section 4). Throws core::OutsideFailure when the database is
    // away.
    http::Response receive(const Tenant& tenant, const payments::Channel& channel,
                           const payments::CallbackRequest& request);

    // The refusal in the channel's own form.
    static http::Response refusal(std::string_view channel, int status, std::string_view title);

private:
    Application& application_;
    Metrics& metrics_;
};

// "/callbacks/TENANT/CHANNEL" into its parts; nothing for another path.
struct CallbackPath {
    std::string tenant;
    std::string channel;
};
std::optional<CallbackPath> parse_callback_path(std::string_view path);

}  // namespace server
