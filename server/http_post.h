// A small HTTP client: what the demo and the canaries send to the service on this machine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace server {

struct HttpAnswer {
    int status;
    std::string text;  // headers that matter here, and the body
};

class CallbackSender {
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;

    // Keeps one connection to 127.0.0.1:port.
    explicit CallbackSender(std::uint16_t port);
    ~CallbackSender();
    CallbackSender(const CallbackSender&) = delete;
    CallbackSender& operator=(const CallbackSender&) = delete;

    // The answer's status. Throws core::OutsideFailure when there is none.
    int post(const std::string& path, const Headers& headers, const std::string& body);
    HttpAnswer send(const std::string& method, const std::string& path, const Headers& headers,
                    const std::string& body);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace server
