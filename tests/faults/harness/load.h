// The load: 64 keep-alive connections that send callbacks as payment providers do. What isn't acknowledged is sent
// again, the same bytes; one in twenty of the acknowledged ones too.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/faults/harness/world.h"

namespace faults {

struct LoadOptions {
    std::size_t connections = 64;
    int repeats_percent = 5;
    bool resend = true;                // false: each message once, whatever the answer
    bool connect_anew = false;         // a new connection for each message
    Milliseconds pause{0};             // of a connection after each answer
    Milliseconds patience{kPatience};  // an answer that takes longer counts as hung
};

struct Traffic {
    std::size_t sent = 0;                // requests written whole
    std::size_t acknowledged = 0;        // messages, each once
    std::size_t repeats = 0;             // acknowledgements of messages that were acknowledged before
    std::size_t broken = 0;              // connections that ended while an answer was awaited: the outcome is unknown
    std::size_t hung = 0;                // no answer in time
    std::map<int, std::size_t> refused;  // by status
    std::int64_t slowest_ms = 0;         // answer

    std::size_t refused_all() const;
    std::size_t refused_5xx() const;
    void add(const Traffic& other);
};

class Load {
public:
    Load(World& world, LoadOptions options) : world_(world), options_(options) {}
    ~Load() { stop(); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    // Messages that wait to be sent. What is older than the channels' time window allows is left out when it is its
    // turn.
    void add(const std::vector<std::size_t>& callbacks);
    std::size_t waiting();

    void start();
    // Every connection has its answer, or none to expect.
    void stop();

    // Since the last take_traffic().
    Traffic traffic();
    Traffic take_traffic();
    // The messages that were acknowledged since the last call.
    std::vector<std::size_t> take_acknowledged();
    std::size_t in_flight() const noexcept { return in_flight_; }
    // True when everything is answered in time, repetitions too.
    bool wait_for_all(Milliseconds most);

    // True when a message that is sent from now on (a new one, not a repeat) is acknowledged in time.
    bool wait_for_acknowledgement(Milliseconds most);
    bool wait_for_acknowledged(std::size_t more, Milliseconds most);

private:
    struct Job {
        std::size_t callback;
        bool is_repeat;
    };
    class Line;

    void work();
    bool next(Job& job);
    void deliver(Line& line, const Job& job);
    void answered(const Job& job, int status, Steady::time_point sent_at);
    void unanswered(const Job& job, bool hung);

    World& world_;
    const LoadOptions options_;
    std::vector<std::thread> threads_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::size_t> in_flight_{0};
    std::mutex mutex_;
    std::condition_variable news_;
    std::deque<Job> queue_;
    std::size_t taken_ = 0;  // from the queue, and not yet done with
    Traffic traffic_;
    std::vector<std::size_t> acknowledged_;
    Steady::time_point last_sent_of_acknowledged_{};
    std::minstd_rand random_{1};
};

}  // namespace faults
