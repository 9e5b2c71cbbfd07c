// [retention]: how long what isn't part of the books is kept.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace config {

struct RetentionKind {
    std::string_view name;  // its key is this and "_days"
    std::int64_t days_min;
};

// What can be purged. The books, the trail, orders and the API's answers can't: see docs/reference.md.
inline constexpr std::array<RetentionKind, 5> kRetentionKinds = {{
    {"callback_bodies", 30},  // a channel repeats a notification for days
    {"quarantine", 1},
    {"kept_statements", 90},
    {"statement_files", 90},  // later than a statement may still be corrected
    {"review_lists", 90},
}};
inline constexpr std::int64_t kRetentionDaysMax = 36'500;

// In the order of kRetentionKinds; 0: kept until somebody sets a period.
struct Retention {
    std::array<std::int64_t, kRetentionKinds.size()> days{};

    bool purges() const {
        for (const auto one : days) {
            if (one > 0) {
                return true;
            }
        }
        return false;
    }
};

}  // namespace config
