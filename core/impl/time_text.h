// The pieces that instants, days and local times are read from and written with. Nobody outside core includes this.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace core::impl {

// Walks over a text once; what it can't take stays where it is.
class TextScanner {
public:
    explicit TextScanner(std::string_view text) : rest_(text) {}

    // Exactly that many ASCII digits as a number.
    std::optional<int> digits(std::size_t count);
    // One character out of these.
    bool skip(std::string_view any_of);
    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

// "2026-11-18" or "20261118"; only days that exist; there is no year 0.
std::optional<BusinessDay> scan_day(TextScanner& scanner, bool with_dashes);
// "07:01:04" or "070104", up to 23:59:59.
std::optional<std::chrono::seconds> scan_time_of_day(TextScanner& scanner, bool with_colons);

std::string day_text(BusinessDay day);
std::string time_of_day_text(std::chrono::seconds since_midnight);

}  // namespace core::impl
