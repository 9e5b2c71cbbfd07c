// One connection: reads a request, has it answered, writes the answer, and begins again or closes.
//
// What always holds:
//   C1  Everything happens on the connection's strand, one step at a time; other threads only post to it.
//   C2  Every phase but the handler's has one deadline for the whole of it, so a byte a second doesn't keep it alive.
//   C3  After an answer that leaves anything unread or in doubt, nothing more is understood as a request.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "server/http/connections.h"
#include "server/http/head_reader.h"
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
    HeadLimits limits;
};

class Connection final : public Tracked, public std::enable_shared_from_this<Connection> {
public:
    Connection(Stream socket, Edge& edge);

    // One of the two, once, after Connections::add().
    void start();
    void turn_away();

    void close_soon() override;
    void finish_soon() override;

private:
    using Time = std::chrono::steady_clock::time_point;
    using Error = boost::system::error_code;
    enum class Phase { idle, head, body, handling, writing, draining, closed };

    void post(void (Connection::*step)());
    template <typename Step>
    void attempt(Step step);
    auto then(void (Connection::*step)(const Error&, std::size_t));
    void enter(Phase phase);
    void enter(Phase phase, std::chrono::milliseconds deadline);
    void set_deadline(std::chrono::milliseconds deadline);
    void when_late();
    void finish();
    void close();

    void begin();
    void next_request();
    void begin_head();
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
    void tell_too_many();
    void refuse(const Refusal& refusal);
    void answer(Response response, bool keep_alive, std::string_view reason = {});
    void take_continue_written(const Error& error, std::size_t count);
    void take_written(const Error& error, std::size_t count);
    void drain_on();
    void take_drained(const Error& error, std::size_t count);
    void log_answer(int status, std::string_view reason) const;
    const RequestHead& asked() const;

    Stream socket_;
    boost::asio::steady_timer timer_;
    Edge& edge_;
    std::string remote_;

    Phase phase_ = Phase::head;
    std::uint64_t step_ = 0;  // counts phases: what was asked for in an earlier one is no longer listened to
    bool finishing_ = false;  // close after the answer

    std::string incoming_;  // where the next bytes go
    std::string received_;  // what came and isn't understood yet
    HeadReader reader_;
    std::optional<Head> head_;                // from its end until the handler's turn
    std::shared_ptr<const Request> request_;  // from then on, shared with the worker
    std::string body_;
    Framing framing_;
    Time began_;

    std::string answer_head_;
    std::string answer_body_;
    std::size_t drained_ = 0;
};

}  // namespace server::http
