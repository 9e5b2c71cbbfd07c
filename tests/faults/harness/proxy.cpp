#include "tests/faults/harness/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <optional>
#include <stdexcept>

namespace faults {

namespace {

constexpr int kLookUp = 200;  // milliseconds after which a relay looks whether it is to end

int connect_unix(const std::filesystem::path& path) {
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    const void* generic = &address;
    if (connect(descriptor, static_cast<const sockaddr*>(generic), sizeof(address)) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

// Bytes of one direction, given out as whole messages.
class Messages {
public:
    explicit Messages(bool begins_without_type) : untyped_(begins_without_type) {}

    // False at the end of the stream.
    bool read_from(int descriptor) {
        char buffer[16384];
        const auto n = recv(descriptor, buffer, sizeof(buffer), 0);
        if (n > 0) {
            bytes_.append(buffer, static_cast<std::size_t>(n));
        }
        return n > 0;
    }

    std::optional<PgMessage> next() {
        const std::size_t head = untyped_ ? 0 : 1;
        if (bytes_.size() < head + 4) {
            return std::nullopt;
        }
        std::uint32_t length = 0;
        std::memcpy(&length, bytes_.data() + head, sizeof(length));
        const std::size_t size = head + ntohl(length);
        if (bytes_.size() < size) {
            return std::nullopt;
        }
        PgMessage message{untyped_ ? '\0' : bytes_[0], bytes_.substr(0, size)};
        bytes_.erase(0, size);
        untyped_ = false;
        return message;
    }

private:
    std::string bytes_;
    bool untyped_;
};

}  // namespace

void send_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) {
            return;  // the other side is gone, which reading will tell
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

class Proxy::Relay {
public:
    Relay(int service, int server, PgSession& session) : service_(service), server_(server), session_(session) {
        session_.service_descriptor = service;
        session_.server_descriptor = server;
    }

    void run(const std::atomic<bool>& ending) {
        pollfd waiting[] = {{service_, POLLIN, 0}, {server_, POLLIN, 0}};
        while (!ending) {
            if (poll(waiting, 2, kLookUp) <= 0) {
                continue;
            }
            if (waiting[0].revents != 0 && !pass(service_, server_, from_service_, &PgSession::from_service)) {
                return;
            }
            if (waiting[1].revents != 0 && !pass(server_, service_, from_server_, &PgSession::from_server)) {
                return;
            }
        }
    }

private:
    bool pass(int from, int to, Messages& messages, PgSession::Then (PgSession::*decide)(const PgMessage&)) {
        if (!messages.read_from(from)) {
            return false;
        }
        while (const auto message = messages.next()) {
            switch ((session_.*decide)(*message)) {
                case PgSession::Then::forward:
                    send_all(to, message->bytes);
                    break;
                case PgSession::Then::cut:
                    return false;
                case PgSession::Then::reset: {
                    const linger at_once{1, 0};
                    setsockopt(service_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
                    return false;
                }
            }
        }
        return true;
    }

    int service_;
    int server_;
    PgSession& session_;
    Messages from_service_{true};
    Messages from_server_{false};
};

Proxy::Proxy(Sessions sessions) : sessions_(std::move(sessions)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    void* generic = &address;
    if (bind(listener_, static_cast<const sockaddr*>(generic), size) != 0 || ::listen(listener_, 64) != 0 ||
        getsockname(listener_, static_cast<sockaddr*>(generic), &size) != 0) {
        throw std::runtime_error("the proxy can't listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { listen(); });
}

Proxy::~Proxy() {
    ending_ = true;
    acceptor_.join();
    for (auto& relay : relays_) {
        relay.join();
    }
    close(listener_);
}

void Proxy::pass_on_to(const std::filesystem::path& socket) {
    const std::lock_guard lock(mutex_);
    socket_ = socket;
}

void Proxy::listen() {
    while (!ending_) {
        pollfd waiting{listener_, POLLIN, 0};
        if (poll(&waiting, 1, kLookUp) > 0) {
            const int service = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (service >= 0) {
                relays_.emplace_back([this, service] { relay(service); });
            }
        }
    }
}

void Proxy::relay(int service) {
    std::filesystem::path socket;
    {
        const std::lock_guard lock(mutex_);
        socket = socket_;
    }
    const int on = 1;
    setsockopt(service, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const int server = connect_unix(socket);
    if (server >= 0) {
        const auto session = sessions_();
        Relay(service, server, *session).run(ending_);
        close(server);
    }
    close(service);
}

}  // namespace faults
