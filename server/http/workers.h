// Threads that may block, behind a queue that does not grow without bound.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace server::http {

class Workers {
public:
    // At most `queue_max` tasks wait while all threads are busy.
    Workers(std::size_t threads, std::size_t queue_max);
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    // Never blocks. False when the queue is full or stop() was called; the task is then dropped. Tasks must not throw.
    [[nodiscard]] bool submit(std::function<void()> task);

    // Drops what waits and returns when what runs has ended. Idempotent; not to be called from a task.
    void stop();

private:
    void run();

    const std::size_t queue_max_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    std::size_t free_;  // threads without a task, also those that are about to take one from the queue
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace server::http
