// An edge to talk to, once as plain HTTP and once under TLS: what holds for one must hold for the other.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <stdexcept>

#include "core/failure.h"
#include "core/log.h"
#include "server/http/server.h"
#include "wire.h"

namespace wire {

// Answers with what was asked, and knows how often it was. /early/STATUS is answered before the body, /throw-… fails,
// /wait waits for open().
class CountingHandler : public server::http::Handler {
public:
    std::optional<server::http::Response> before_body(const server::http::RequestHead& head) override {
        ++heads;
        if (head.path.starts_with("/early/")) {
            return server::http::Response::problem(std::stoi(head.path.substr(7)), "an early answer");
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

enum class Over { plain, tls };

// Made once: an authority, what it issued to the server, and clients that trust it.
struct Secured {
    certificates::Authority authority;
    std::shared_ptr<const server::http::Tls> tls = tls_of(authority.issue_pair());
    TlsClients clients{authority.certificate()};

    static const Secured& one() {
        static const Secured kOne;
        return kOne;
    }
};

class Edge : public testing::TestWithParam<Over> {
protected:
    void SetUp() override {
        std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's client writes to sockets that the server has closed
        core::set_log_sink([this](std::string_view line) {
            const std::lock_guard lock(log_mutex_);
            log_ += line;
        });
    }
    void TearDown() override {
        handler_.open();
        server_.reset();
        core::set_log_sink(nullptr);
    }

    static bool secured() { return GetParam() == Over::tls; }
    static server::http::TlsSource source() {
        return secured() ? always(Secured::one().tls) : server::http::TlsSource();
    }
    // Starts the server, again where there is one.
    std::uint16_t start(const server::http::Options& options = {}, std::unique_ptr<server::http::Handler> other = {}) {
        server_.reset();
        other_handler_ = std::move(other);
        server_ =
            std::make_unique<server::http::Server>(options, other_handler_ ? *other_handler_ : handler_, source());
        return server_->port();
    }
    static Client connect(std::uint16_t port) { return Client(port, secured() ? &Secured::one().clients : nullptr); }
    std::string log() {
        const std::lock_guard lock(log_mutex_);
        return log_;
    }

    CountingHandler handler_;
    std::unique_ptr<server::http::Handler> other_handler_;
    std::unique_ptr<server::http::Server> server_;

private:
    std::mutex log_mutex_;
    std::string log_;
};

inline std::string over_name(const testing::TestParamInfo<Over>& over) {
    return over.param == Over::tls ? "Tls" : "Plain";
}

}  // namespace wire
