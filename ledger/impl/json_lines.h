// Files of JSON lines that people and programs write: each line an object, what is wrong with it said with file, line,
// field and remedy.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/reader.h"
#include "core/time.h"

namespace ledger {

class JsonLine {
public:
    using Redact = std::function<std::string(std::string_view)>;

    JsonLine(const std::string& file, std::uint64_t number, const Redact& redact)
        : file_(file), number_(number), redact_(redact) {}

    std::uint64_t number() const { return number_; }
    // Throws core::FieldError; what is quoted goes through `redact`.
    [[noreturn]] void refuse(const std::string& field, const std::string& what) const;

    // Each refuses what isn't so.
    core::json::Value object(std::string_view text) const;
    void check_names(const core::json::Value& object, const std::vector<std::string_view>& known) const;
    std::string text(const core::json::Value& object, std::string_view name, std::size_t bytes_max) const;
    // The same without what could be a card number.
    std::string redacted_text(const core::json::Value& object, std::string_view name, std::size_t bytes_max) const {
        return redact_(text(object, name, bytes_max));
    }
    // `otherwise` where it isn't there.
    core::Instant time(const core::json::Value& object, std::string_view name, core::Instant otherwise) const;

private:
    const std::string& file_;
    std::uint64_t number_;
    const Redact& redact_;
};

// Calls `take` with each line that isn't empty, trimmed; returns how many. A byte-order mark is left out.
std::size_t for_each_line(const std::string& file, std::string_view text, const JsonLine::Redact& redact,
                          const std::function<void(const JsonLine&, std::string_view)>& take);

}  // namespace ledger
