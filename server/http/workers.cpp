#include "server/http/workers.h"

#include <utility>

namespace server::http {

Workers::Workers(std::size_t threads, std::size_t queue_max) : queue_max_(queue_max), free_(threads) {
    threads_.reserve(threads);
    try {
        for (std::size_t i = 0; i < threads; ++i) {
            threads_.emplace_back([this] { run(); });
        }
    } catch (...) {
        stop();
        throw;
    }
}

Workers::~Workers() { stop(); }

bool Workers::submit(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopped_ || queue_.size() >= queue_max_ + free_) {
            return false;
        }
        queue_.push_back(std::move(task));
    }
    changed_.notify_one();
    return true;
}

void Workers::stop() {
    std::deque<std::function<void()>> dropped;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        dropped.swap(queue_);
    }
    changed_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) {
            thread.join();
        }
    }
}

void Workers::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
        if (stopped_) {
            return;
        }
        auto task = std::move(queue_.front());
        queue_.pop_front();
        --free_;
        lock.unlock();
        task();
        task = nullptr;  // what it holds goes outside of the lock
        lock.lock();
        ++free_;
    }
}

}  // namespace server::http
