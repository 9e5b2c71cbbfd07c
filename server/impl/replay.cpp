#include "server/replay.h"

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>

#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/json/reader.h"
#include "server/callback_path.h"
#include "server/callbacks.h"

namespace server {
namespace {

constexpr std::size_t kLineBytesMax = 4U << 20U;
constexpr std::size_t kProgressEvery = 1000;

[[noreturn]] void refuse(const std::string& file, std::size_t line, const std::string& field, const std::string& what) {
    throw core::InputError(file + ":" + std::to_string(line) + ": " + (field.empty() ? "" : field + ": ") + what);
}

RecordedCallback read_one(const std::string& file, std::size_t line, std::string_view text, core::Instant now) {
    const auto json = core::json::parse(text, {kLineBytesMax, 8});
    if (!json || !json->is_object()) {
        refuse(file, line, "", "must be one JSON object with path, headers, body_base64 and received_at");
    }
    RecordedCallback recorded;
    const auto path = json->string_at("path");
    if (!path) {
        refuse(file, line, "path", "is missing; write e.g. \"/callbacks/acme/stripe\"");
    }
    recorded.path = *path;
    const auto body = json->string_at("body_base64");
    auto bytes = body ? core::crypto::base64_decode(*body) : std::nullopt;
    if (!bytes) {
        refuse(file, line, "body_base64", "is missing or no base64");
    }
    recorded.request.body = std::move(*bytes);
    const auto* headers = json->find("headers");
    if (headers == nullptr || !headers->is_object()) {
        refuse(file, line, "headers", "must be an object of texts");
    }
    for (const auto& [name, value] : headers->members()) {
        const auto content = value.string();
        if (!content) {
            refuse(file, line, "headers." + name, "must be a text");
        }
        recorded.request.headers.emplace_back(name, *content);
    }
    recorded.request.received_at = now;
    if (const auto* received = json->find("received_at"); received != nullptr && !received->is_null()) {
        const auto instant = core::parse_rfc3339(received->string().value_or(""));
        if (!instant) {
            refuse(file, line, "received_at", "is no RFC 3339 time");
        }
        recorded.request.received_at = *instant;
    }
    return recorded;
}

// Hands callbacks to the service, a few hundred at a time, so that they share commits as those of many connections do.
class Replay {
public:
    explicit Replay(Application& application) : tenants_(application.tenants()), service_(application, metrics_) {}
    ~Replay() { wait(0); }
    Replay(const Replay&) = delete;
    Replay& operator=(const Replay&) = delete;

    // Throws what an earlier one failed with.
    void take(const RecordedCallback& callback) {
        const auto path = parse_callback_path(callback.path);
        const auto* tenant = path ? tenants_->find(path->tenant) : nullptr;
        const auto* channel = tenant != nullptr ? tenant->find_channel(path->channel) : nullptr;
        wait(kAtOnceMax - 1);
        begin();
        if (channel == nullptr) {
            end(404);
            return;
        }
        try {
            service_.receive(tenants_, *tenant, *channel, callback.request,
                             {[this](const http::Response& response) { end(response.status); },
                              [this](const std::exception_ptr& failure) { fail(failure); }});
        } catch (const core::Failure&) {
            fail(std::current_exception());
        }
    }

    // How many were answered with which status.
    std::map<int, std::size_t> answers() {
        wait(0);
        require_no_failure();
        return answers_;
    }

private:
    static constexpr std::size_t kAtOnceMax = 256;

    void begin() {
        require_no_failure();
        const std::lock_guard lock(mutex_);
        ++at_once_;
    }
    void end(int status) {
        const std::lock_guard lock(mutex_);
        ++answers_[status];
        --at_once_;
        ended_.notify_one();
    }
    void fail(const std::exception_ptr& failure) {
        const std::lock_guard lock(mutex_);
        failure_ = failure;
        --at_once_;
        ended_.notify_one();
    }
    void wait(std::size_t at_once) {
        std::unique_lock lock(mutex_);
        ended_.wait(lock, [&] { return at_once_ <= at_once; });
    }
    void require_no_failure() {
        const std::lock_guard lock(mutex_);
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

    std::shared_ptr<const Tenants> tenants_;
    Metrics metrics_;
    CallbackService service_;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::size_t at_once_ = 0;
    std::exception_ptr failure_;
    std::map<int, std::size_t> answers_;
};

}  // namespace

std::vector<RecordedCallback> read_recorded_callbacks(const std::string& shown_name, std::string_view text,
                                                      core::Instant now) {
    std::vector<RecordedCallback> recorded;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const auto end = text.find('\n');
        auto row = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (row.ends_with('\r')) {
            row.remove_suffix(1);
        }
        if (!row.empty()) {
            recorded.push_back(read_one(shown_name, line, row, now));
        }
    }
    return recorded;
}

std::map<int, std::size_t> replay(Application& application, const std::vector<RecordedCallback>& recorded,
                                  const std::function<void(std::size_t)>& progress) {
    Replay replay(application);
    std::size_t done = 0;
    for (const auto& callback : recorded) {
        replay.take(callback);
        if (++done % kProgressEvery == 0) {
            progress(done);
        }
    }
    return replay.answers();
}

}  // namespace server
