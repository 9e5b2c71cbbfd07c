// Settings that keep things secret or whole, looked at where they are in force: one line for each, held or not.
#pragma once

#include <string>
#include <vector>

#include "core/db/database.h"
#include "server/application.h"

namespace server {

struct SettingCheck {
    std::string subject;  // "log_statement", "/var/review"
    std::string expected;
    std::string found;
    bool holds;
};

// The areas that `audit settings --area` knows.
inline constexpr const char* kSettingAreas[] = {"tls", "logs", "access", "durability", "files"};

// The server's settings of that area (logs, access, durability).
std::vector<SettingCheck> check_database_settings(core::db::Transaction& transaction, const std::string& area,
                                                  bool is_embedded);
// Who may come in, as the embedded cluster's own file says. Nothing for a database that isn't ours.
std::vector<SettingCheck> check_access_rules(const config::Settings& settings);
// Empty where nothing is there to secure: plain HTTP on this machine alone, and a database behind a socket of ours.
std::vector<SettingCheck> check_transport(const config::Settings& settings);
// Folders and files of ours that others may not write to.
std::vector<SettingCheck> check_files(const config::Settings& settings);

}  // namespace server
