#include "server/http/listener.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <cerrno>
#include <future>
#include <system_error>

#include "core/failure.h"
#include "core/log.h"

namespace server::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::chrono::milliseconds kPause{20};         // while there are no descriptors
constexpr std::chrono::seconds kComplaintInterval{10};  // one line in the log for many refused connections
constexpr int kTakenAtOnceMax = 256;                    // then the other work of the thread has its turn

tcp::endpoint resolve(asio::io_context& context, const std::string& host, std::uint16_t port) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (!error) {
        return {address, port};
    }
    tcp::resolver resolver(context);
    const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
    if (error || found.empty()) {
        throw core::UsageError("the address to listen on is not known: " + host);
    }
    return *found.begin();
}

std::string name_of(const std::string& host, std::uint16_t port) {
    return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

// Closes unless released.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

private:
    int fd_;
};

// A port in TIME_WAIT is no hindrance; one that another process listens on is.
int listening_socket(const tcp::endpoint& endpoint, const std::string& name) {
    Descriptor fd(::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    const bool listening = fd.get() >= 0 && ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
                           ::bind(fd.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0 &&
                           ::listen(fd.get(), SOMAXCONN) == 0;
    if (!listening) {
        throw core::OutsideFailure("can't listen on " + name + ": " + std::generic_category().message(errno));
    }
    return fd.release();
}

}  // namespace

Listener::Listener(asio::io_context& context, const std::string& host, std::uint16_t port)
    : context_(context), acceptor_(asio::make_strand(context)), pause_(acceptor_.get_executor()) {
    const auto wanted = resolve(context, host, port);
    acceptor_.assign(wanted.protocol(), listening_socket(wanted, name_of(host, port)));
    endpoint_ = acceptor_.local_endpoint();
}

void Listener::start(std::function<void(tcp::socket)> taken, std::function<void()> make_room) {
    taken_ = std::move(taken);
    make_room_ = std::move(make_room);
    asio::post(acceptor_.get_executor(), [this] { wait(); });
}

void Listener::stop() {
    std::promise<void> done;
    asio::post(acceptor_.get_executor(), [&] {
        take_pending();
        boost::system::error_code ignored;
        pause_.cancel();
        acceptor_.close(ignored);
        done.set_value();
    });
    done.get_future().wait();
}

void Listener::wait() {
    if (!acceptor_.is_open()) {
        return;
    }
    acceptor_.async_wait(tcp::acceptor::wait_read, [this](const boost::system::error_code& error) {
        if (error) {
            return;  // closed
        }
        take_pending();
    });
}

void Listener::wait_a_moment() {
    pause_.expires_after(kPause);
    pause_.async_wait([this](const boost::system::error_code&) { wait(); });
}

void Listener::take_pending() {
    for (int taken = 0; taken < kTakenAtOnceMax; ++taken) {
        if (!take_one()) {
            return;
        }
    }
    wait();
}

// False when there is no more for now; what comes later has been seen to.
bool Listener::take_one() {
    const int fd = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        take_failure(errno);
        return false;
    }
    Descriptor held(fd);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    try {
        tcp::socket socket(asio::make_strand(context_));
        socket.assign(endpoint_.protocol(), fd);
        held.release();
        taken_(std::move(socket));
    } catch (const std::exception&) {
        core::log_error("connection_not_taken");
    }
    return true;
}

// Out of descriptors or memory: the pending connection stays in the queue of the system, which says so again and again.
void Listener::take_failure(int error) {
    if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ECONNABORTED) {
        wait();
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - last_complaint_ > kComplaintInterval) {
        last_complaint_ = now;
        core::log_error("accept_failed", {{"errno", error}});
    }
    make_room_();
    wait_a_moment();
}

}  // namespace server::http
