#include "server/http/connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <utility>

#include "core/log.h"

namespace server::http {
namespace {

namespace asio = boost::asio;

// After an answer that closes, what the client still sends is thrown away for a while: closing on unread bytes resets
// the connection, and a reset may overtake the answer.
constexpr std::size_t kDrainBytesMax = std::size_t{64} * 1024;
constexpr std::chrono::milliseconds kDrainDeadline{1'000};

// Clients that connect and go away again (probes, scanners) are no failed handshake.
bool went_away(const boost::system::error_code& error) {
    return error == asio::error::eof || error == asio::error::connection_reset ||
           error == asio::error::operation_aborted || error == asio::ssl::error::stream_truncated;
}

}  // namespace

Connection::Connection(Socket socket, Edge& edge)
    : stream_(std::move(socket), edge.tls ? edge.tls() : nullptr),
      timer_(stream_.get_executor()),
      edge_(edge),
      remote_(stream_.remote_address()),
      reader_(edge.limits),
      share_(edge.bodies) {}

void Connection::start() { post(&Connection::begin); }
void Connection::turn_away() {
    turned_away_ = true;
    start();
}
void Connection::close_soon() { post(&Connection::close); }
void Connection::finish_soon() { post(&Connection::finish); }

void Connection::post(void (Connection::*step)()) {
    asio::post(stream_.get_executor(),
               [self = shared_from_this(), step] { self->attempt([&] { (self.get()->*step)(); }); });
}

void Connection::enter(Phase phase) {
    phase_ = phase;
    ++step_;
    timer_.cancel();
}

void Connection::enter(Phase phase, std::chrono::milliseconds deadline) {
    enter(phase);
    set_deadline(deadline);
}

void Connection::set_deadline(std::chrono::milliseconds deadline) {
    timer_.expires_after(deadline);
    timer_.async_wait([self = shared_from_this(), number = step_](const Error& error) {
        // A wait that ended just before it was set anew says nothing about the new deadline.
        if (!error && number == self->step_ && self->timer_.expiry() <= std::chrono::steady_clock::now()) {
            self->attempt([&] { self->when_late(); });
        }
    });
}

void Connection::when_late() {
    const bool asked_something = phase_ == Phase::body || (phase_ == Phase::head && !received_.empty());
    if (asked_something) {
        refuse({408, "the request was too slow"});
    } else if (phase_ == Phase::idle || phase_ == Phase::head) {
        leave();
    } else {
        close();
    }
}

void Connection::finish() {
    finishing_ = true;
    if (phase_ == Phase::idle || phase_ == Phase::head || phase_ == Phase::handshake) {
        set_deadline(kLastCall);
    }
}

// For when nothing was asked. Plain connections need no farewell.
void Connection::leave() {
    if (stream_.is_secured()) {
        part();
    } else {
        close();
    }
}

// For after the last answer. A secured client is told that nothing was cut off; what it says to that, or sends instead,
// doesn't matter any more.
void Connection::part() {
    Error ignored;
    stream_.socket().cancel(ignored);
    enter(Phase::draining, kDrainDeadline);
    if (stream_.is_secured()) {
        stream_.async_end(then(&Connection::take_parted));
    } else {
        hang_up();
    }
}

void Connection::take_parted(const Error& /*error*/, std::size_t /*count*/) { hang_up(); }

void Connection::hang_up() {
    Error ignored;
    stream_.socket().shutdown(Socket::shutdown_send, ignored);
    drain_on();
}

void Connection::close() {
    if (phase_ == Phase::closed) {
        return;
    }
    enter(Phase::closed);
    Error ignored;
    stream_.socket().close(ignored);
    share_.give_back();
    edge_.connections.remove(*this);
}

void Connection::begin() {
    if (phase_ == Phase::closed) {  // made room for another before it came to anything
        return;
    }
    begin_head();
    if (stream_.is_secured()) {
        phase_ = Phase::handshake;
        stream_.async_handshake(then(&Connection::take_handshake));
    } else {
        begin_talking();
    }
}

// The head has what the handshake left of their common deadline.
void Connection::take_handshake(const Error& error, std::size_t /*count*/) {
    if (!error) {
        phase_ = Phase::head;
        begin_talking();
        return;
    }
    if (!went_away(error)) {
        core::log_info("tls_refused", {{"reason", error.message()}, {"remote", remote_}});
    }
    enter(Phase::draining, kDrainDeadline);
    hang_up();
}

void Connection::begin_talking() {
    began_ = std::chrono::steady_clock::now();  // what the log says of the request is not about the handshake
    if (turned_away_) {
        refuse({503, "too many connections"});
    } else {
        read_on(kReadBytes);
    }
}

// What is thrown away need not be deciphered first.
void Connection::drain_on() {
    incoming_.resize(kReadBytes);
    stream_.socket().async_read_some(asio::buffer(incoming_), then(&Connection::take_drained));
}

void Connection::take_drained(const Error& error, std::size_t count) {
    drained_ += count;
    if (error || drained_ > kDrainBytesMax) {
        close();
    } else {
        drain_on();
    }
}

}  // namespace server::http
