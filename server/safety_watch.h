// SafetyWatch: what was checked when the service started is checked again while it runs. When it no longer holds,
// callbacks are not acknowledged until it does: the channels send them again.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/section.h"
#include "core/db/database.h"

namespace server {

class SafetyWatch {
public:
    // Asked each time, since a reload may bring others.
    using SecretFiles = std::function<std::vector<config::SecretFile>()>;

    // Looks every so often at the database's settings and at the rights of the files that secrets were read from. A
    // database that can't be reached says nothing about its settings, and a file that is gone gives nothing away.
    // `also` is done each time, for other alarms.
    SafetyWatch(core::db::Database& database, SecretFiles secret_files, std::chrono::milliseconds every,
                std::function<void()> also = {});
    ~SafetyWatch();
    SafetyWatch(const SafetyWatch&) = delete;
    SafetyWatch& operator=(const SafetyWatch&) = delete;

    // False from when one of them is refused; the reason is in the log.
    bool holds() const noexcept { return holds_; }
    // What no longer holds, for whoever asks: names settings, never paths. Empty when all does.
    std::string complaint() const;

private:
    void run(std::chrono::milliseconds every);
    void look();
    void look_at_files();
    void look_at_database();
    void publish();

    core::db::Database& database_;
    SecretFiles secret_files_;
    std::function<void()> also_;
    // The thread's own: what was found, with paths and values, for the log.
    std::string file_reason_;
    std::string readable_settings_;
    std::string database_reason_;
    std::string logged_;

    std::atomic<bool> holds_{true};
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string complaint_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace server
