// Both ends of the wire, for tests: a client that sends exactly the bytes it is told to, and a handler that counts.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/failure.h"
#include "server/http/server.h"

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
    explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        const void* plain = &address;
        connected_ = fd_ >= 0 && ::connect(fd_, static_cast<const sockaddr*>(plain), sizeof(address)) == 0;
    }
    ~Client() { close(); }
    Client(Client&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)),
          connected_(other.connected_),
          ended_(other.ended_),
          received_(std::move(other.received_)) {}
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    Client& operator=(Client&&) = delete;

    bool connected() const { return connected_; }
    void close() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
        fd_ = -1;
    }
    void end_sending() { ::shutdown(fd_, SHUT_WR); }

    // False when the server no longer takes it.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
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

    // Whether the server closes, whatever it still sends before.
    bool closed(std::chrono::milliseconds patience = 5s) {
        const Time end = std::chrono::steady_clock::now() + patience;
        while (receive(end)) {
        }
        return ended_;
    }

private:
    bool receive(Time end) {
        pollfd waiting{fd_, POLLIN, 0};
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (ended_ || left <= 0ms || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
            return false;
        }
        std::string bytes(16384, '\0');
        const auto count = ::recv(fd_, bytes.data(), bytes.size(), 0);
        ended_ = count <= 0;
        received_.append(bytes, 0, count > 0 ? static_cast<std::size_t>(count) : 0);
        return count > 0;
    }

    int fd_;
    bool connected_ = false;
    bool ended_ = false;
    std::string received_;
};

// Answers with what was asked, and knows how often it was. /early is answered before the body, /throw-… fails, /wait
// waits for open().
class CountingHandler : public server::http::Handler {
public:
    std::optional<server::http::Response> before_body(const server::http::RequestHead& head) override {
        ++heads;
        if (head.path == "/early") {
            return server::http::Response::problem(404, "not found");
        }
        if (head.path == "/livez") {
            return server::http::Response::text(200, "alive\n");
        }
        return std::nullopt;
    }

    server::http::Response handle(const server::http::Request& request) override {
        ++handled;
        if (request.head.path == "/wait") {
            ++running;
            std::unique_lock lock(mutex_);
            opened_.wait(lock, [this] { return open_; });
            --running;
        }
        if (request.head.path == "/throw-outside") {
            throw core::OutsideFailure("the database is away");
        }
        if (request.head.path == "/throw-other") {
            throw std::runtime_error("6221558812340000 was refused");
        }
        if (request.head.path == "/split") {
            return {200, {{"X", "a\r\nInjected: 1"}}, {}};
        }
        return server::http::Response::text(200, request.head.method + " " + request.head.path + " " + request.body);
    }

    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }

    std::atomic<int> heads = 0;
    std::atomic<int> handled = 0;
    std::atomic<int> running = 0;

private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool open_ = false;
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
