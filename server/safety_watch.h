// SafetyWatch: what was checked when the service started is checked again while it runs. When it no longer holds,
// callbacks are not acknowledged until it does: the channels send them again.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/db/database.h"

namespace server {

class SafetyWatch {
public:
    // A database that can't be reached says nothing about its settings: the last answer stands.
    SafetyWatch(core::db::Database& database, std::chrono::milliseconds every);
    ~SafetyWatch();
    SafetyWatch(const SafetyWatch&) = delete;
    SafetyWatch& operator=(const SafetyWatch&) = delete;

    // False from when core::db::require_safe_service() refuses; the reason is in the log.
    bool holds() const noexcept { return holds_; }

private:
    void run(std::chrono::milliseconds every);
    void look();

    core::db::Database& database_;
    std::atomic<bool> holds_{true};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace server
