// The log: one JSON object a line on stderr, through one redacting formatter that nothing goes around.
//
// {"ts":"2026-11-18T07:01:04.123Z","level":"info","event":"callback_booked","msg":"...","tenant":"acme",...}
// `event` is constant text; what varies goes into fields. Values pass the redactor (see set_redactor).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace core {

enum class LogLevel { debug, info, warning, error };

struct LogField {
    LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
    LogField(std::string_view field_name, const char* text) : name(field_name), value(text) {}
    LogField(std::string_view field_name, const std::string& text) : name(field_name), value(text) {}
    LogField(std::string_view field_name, std::int64_t n) : name(field_name), value(std::to_string(n)), number(true) {}
    LogField(std::string_view field_name, int n) : LogField(field_name, static_cast<std::int64_t>(n)) {}
    LogField(std::string_view field_name, std::size_t n) : LogField(field_name, static_cast<std::int64_t>(n)) {}

    std::string name;
    std::string value;
    bool number = false;
};

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
inline void log_info(std::string_view event, std::initializer_list<LogField> f = {}) { log(LogLevel::info, event, f); }
inline void log_warning(std::string_view event, std::initializer_list<LogField> f = {}) {
    log(LogLevel::warning, event, f);
}
inline void log_error(std::string_view event, std::initializer_list<LogField> f = {}) {
    log(LogLevel::error, event, f);
}

// Below this nothing is written. Default info.
void set_log_level(LogLevel least);
// What every value goes through before it is written; audit/ provides it, main() plugs it in first thing.
void set_redactor(std::function<std::string(std::string_view)> redactor);
// For tests: where lines (each with its line end) go instead of stderr. Nothing: back to stderr. Neither this nor a
// redactor may log.
void set_log_sink(std::function<void(std::string_view line)> sink);

}  // namespace core
