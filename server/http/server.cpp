#include "server/http/server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <mutex>
#include <thread>
#include <vector>

#include "core/failure.h"
#include "core/log.h"
#include "server/http/connection.h"
#include "server/http/connections.h"
#include "server/http/listener.h"
#include "server/http/workers.h"

namespace server::http {
namespace {

namespace asio = boost::asio;

// For answers that were given just at the drain deadline, and for sockets to be closed.
constexpr std::chrono::milliseconds kLastMoment{1'000};

// When there are no descriptors left.
constexpr int kEvictedAtOnce = 8;

HeadLimits limits_of(const Options& options) {
    return {options.header_bytes_max, options.target_bytes_max, options.header_fields_max, options.body_bytes_max};
}

}  // namespace

// Members are destroyed from the last to the first: the context, which holds what is left of connections, goes before
// what they refer to.
struct Server::Impl {
    Impl(const Options& given, Handler& given_handler, TlsSource tls)
        : options(given),
          workers(options.workers, options.queue_max),
          connections(options.connections_max),
          bodies(options.all_bodies_bytes_max),
          edge{options, given_handler, workers, connections, bodies, unanswered, limits_of(options), std::move(tls)},
          context(static_cast<int>(options.io_threads)),
          guard(context.get_executor()),
          listener(context, options.host, options.port) {}

    ~Impl() { stop(); }

    void start();
    void run();
    void make_room();
    void take(Socket socket);
    void stop();
    void stop_once();

    const Options options;
    Workers workers;
    Connections connections;
    BodyBudget bodies;
    Unanswered unanswered;
    Edge edge;
    asio::io_context context;
    asio::executor_work_guard<asio::io_context::executor_type> guard;
    Listener listener;
    std::vector<std::thread> threads;
    std::once_flag stopped;
};

void Server::Impl::start() {
    for (std::size_t i = 0; i < options.io_threads; ++i) {
        threads.emplace_back([this] { run(); });
    }
    listener.start([this](Socket socket) { take(std::move(socket)); }, [this] { make_room(); });
}

// Some at a time: each time that there is no descriptor the listener pauses.
void Server::Impl::make_room() {
    int evicted = 0;
    while (evicted < kEvictedAtOnce && connections.evict()) {
        ++evicted;
    }
}

// What escapes a step must not take the thread with it.
void Server::Impl::run() {
    while (true) {
        try {
            context.run();
            return;
        } catch (const std::exception&) {
            core::log_error("io_step_failed");
        }
    }
}

void Server::Impl::take(Socket socket) {
    const auto connection = std::make_shared<Connection>(std::move(socket), edge);
    switch (connections.add(connection)) {
        case Connections::Admission::admitted:
            connection->start();
            return;
        case Connections::Admission::turned_away:
            connection->turn_away();
            return;
        case Connections::Admission::refused:
            return;
    }
}

void Server::Impl::stop() {
    std::call_once(stopped, [this] { stop_once(); });
}

void Server::Impl::stop_once() {
    if (!threads.empty()) {
        listener.stop();
        connections.finish_all();
        if (!connections.wait_until_empty(options.drain_deadline)) {
            core::log_warning("connections_cut_off", {{"count", connections.size()}});
        }
        connections.close_all();
    }
    workers.stop();
    unanswered.wait_until_none();
    if (!threads.empty()) {
        connections.wait_until_empty(kLastMoment);
    }
    guard.reset();
    context.stop();
    for (auto& thread : threads) {
        thread.join();
    }
    connections.forget_all();
}

Server::Server(const Options& options, Handler& handler, TlsSource tls) {
    core::ensure(options.io_threads > 0 && options.workers > 0, "an HTTP server has threads");
    impl_ = std::make_unique<Impl>(options, handler, std::move(tls));
    impl_->start();
}

Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->listener.port(); }

void Server::stop() { impl_->stop(); }

}  // namespace server::http
