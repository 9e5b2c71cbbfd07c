// The listening socket: binds at once, takes connections as they come, and survives running out of descriptors.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <string>

namespace server::http {

class Listener {
public:
    // Throws core::UsageError when the host is no address or known name, core::OutsideFailure when the address can't be
    // had. Sockets are not inherited by programs that we start: the database outlives us, and would keep the port.
    Listener(boost::asio::io_context& context, const std::string& host, std::uint16_t port);

    std::uint16_t port() const { return endpoint_.port(); }

    // From now on: `taken` gets each connection, on a strand of its own; `make_room` is asked to free a descriptor when
    // there are none left. Both are called on an I/O thread, one call at a time.
    void start(std::function<void(boost::asio::ip::tcp::socket)> taken, std::function<void()> make_room);
    // Takes what has already been connected and then no more. Returns when that is done; the context must be running.
    void stop();

private:
    void wait();
    void wait_a_moment();
    void take_pending();
    bool take_one();
    void take_failure(int error);

    boost::asio::io_context& context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    boost::asio::ip::tcp::endpoint endpoint_;
    std::function<void(boost::asio::ip::tcp::socket)> taken_;
    std::function<void()> make_room_;
    std::chrono::steady_clock::time_point last_complaint_{};
};

}  // namespace server::http
