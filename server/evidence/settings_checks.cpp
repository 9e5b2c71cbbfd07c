#include "server/evidence/settings_checks.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "core/failure.h"
#include "core/files.h"
#include "server/serve.h"

namespace server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRulesBytesMax = std::size_t{1} << 20U;
constexpr unsigned kWrittenByOthers = 022;
constexpr std::size_t kFilesMax = 1'000'000;

bool is_this_machine(const std::string& host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string mode_text(unsigned mode) {
    std::string text = "0000";
    for (std::size_t i = 0; i < 3; ++i) {
        text[3 - i] = static_cast<char>('0' + (mode >> (3 * i) & 7U));
    }
    return text;
}

// One line for the folder: it holds when nothing in it is open to writing; else the first that is.
void check_folder(const std::string& name, const fs::path& folder, std::vector<SettingCheck>& checks) {
    struct stat status {};
    if (stat(folder.c_str(), &status) != 0) {
        return;  // not made yet
    }
    SettingCheck check{name + " " + folder.string(), "written by its owner alone", mode_text(status.st_mode), true};
    check.holds = (status.st_mode & kWrittenByOthers) == 0;
    if (S_ISDIR(status.st_mode) && check.holds) {
        std::size_t looked_at = 0;
        for (const auto& item :
             fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied)) {
            if (++looked_at > kFilesMax) {
                check = {check.subject, check.expected, "more than a million files: not all were looked at", false};
                break;
            }
            if (lstat(item.path().c_str(), &status) == 0 && !S_ISLNK(status.st_mode) &&
                (status.st_mode & kWrittenByOthers) != 0) {
                check = {check.subject, check.expected, mode_text(status.st_mode) + " " + item.path().string(), false};
                break;
            }
        }
    }
    checks.push_back(check);
}

// "host", "sslmode" of a connection string or URL; enough of either to say whether it leaves the machine unprotected.
bool is_secured(const std::string& url) {
    const bool is_socket = url.find("host=/") != std::string::npos || url.find("%2F") != std::string::npos ||
                           url.find("%2f") != std::string::npos;
    const bool is_verified = url.find("sslmode=verify-full") != std::string::npos;
    const bool is_here = url.find("host=localhost") != std::string::npos ||
                         url.find("host=127.") != std::string::npos || url.find("@localhost") != std::string::npos ||
                         url.find("@127.") != std::string::npos;
    return is_socket || is_verified || is_here;
}

}  // namespace

std::vector<SettingCheck> check_access_rules(const config::Settings& settings) {
    std::vector<SettingCheck> checks;
    if (!settings.embedded_database) {
        return checks;
    }
    const auto rules = core::read_file(*settings.embedded_database / "pg_hba.conf", kRulesBytesMax);
    for (std::size_t at = 0; at < rules.size();) {
        const auto end = std::min(rules.find('\n', at), rules.size());
        const auto line = rules.substr(at, end - at);
        if (!line.empty() && line.front() != '#') {
            checks.push_back(
                {"pg_hba.conf", "local all all peer map=duizhang", line, line == "local all all peer map=duizhang"});
        }
        at = end + 1;
    }
    return checks;
}

std::vector<SettingCheck> check_transport(const config::Settings& settings) {
    std::vector<SettingCheck> checks;
    const auto& service = settings.service;
    if (service.tls) {
        std::string found = "TLS 1.2 and 1.3, forward secrecy and authenticated encryption only";
        bool holds = true;
        try {
            tls_of(*service.tls);
        } catch (const core::UsageError& refused) {
            found = refused.what();
            holds = false;
        }
        checks.push_back({"service.tls_certificate", "a certificate that serves", found, holds});
    } else if (!is_this_machine(service.listen_host)) {
        checks.push_back({"service.listen", "TLS, or this machine alone behind a proxy that ends it",
                          "plain HTTP on " + service.listen_host, false});
    }
    if (!settings.embedded_database) {
        const bool secured = is_secured(settings.database_url);
        checks.push_back({"database.url", "sslmode=verify-full, a socket, or this machine",
                          secured ? "so" : "neither of them", secured});
    }
    return checks;
}

std::vector<SettingCheck> check_files(const config::Settings& settings) {
    std::vector<SettingCheck> checks;
    check_folder("configuration", settings.file, checks);
    check_folder("tenants", settings.file.parent_path() / "tenants.d", checks);
    check_folder("statements", settings.statements, checks);
    check_folder("review lists", settings.review_lists, checks);
    check_folder("seals", settings.review_lists.parent_path() / "seals", checks);
    check_folder("program", fs::read_symlink("/proc/self/exe"), checks);
    return checks;
}

}  // namespace server
