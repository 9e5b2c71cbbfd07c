// A proxy between the service and PostgreSQL that reads the protocol (version 3, no TLS) message by message, and lets a
// program cut or hold the connection at any of them.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "tests/faults/harness/process.h"

namespace faults {

// Its type is 0 for what begins a session; `bytes` is all of it, type and length too.
struct PgMessage {
    char type;
    std::string bytes;

    std::string_view content() const { return std::string_view(bytes).substr(type == 0 ? 4 : 5); }
};

// One connection from the service, with its own to the server. All calls on that connection's thread.
class PgSession {
public:
    virtual ~PgSession() = default;
    enum class Then { forward, cut, reset };
    // From the service to the server, before it is passed on. To cut is to close both sides; to reset is to close the
    // service's with a TCP reset.
    virtual Then from_service(const PgMessage& message) = 0;
    virtual Then from_server(const PgMessage& message) = 0;

    // For a session that passes on a part before it cuts.
    int service_descriptor = -1;
    int server_descriptor = -1;
};

class Proxy {
public:
    using Sessions = std::function<std::unique_ptr<PgSession>()>;

    // Listens on a free port of 127.0.0.1 and passes on to the server's unix socket.
    explicit Proxy(Sessions sessions);
    ~Proxy();
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    void pass_on_to(const std::filesystem::path& socket);

private:
    class Relay;
    void listen();
    void relay(int service);

    Sessions sessions_;
    std::mutex mutex_;
    std::filesystem::path socket_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> ending_{false};
    std::list<std::thread> relays_;
    std::thread acceptor_;
};

void send_all(int descriptor, std::string_view bytes);

}  // namespace faults
