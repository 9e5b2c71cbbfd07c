#include "tests/bench/http/load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <thread>

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
    int number = -1;
    std::string received;
    Clock::time_point due;
};

int connect_to(std::uint16_t port) {
    const int number = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const void* plain = &address;
    if (::connect(number, static_cast<const sockaddr*>(plain), sizeof(address)) != 0) {
        throw std::runtime_error(std::string("cannot connect: ") + std::strerror(errno));
    }
    const int on = 1;
    ::setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return number;
}

void send_bytes(int number, const std::string& bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const auto sent = ::send(number, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) {
            throw std::runtime_error("a connection was closed before its request was sent");
        }
        at += static_cast<std::size_t>(sent);
    }
}

std::size_t body_length(std::string head) {
    std::transform(head.begin(), head.end(), head.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const auto at = head.find("\r\ncontent-length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 18));
}

// The status of a whole answer, which is taken away; 0 while it isn't whole.
int take_answer(std::string& received) {
    const auto end = received.find("\r\n\r\n");
    if (end == std::string::npos) {
        return 0;
    }
    const auto size = end + 4 + body_length(received.substr(0, end + 2));
    if (received.size() < size) {
        return 0;
    }
    const int status = std::stoi(received.substr(9, 3));
    received.erase(0, size);
    return status;
}

class Load {
public:
    Load(const std::vector<std::string>& requests, const LoadOptions& options)
        : requests_(requests), options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        connections_.resize(std::min(options.connections, requests.size()));
        for (std::size_t i = 0; i < connections_.size(); ++i) {
            connections_[i].number = connect_to(options.port);
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.u64 = i;
            ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].number, &event);
            idle_.push_back(i);
        }
    }
    ~Load() {
        for (const auto& connection : connections_) {
            ::close(connection.number);
        }
        ::close(epoll_);
    }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    LoadResult run() {
        begin_ = Clock::now();
        while (answered_ < requests_.size()) {
            send_what_is_due();
            receive();
        }
        result_.time = Clock::now() - begin_;
        std::sort(result_.microseconds.begin(), result_.microseconds.end());
        return std::move(result_);
    }

private:
    Clock::time_point due_of(std::size_t request, Clock::time_point now) const {
        return options_.per_second == 0 ? now
                                        : begin_ + std::chrono::nanoseconds(static_cast<std::int64_t>(request) *
                                                                            1'000'000'000 / options_.per_second);
    }

    void send_what_is_due() {
        while (!idle_.empty() && sent_ < requests_.size()) {
            const auto now = Clock::now();
            auto& connection = connections_[idle_.front()];
            connection.due = due_of(sent_, now);
            if (connection.due > now) {
                return;
            }
            idle_.pop_front();
            send_bytes(connection.number, requests_[sent_++]);
        }
    }

    void receive() {
        std::array<epoll_event, 64> events{};
        int wait_ms = 1000;
        if (options_.per_second != 0 && !idle_.empty() && sent_ < requests_.size()) {
            const auto now = Clock::now();
            const auto left = due_of(sent_, now) - now;
            if (left < std::chrono::milliseconds(1)) {
                std::this_thread::sleep_for(std::min<Clock::duration>(left, std::chrono::microseconds(100)));
                wait_ms = 0;
            } else {
                wait_ms = 1;
            }
        }
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms);
        for (int i = 0; i < count; ++i) {
            read_from(static_cast<std::size_t>(events.at(static_cast<std::size_t>(i)).data.u64));
        }
    }

    void read_from(std::size_t index) {
        auto& connection = connections_[index];
        std::array<char, 8192> buffer{};
        const auto count = ::recv(connection.number, buffer.data(), buffer.size(), 0);
        if (count <= 0) {
            throw std::runtime_error("a connection was closed before its answer");
        }
        connection.received.append(buffer.data(), static_cast<std::size_t>(count));
        const auto so_far = connection.received;
        const int status = take_answer(connection.received);
        if (status == 0) {
            return;
        }
        const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - connection.due);
        result_.microseconds.push_back(static_cast<std::uint32_t>(taken.count()));
        if (status >= 200 && status < 300) {
            ++result_.accepted;
        } else if (result_.refused++ == 0) {
            result_.first_refusal = so_far;
        }
        ++answered_;
        idle_.push_back(index);
    }

    const std::vector<std::string>& requests_;
    const LoadOptions& options_;
    int epoll_;
    std::vector<Connection> connections_;
    std::deque<std::size_t> idle_;
    std::size_t sent_ = 0;
    std::size_t answered_ = 0;
    Clock::time_point begin_;
    LoadResult result_;
};

}  // namespace

LoadResult send_all(const std::vector<std::string>& requests, const LoadOptions& options) {
    return Load(requests, options).run();
}

}  // namespace bench
