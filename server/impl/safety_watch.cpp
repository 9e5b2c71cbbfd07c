#include "server/safety_watch.h"

#include <exception>
#include <set>
#include <utility>

#include "core/failure.h"
#include "core/files.h"
#include "core/log.h"

namespace server {
namespace {

void append(std::string& list, std::string_view separator, std::string_view item) {
    list.append(list.empty() ? "" : separator).append(item);
}

}  // namespace

SafetyWatch::SafetyWatch(core::db::Database& database, SecretFiles secret_files, std::chrono::milliseconds every,
                         std::function<void()> also)
    : database_(database),
      secret_files_(std::move(secret_files)),
      also_(std::move(also)),
      thread_([this, every] { run(every); }) {}

SafetyWatch::~SafetyWatch() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

std::string SafetyWatch::complaint() const {
    const std::lock_guard lock(mutex_);
    return complaint_;
}

void SafetyWatch::run(std::chrono::milliseconds every) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, every, [this] { return ending_; })) {
        lock.unlock();
        try {
            look();
        } catch (const std::exception&) {
            core::log_error("safety_not_checked");  // no memory: what was found last stands
        }
        lock.lock();
    }
}

// The files first and made known at once: asking a database that hangs takes long.
void SafetyWatch::look() {
    look_at_files();
    publish();
    look_at_database();
    publish();
    if (also_) {
        also_();
    }
}

void SafetyWatch::look_at_files() {
    std::string reason;
    std::set<std::string> settings;
    for (const auto& secret : secret_files_()) {
        try {
            (secret.may_be_custodians ? core::require_still_custodians : core::require_still_private)(secret.file);
        } catch (const core::UsageError& readable) {
            append(reason, " | ", secret.setting + ": " + readable.what());
            settings.insert(secret.setting);
        } catch (const core::Failure& failure) {
            core::log_warning("safety_not_checked", {{"reason", failure.what()}});
        }
    }
    file_reason_ = std::move(reason);
    readable_settings_.clear();
    for (const auto& setting : settings) {
        append(readable_settings_, ", ", setting);
    }
}

void SafetyWatch::look_at_database() {
    try {
        core::db::require_safe_service(database_);
        database_reason_.clear();
    } catch (const core::UsageError& unsafe) {
        database_reason_ = unsafe.what();
    } catch (const core::Failure& failure) {
        core::log_warning("safety_not_checked", {{"reason", failure.what()}});
    }
}

void SafetyWatch::publish() {
    std::string reason = file_reason_;
    std::string complaint;
    if (!readable_settings_.empty()) {
        complaint = "others than the service's user can read a secret's file: " + readable_settings_;
    }
    if (!database_reason_.empty()) {
        append(reason, " | ", database_reason_);
        append(complaint, "; ", "the database no longer keeps its promises");
    }
    {
        const std::lock_guard lock(mutex_);
        complaint_ = std::move(complaint);
    }
    holds_ = reason.empty();
    if (reason != logged_) {
        if (reason.empty()) {
            core::log_info("safe_again");
        } else {
            core::log_error("not_safe_any_more", {{"reason", reason}});
        }
        logged_ = std::move(reason);
    }
}

}  // namespace server
