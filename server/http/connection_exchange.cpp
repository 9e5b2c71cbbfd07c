// Reading requests, having them answered, and writing the answers.
#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "core/failure.h"
#include "core/log.h"
#include "server/http/connection.h"
#include "server/http/run_handler.h"
#include "server/http/second_reader.h"

namespace server::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kBodyReadBytes = std::size_t{32} * 1024;
constexpr std::size_t kLoggedPathBytesMax = 256;

// An answer with a small body goes out as one piece: under TLS, one record.
constexpr std::size_t kOnePieceBytesMax = std::size_t{8} * 1024;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void Connection::begin_head() {
    began_ = std::chrono::steady_clock::now();
    enter(Phase::head, finishing_ ? kLastCall : edge_.options.header_deadline);
    edge_.connections.waits(*this, Connections::Waiting::for_rest_of_head);
}

void Connection::next_request() {
    reader_ = HeadReader(edge_.limits);
    head_.reset();
    request_.reset();
    share_.give_back();
    if (!received_.empty()) {  // pipelined
        begin_head();
        take_head_bytes();
        return;
    }
    received_ = {};  // gives its memory back
    enter(Phase::idle, finishing_ ? kLastCall : edge_.options.idle_deadline);
    edge_.connections.waits(*this, Connections::Waiting::for_next_request);
    read_on(kReadBytes);
}

void Connection::read_on(std::size_t bytes_max) {
    incoming_.resize(bytes_max);
    stream_.async_read_some(asio::buffer(incoming_), then(&Connection::take_received));
}

void Connection::take_received(const Error& error, std::size_t count) {
    received_.append(incoming_, 0, count);
    if (error == asio::error::eof) {
        take_end();
    } else if (error) {
        close();
    } else if (phase_ == Phase::body) {
        take_body_bytes();
    } else {
        if (phase_ == Phase::idle) {
            begin_head();
        }
        take_head_bytes();
    }
}

void Connection::take_end() {
    if (phase_ == Phase::body || !received_.empty()) {
        refuse({400, "the request ends early"});
    } else {
        leave();
    }
}

void Connection::take_head_bytes() {
    const auto progress = reader_.read(received_);
    if (!progress) {
        refuse(progress.error());
    } else if (*progress == HeadReader::Progress::more) {
        read_on(kReadBytes);
    } else {
        take_head();
    }
}

void Connection::take_head() {
    const std::string_view bytes(received_.data(), reader_.size());
    const bool agreed = second_reader_agrees(bytes, reader_.head());
    head_ = reader_.take();
    head_->request.remote = remote_;
    received_.erase(0, bytes.size());
    if (const auto refusal = settle_framing(*head_, edge_.limits)) {
        refuse(*refusal);
        return;
    }
    if (!agreed) {
        refuse({400, "the head can be understood in two ways"});
        return;
    }
    if (!edge_.connections.works(*this)) {
        close();
        return;
    }
    if (auto early = run_before_body(edge_.handler, head_->request)) {
        answer(std::move(*early), false);
        return;
    }
    begin_body();
}

void Connection::begin_body() {
    body_.clear();
    enter(Phase::body, edge_.options.body_deadline);
    if (head_->expects_continue && received_.empty()) {
        asio::async_write(stream_, asio::buffer(kContinue), then(&Connection::take_continue_written));
    } else {
        take_body_bytes();
    }
}

void Connection::take_continue_written(const Error& error, std::size_t /*count*/) {
    if (error) {
        close();
    } else {
        take_body_bytes();
    }
}

std::size_t Connection::body_missing() const { return static_cast<std::size_t>(head_->body_bytes) - body_.size(); }

// The body grows with what has come, not with what was announced: announcing costs a client nothing.
void Connection::take_body_bytes() {
    const std::size_t count = std::min(received_.size(), body_missing());
    if (!share_.grow_to(body_.size() + count)) {
        refuse({503, "too many large bodies are on their way"});
        return;
    }
    body_.append(received_, 0, count);
    received_.erase(0, count);
    if (body_missing() == 0) {
        dispatch();
    } else {
        read_on(std::min(kBodyReadBytes, body_missing()));
    }
}

