// A client that sends exactly the bytes it is told to, plain or under TLS.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "tests/integration/http/wire_tls.h"

namespace wire {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

inline std::chrono::milliseconds since(Time begin) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

struct Answer {
    int status = 0;
    std::string head;
    std::string body;

    bool says(std::string_view text) const { return head.find(text) != std::string::npos; }
};

class Client {
public:
    // With `tls` it goes on to shake hands, after a while, and with the ticket of an earlier session if it has one.
    explicit Client(std::uint16_t port, const TlsClients* tls = nullptr, std::chrono::milliseconds pause = 0ms,
                    SSL_SESSION* ticket = nullptr)
        : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        const timeval patience{10, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        const void* plain = &address;
        connected_ = fd_ >= 0 && ::connect(fd_, static_cast<const sockaddr*>(plain), sizeof(address)) == 0;
        if (connected_ && tls != nullptr) {
            session_ = tls->session();
            SSL_set_fd(session_.get(), fd_);
            if (ticket != nullptr) {
                SSL_set_session(session_.get(), ticket);
            }
            std::this_thread::sleep_for(pause);
            connected_ = SSL_connect(session_.get()) == 1;
        }
    }
    ~Client() { close(); }
    Client(Client&& other) noexcept
        : session_(std::move(other.session_)),
          fd_(std::exchange(other.fd_, -1)),
          connected_(other.connected_),
          ended_(other.ended_),
          was_reset_(other.was_reset_),
          received_(std::move(other.received_)) {}
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    Client& operator=(Client&&) = delete;

    bool connected() const { return connected_; }
    bool was_reset() const { return was_reset_; }
    SSL* session() const { return session_.get(); }
    void close() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
        fd_ = -1;
    }
    void end_sending() {
        if (session_) {
            SSL_shutdown(session_.get());
        } else {
            ::shutdown(fd_, SHUT_WR);
        }
    }
    // The end of the bytes below TLS, without its own.
    void cut_sending() { ::shutdown(fd_, SHUT_WR); }

    // False when the server no longer takes it.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = send_some(bytes);
            if (sent <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    // The next answer, by its own Content-Length; nothing when the server closes or stays silent instead.
    std::optional<Answer> answer(std::chrono::milliseconds patience = 5s, bool has_body = true) {
        const Time end = std::chrono::steady_clock::now() + patience;
        std::size_t head = std::string::npos;
        while ((head = received_.find("\r\n\r\n")) == std::string::npos) {
            if (!receive(end)) {
                return std::nullopt;
            }
        }
        Answer answer{std::stoi(received_.substr(9, 3)), received_.substr(0, head + 4), {}};
        received_.erase(0, head + 4);
        const auto length = answer.head.find("Content-Length: ");
        const std::size_t size =
            has_body && length != std::string::npos ? std::stoul(answer.head.substr(length + 16)) : 0;
        while (received_.size() < size) {
            if (!receive(end)) {
                return std::nullopt;
            }
        }
        answer.body = received_.substr(0, size);
        received_.erase(0, size);
        return answer;
    }

    std::optional<Answer> ask(std::string_view bytes, std::chrono::milliseconds patience = 5s) {
        send(bytes);
        return answer(patience);
    }

    // The status of the only answer, after which the server closed; -1 when it went on to answer or stayed open.
    int status_of_last_answer(std::chrono::milliseconds patience = 5s) {
        const auto only = answer(patience);
        if (!only) {
            return 0;
        }
        end_sending();
        return only->says("Connection: close") && closed(patience) && received_.empty() ? only->status : -1;
    }

    // What came and was not asked for yet.
    std::string take_received() { return std::exchange(received_, {}); }

    // Whether the server closes, whatever it still sends before.
    bool closed(std::chrono::milliseconds patience = 5s) {
        const Time end = std::chrono::steady_clock::now() + patience;
        while (receive(end)) {
        }
        return ended_;
    }

private:
    ssize_t send_some(std::string_view bytes) {
        if (session_) {
            return connected_ ? SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) : -1;
        }
        return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }

    // Zero at the end, negative when only for now there is nothing.
    ssize_t receive_some(std::string& bytes) {
        if (!session_) {
            const auto count = ::recv(fd_, bytes.data(), bytes.size(), 0);
            was_reset_ = count < 0;
            return std::max<ssize_t>(count, 0);
        }
        const int count = SSL_read(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
        return count <= 0 && SSL_get_error(session_.get(), count) == SSL_ERROR_WANT_READ ? -1 : std::max(count, 0);
    }

    bool receive(Time end) {
        pollfd waiting{fd_, POLLIN, 0};
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        const bool there = session_ && SSL_pending(session_.get()) > 0;
        if (ended_ || left <= 0ms || (!there && ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0)) {
            return false;
        }
        std::string bytes(16384, '\0');
        const auto count = receive_some(bytes);
        ended_ = count == 0;
        received_.append(bytes, 0, count > 0 ? static_cast<std::size_t>(count) : 0);
        return count != 0;
    }

    Session session_;
    int fd_;
    bool connected_ = false;
    bool ended_ = false;
    bool was_reset_ = false;
    std::string received_;
};

inline std::string get(std::string_view path, std::string_view fields = {}) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

inline std::string post(std::string_view path, std::string_view body, std::string_view fields = {}) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

inline bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds patience = 5s) {
    const Time begin = std::chrono::steady_clock::now();
    while (!holds()) {
        if (since(begin) > patience) {
            return false;
        }
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

}  // namespace wire
