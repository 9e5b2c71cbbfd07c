#include "server/safety_watch.h"

#include "core/failure.h"
#include "core/log.h"

namespace server {

SafetyWatch::SafetyWatch(core::db::Database& database, std::chrono::milliseconds every)
    : database_(database), thread_([this, every] { run(every); }) {}

SafetyWatch::~SafetyWatch() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void SafetyWatch::run(std::chrono::milliseconds every) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, every, [this] { return ending_; })) {
        lock.unlock();
        look();
        lock.lock();
    }
}

void SafetyWatch::look() {
    try {
        core::db::require_safe_service(database_);
        if (!holds_.exchange(true)) {
            core::log_info("safe_again");
        }
    } catch (const core::UsageError& unsafe) {
        if (holds_.exchange(false)) {
            core::log_error("not_safe_any_more", {{"reason", unsafe.what()}});
        }
    } catch (const core::Failure& failure) {
        core::log_warning("safety_not_checked", {{"reason", failure.what()}});
    }
}

}  // namespace server
