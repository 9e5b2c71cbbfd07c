// What bytes come in and go out on: a socket, or TLS on a socket. The only place that knows which of the two it is.
//
// Satisfies Asio's AsyncReadStream and AsyncWriteStream for handlers that are functions.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "server/http/tls_impl.h"

namespace server::http {

using Socket = boost::asio::ip::tcp::socket;

class Stream {
public:
    using executor_type = Socket::executor_type;
    using Error = boost::system::error_code;

    // Without a Tls the bytes go as they are.
    Stream(Socket socket, std::shared_ptr<const Tls> tls) : socket_(std::move(socket)), tls_(std::move(tls)) {
        if (tls_) {
            secured_.emplace(socket_, tls_->impl().context);
        }
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    executor_type get_executor() { return socket_.get_executor(); }

    std::string remote_address() const {
        Error error;
        const auto endpoint = socket_.remote_endpoint(error);
        return error ? "unknown" : endpoint.address().to_string();
    }

    bool is_secured() const { return secured_.has_value(); }
    // For a secured stream: once, before anything is read or written; handler(error).
    template <typename Handler>
    void async_handshake(Handler&& handler) {
        secured_->async_handshake(boost::asio::ssl::stream_base::server, std::forward<Handler>(handler));
    }
    // For a secured stream: tells the client that no more will come, and waits for it to say the same; handler(error).
    template <typename Handler>
    void async_end(Handler&& handler) {
        secured_->async_shutdown(std::forward<Handler>(handler));
    }

    template <typename Buffers, typename Handler>
    void async_read_some(const Buffers& buffers, Handler&& handler) {
        if (secured_) {
            secured_->async_read_some(buffers, std::forward<Handler>(handler));
        } else {
            socket_.async_read_some(buffers, std::forward<Handler>(handler));
        }
    }
    template <typename Buffers, typename Handler>
    void async_write_some(const Buffers& buffers, Handler&& handler) {
        if (secured_) {
            secured_->async_write_some(buffers, std::forward<Handler>(handler));
        } else {
            socket_.async_write_some(buffers, std::forward<Handler>(handler));
        }
    }

    // The bytes below whatever secures them, for throwing them away.
    Socket& socket() { return socket_; }

private:
    Socket socket_;
    std::shared_ptr<const Tls> tls_;
    std::optional<boost::asio::ssl::stream<Socket&>> secured_;
};

}  // namespace server::http
