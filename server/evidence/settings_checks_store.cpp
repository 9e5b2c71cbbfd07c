#include <algorithm>

#include "core/db/work.h"
#include "server/evidence/settings_checks.h"

namespace server {
namespace {

constexpr const char* kSetting = "select current_setting($1, true)";

struct Expected {
    const char* area;
    const char* name;
    const char* value;
    bool embedded_only;  // of somebody else's server it says nothing
};

constexpr Expected kExpected[] = {
    // A statement, a parameter or a row in the server's own log is where card numbers leak.
    {"logs", "log_statement", "none", false},
    {"logs", "log_min_error_statement", "panic", false},
    {"logs", "log_parameter_max_length", "0", false},
    {"logs", "log_parameter_max_length_on_error", "0", false},
    {"logs", "log_error_verbosity", "terse", false},
    {"logs", "log_min_duration_statement", "-1", false},
    {"logs", "log_timezone", "UTC", true},
    {"logs", "log_file_mode", "0600", true},
    {"access", "row_security", "on", false},
    {"access", "password_encryption", "scram-sha-256", false},
    {"access", "listen_addresses", "", true},
    {"access", "unix_socket_permissions", "0700", true},
    {"durability", "fsync", "on", false},
    {"durability", "full_page_writes", "on", false},
    {"durability", "synchronous_commit", "on", false},
};

}  // namespace

std::vector<SettingCheck> check_database_settings(core::db::Transaction& transaction, const std::string& area,
                                                  bool is_embedded) {
    std::vector<SettingCheck> checks;
    for (const auto& one : kExpected) {
        if (area != one.area || (one.embedded_only && !is_embedded)) {
            continue;
        }
        const auto rows = core::db::run(transaction, kSetting, std::string(one.name));
        const auto found = rows[0][0].is_null() ? std::string("(not known)") : rows[0][0].as<std::string>();
        checks.push_back({one.name, one.value, found, found == one.value});
    }
    return checks;
}

}  // namespace server