void Connection::dispatch() {
    request_ = std::make_shared<const Request>(Request{std::move(head_->request), std::exchange(body_, {})});
    enter(Phase::handling);
    const Responder respond(shared_from_this(), step_, edge_.unanswered);
    if (edge_.handler.is_quick(*request_)) {
        run_handler(edge_.handler, request_, respond);
        return;
    }
    const bool queued = edge_.workers.submit(
        [&handler = edge_.handler, request = request_, respond] { run_handler(handler, request, respond); });
    if (!queued) {
        refuse({503, "too many requests are waiting"});
    }
}

void Connection::take_answer_to(std::uint64_t question, Response response) noexcept {
    try {
        asio::post(stream_.get_executor(),
                   [self = shared_from_this(), question, response = std::move(response)]() mutable {
                       if (question == self->step_) {
                           self->attempt([&] { self->take_answer(std::move(response)); });
                       }
                   });
    } catch (const std::exception&) {
        core::log_error("answer_not_given");  // no memory: the client's own deadline ends it
    }
}

void Connection::take_answer(Response response) { answer(std::move(response), head_->keep_alive && !finishing_); }

void Connection::refuse(const Refusal& refusal) {
    Error ignored;
    stream_.socket().cancel(ignored);
    if (!request_) {
        body_ = {};
        share_.give_back();
    }
    answer(refusal_answer(edge_.handler, refusal.status, asked().path, refusal.reason), false, refusal.reason);
}

void Connection::answer(Response response, bool keep_alive, std::string_view reason) {
    framing_ = {head_ ? head_->head_only : reader_.head().head_only, keep_alive};
    try {
        answer_head_ = write_head(response, framing_, core::SystemClock().now());
    } catch (const core::Failure& failure) {
        core::log_error("answer_is_malformed", {{"reason", failure.what()}});
        response = Response::problem(500, reason_phrase(500));
        answer_head_ = write_head(response, framing_, core::SystemClock().now());
    }
    log_answer(response.status, reason);
    answer_body_ = has_body(response, framing_) ? std::move(response.body) : std::string();
    if (answer_body_.size() <= kOnePieceBytesMax) {
        answer_head_ += std::exchange(answer_body_, {});
    }
    enter(Phase::writing, edge_.options.write_deadline);
    const std::array<asio::const_buffer, 2> bytes{asio::buffer(answer_head_), asio::buffer(answer_body_)};
    asio::async_write(stream_, bytes, then(&Connection::take_written));
}

void Connection::take_written(const Error& error, std::size_t /*count*/) {
    answer_head_ = {};
    answer_body_ = {};
    if (error) {
        close();
        return;
    }
    if (framing_.keep_alive) {
        next_request();
    } else {
        part();
    }
}

// Values of header fields and the query stay out: they hold tokens, signatures and whatever an attacker likes.
void Connection::log_answer(int status, std::string_view reason) const {
    const auto took = std::chrono::steady_clock::now() - began_;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    const RequestHead& head = asked();
    const std::array<core::LogField, 5> fields{{{"status", status},
                                                {"method", head.method},
                                                {"path", std::string_view(head.path).substr(0, kLoggedPathBytesMax)},
                                                {"duration_ms", static_cast<std::int64_t>(ms)},
                                                {"remote", remote_}}};
    if (reason.empty()) {
        core::log_info("http_request", {fields[0], fields[1], fields[2], fields[3], fields[4]});
    } else {
        core::log_info("http_refused", {fields[0], fields[1], fields[2], fields[3], fields[4], {"reason", reason}});
    }
}

const RequestHead& Connection::asked() const {
    if (request_) {
        return request_->head;
    }
    return head_ ? head_->request : reader_.head().request;
}

}  // namespace server::http
