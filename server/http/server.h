// The HTTP edge: takes connections from the open internet and hands complete, well-formed requests to a Handler.
//
// Boost.Beast's parser on an accept loop of our own. What is malformed, ambiguous, too large or too slow is answered
// here (400, 408, 411, 413, 414, 417, 431, 501, 505) and the connection is closed; a handler never sees it. An early
// answer closes the connection, so an unread body never becomes the next request. Requests of one connection are
// answered one after the other. HEAD is shown to the handler as GET; the answer's body is left out.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/message.h"
#include "server/http/responder.h"
#include "server/http/tls.h"

namespace server::http {

struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one
    std::size_t io_threads = 2;
    std::size_t workers = 16;                   // threads for what isn't quick, which mostly waits
    std::size_t queue_max = 1024;               // requests waiting for a worker; beyond: 503 with Retry-After
    std::size_t connections_max = 4096;         // beyond: the connection is answered 503 and closed
    std::size_t header_bytes_max = 16U << 10U;  // beyond: 431
    std::size_t header_fields_max = 100;        // beyond: 431
    std::size_t body_bytes_max = 1U << 20U;     // beyond: 413
    // Of all bodies that are held at once, what is above BodyBudget::kFreeBytes of each; beyond: 503.
    std::size_t all_bodies_bytes_max = 256U << 20U;
    // From the connection, or from a later request's first byte, to the last of the head; a TLS handshake is part of
    // it.
    std::chrono::milliseconds header_deadline{5'000};
    std::chrono::milliseconds body_deadline{10'000};   // beyond: 408
    std::chrono::milliseconds idle_deadline{30'000};   // between requests of a kept connection
    std::chrono::milliseconds drain_deadline{20'000};  // stop(): running requests may finish
    std::size_t target_bytes_max = 8U << 10U;          // beyond: 414
    std::chrono::milliseconds write_deadline{60'000};  // for the client to take a whole answer; beyond: closed
};

class Handler {
public:
    virtual ~Handler() = default;

    // On an I/O thread, before the body is read; must not block. An answer ends the request (and the connection);
    // nothing lets the body be read. Health endpoints are answered here, so they need no worker.
    virtual std::optional<Response> before_body(const RequestHead& head) = 0;

    // On an I/O thread; must not block. True when begin() takes a millisecond at most and waits for nothing: it is then
    // called on that thread, otherwise on a worker.
    virtual bool is_quick(const Request& request);

    // Answers by `respond`, at once or later. What it throws becomes 500 (core::OutsideFailure: 503 with Retry-After)
    // and a log line that quotes no data. By default the answer is what handle() returns.
    virtual void begin(const std::shared_ptr<const Request>& request, const Responder& respond);

    // For begin(): on a worker thread; may block on the database.
    virtual Response handle(const Request& request) = 0;

    // On any thread; must not block. The answer to what never reaches handle() or fails there, for handlers that have
    // a form of their own for it. `path` is empty when none was read; `reason` is constant text. The status stays what
    // it is, whatever the answer says. By default problem+json.
    virtual Response refused(int status, std::string_view path, std::string_view reason);
};

class Server {
public:
    // Binds and listens at once (no port sharing); throws core::OutsideFailure naming the address when it is taken.
    // With a source of TLS every connection is secured, each with what the source gives when it begins.
    Server(const Options& options, Handler& handler, TlsSource tls = {});
    // Stops as stop() does.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;
    // Accepts no more, lets running requests finish until the drain deadline, closes everything. A handler that runs on
    // beyond, or has a request that it hasn't answered, is waited for. Idempotent; not to be called by a handler.
    void stop();

    struct Impl;

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace server::http
