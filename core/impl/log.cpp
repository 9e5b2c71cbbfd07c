#include "core/log.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <exception>
#include <memory>
#include <mutex>
#include <new>

#include "core/json/writer.h"
#include "core/redacted.h"
#include "core/time.h"

namespace core {
namespace {

using Redactor = std::function<std::string(std::string_view)>;
using Sink = std::function<void(std::string_view)>;

// Held by shared pointers so that a line being written keeps what it began with while another thread plugs in anew.
struct Plugged {
    std::mutex mutex;
    std::shared_ptr<const Redactor> redactor;
    std::shared_ptr<const Sink> sink;
};

Plugged& plugged() {
    static Plugged held;
    return held;
}

std::atomic<LogLevel>& least_level() {
    static std::atomic<LogLevel> level{LogLevel::info};
    return level;
}

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "error";
}

// A redactor that fails must not become the way around itself: its value is left out.
std::string redacted(const Redactor* redactor, std::string_view text) {
    if (redactor == nullptr) {
        return std::string(text);
    }
    try {
        return (*redactor)(text);
    } catch (const std::exception&) {
        return "[not shown: redaction failed]";
    }
}

void add_field(json::Writer& writer, const LogField& field, const Redactor* redactor) {
    const std::string shown = redacted(redactor, field.value);
    // A number passes too: sixteen digits in an integer are a card number all the same.
    if (field.number && shown == field.value) {
        writer.key(field.name).value(static_cast<std::int64_t>(std::stoll(field.value)));
    } else {
        writer.member(field.name, shown);
    }
}

std::string line_of(LogLevel level, std::string_view event, std::initializer_list<LogField> fields,
                    const Redactor* redactor) {
    json::Writer writer;
    writer.begin_object();
    writer.member("ts", format_rfc3339(SystemClock().now()));
    writer.member("level", name_of(level));
    writer.member("event", event);
    for (const auto& field : fields) {
        add_field(writer, field, redactor);
    }
    writer.end_object();
    return writer.text() + "\n";
}

// One write for a line, so that lines of several processes on one pipe don't mix (up to PIPE_BUF bytes). What can't
// be written is lost: the log may not stop the work.
void write_to_stderr(std::string_view line) {
    while (!line.empty()) {
        const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
        if (written < 0 && errno != EINTR) {
            return;
        }
        line.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
}

void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    std::shared_ptr<const Redactor> redactor;
    std::shared_ptr<const Sink> sink;
    {
        const std::lock_guard lock(plugged().mutex);
        redactor = plugged().redactor;
        sink = plugged().sink;
    }
    const std::string line = line_of(level, event, fields, redactor.get());

    static std::mutex one_line_at_a_time;
    const std::lock_guard lock(one_line_at_a_time);
    if (sink != nullptr) {
        (*sink)(line);
    } else {
        write_to_stderr(line);
    }
}

}  // namespace

// Without memory for the line it is lost as well.
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    if (level < least_level().load(std::memory_order_relaxed)) {
        return;
    }
    try {
        write(level, event, fields);
    } catch (const std::bad_alloc&) {
        write_to_stderr("{\"level\":\"error\",\"event\":\"no_memory_for_a_line\"}\n");
    }
}

std::string redacted(std::string_view text) {
    std::shared_ptr<const Redactor> redactor;
    {
        const std::lock_guard lock(plugged().mutex);
        redactor = plugged().redactor;
    }
    return redacted(redactor.get(), text);
}

void set_log_level(LogLevel least) { least_level().store(least, std::memory_order_relaxed); }

void set_redactor(std::function<std::string(std::string_view)> redactor) {
    auto held = redactor ? std::make_shared<const Redactor>(std::move(redactor)) : nullptr;
    const std::lock_guard lock(plugged().mutex);
    plugged().redactor = std::move(held);
}

void set_log_sink(std::function<void(std::string_view line)> sink) {
    auto held = sink ? std::make_shared<const Sink>(std::move(sink)) : nullptr;
    const std::lock_guard lock(plugged().mutex);
    plugged().sink = std::move(held);
}

}  // namespace core
