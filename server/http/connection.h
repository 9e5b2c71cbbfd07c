// One connection: reads a request, has it answered, writes the answer, and begins again or closes.
//
// What always holds:
//   C1  Everything happens on the connection's strand, one step at a time; other threads only post to it.
//   C2  Every phase but the handler's has one deadline for the whole of it, so a byte a second doesn't keep it alive.
//   C3  After an answer that leaves anything unread or in doubt, nothing more is understood as a request.
//   C4  Whether it is secured is the stream's business; here only its beginning and its end differ.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/log.h"
#include "server/http/body_budget.h"
#include "server/http/connections.h"
#include "server/http/head_reader.h"
#include "server/http/responder.h"
#include "server/http/response_writer.h"
#include "server/http/server.h"
#include "server/http/stream.h"
#include "server/http/workers.h"

namespace server::http {

// What all connections share; outlives them.
struct Edge {
    const Options& options;
    Handler& handler;
    Workers& workers;
    Connections& connections;
    BodyBudget& bodies;
    Unanswered& unanswered;
    HeadLimits limits;
    TlsSource tls;  // none: connections are not secured
};

class Connection final : public Tracked, public Responder::Asker, public std::enable_shared_from_this<Connection> {
public:
    Connection(Socket socket, Edge& edge);

    // One of the two, once, after Connections::add().
    void start();
    void turn_away();

    void close_soon() override;
    void finish_soon() override;
    void take_answer_to(std::uint64_t question, Response response) noexcept override;

private:
    using Time = std::chrono::steady_clock::time_point;
    using Error = boost::system::error_code;
    enum class Phase { handshake, idle, head, body, handling, writing, draining, closed };

    void post(void (Connection::*step)());
    template <typename Step>
    void attempt(Step step);
    auto then(void (Connection::*step)(const Error&, std::size_t));
    void enter(Phase phase);
    void enter(Phase phase, std::chrono::milliseconds deadline);
    void set_deadline(std::chrono::milliseconds deadline);
    void when_late();
    void finish();
    void leave();
    void part();
    void hang_up();
    void close();

    void begin();
    void take_handshake(const Error& error, std::size_t count);
    void begin_talking();
    void drain_on();
    void take_parted(const Error& error, std::size_t count);
    void take_drained(const Error& error, std::size_t count);

    // connection_exchange.cpp
    void begin_head();
    void next_request();
    void read_on(std::size_t bytes_max);
    void take_received(const Error& error, std::size_t count);
    void take_end();
    void take_head_bytes();
    void take_head();
    void begin_body();
    void take_body_bytes();
    std::size_t body_missing() const;

    void dispatch();
    void take_answer(Response response);
    void refuse(const Refusal& refusal);
    void answer(Response response, bool keep_alive, std::string_view reason = {});
    void take_continue_written(const Error& error, std::size_t count);
    void take_written(const Error& error, std::size_t count);
    void log_answer(int status, std::string_view reason) const;
    const RequestHead& asked() const;

    // At a time, of what is not a body.
    static constexpr std::size_t kReadBytes = 4096;
    // When the server stops, a request that is on its way right now is still taken.
    static constexpr std::chrono::milliseconds kLastCall{200};

    Stream stream_;
    boost::asio::steady_timer timer_;
    Edge& edge_;
    std::string remote_;

    Phase phase_ = Phase::head;
    std::uint64_t step_ = 0;    // counts phases: what was asked for in an earlier one is no longer listened to
    bool turned_away_ = false;  // to be told that there are too many
    bool finishing_ = false;    // close after the answer

    std::string incoming_;  // where the next bytes go
    std::string received_;  // what came and isn't understood yet
    HeadReader reader_;
    std::optional<Head> head_;                // from its end until the handler's turn
    std::shared_ptr<const Request> request_;  // from then on, shared with the handler
    std::string body_;
    BodyBudget::Share share_;  // of body_, and of the request it became
    Framing framing_;
    Time began_;

    std::string answer_head_;
    std::string answer_body_;
    std::size_t drained_ = 0;
};

// A step that fails (out of memory, say) costs this connection and no other.
template <typename Step>
void Connection::attempt(Step step) {
    try {
        step();
    } catch (const std::exception&) {
        close();
        core::log_error("connection_failed", {{"remote", remote_}});
    }
}

// What follows an operation, unless the connection has gone on to something else meanwhile.
inline auto Connection::then(void (Connection::*step)(const Error&, std::size_t)) {
    return [self = shared_from_this(), step, number = step_](const Error& error, std::size_t count = 0) {
        if (number == self->step_) {
            self->attempt([&] { (self.get()->*step)(error, count); });
        }
    };
}

}  // namespace server::http
