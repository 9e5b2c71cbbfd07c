// A small HTTP client for one purpose: the demo's channels send their callbacks to the service on this machine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace server {

class CallbackSender {
public:
    // Keeps one connection to 127.0.0.1:port.
    explicit CallbackSender(std::uint16_t port);
    ~CallbackSender();
    CallbackSender(const CallbackSender&) = delete;
    CallbackSender& operator=(const CallbackSender&) = delete;

    // The answer's status. Throws core::OutsideFailure when there is none.
    int post(const std::string& path, const std::vector<std::pair<std::string, std::string>>& headers,
             const std::string& body);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace server
