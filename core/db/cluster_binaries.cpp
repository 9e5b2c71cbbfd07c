// Finding the server's programs.
#include <algorithm>
#include <system_error>

#include "core/db/cluster_place.h"
#include "core/db/process.h"
#include "core/failure.h"

namespace core::db {

namespace fs = std::filesystem;

namespace {

bool has_server(const fs::path& folder) {
    std::error_code ignored;
    return fs::exists(folder / "postgres", ignored) && fs::exists(folder / "initdb", ignored);
}

std::string first_number(const std::string& text) {
    const auto begin = text.find_first_of("0123456789");
    if (begin == std::string::npos) {
        return "";
    }
    return text.substr(begin, text.find_first_not_of("0123456789", begin) - begin);
}

int number(const std::string& major) { return major.empty() || major.size() > 6 ? 0 : std::stoi(major); }

// Debian keeps one folder for each major version.
std::vector<Binaries> versioned() {
    std::vector<Binaries> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
        const auto folder = entry.path() / "bin";
        const auto major = first_number(entry.path().filename().string());
        if (has_server(folder) && number(major) > 0) {
            found.push_back({folder, major});
        }
    }
    return found;
}

// Elsewhere pg_config knows, and the server itself says its version ("postgres (PostgreSQL) 16.3").
std::vector<Binaries> configured() {
    for (const char* program : {"/usr/bin/pg_config", "/usr/local/bin/pg_config"}) {
        std::string text;
        if (run_for_text({{program, "--bindir"}, "/", ""}, text) != 0) {
            continue;
        }
        const fs::path folder = text.substr(0, text.find('\n'));
        std::string version;
        if (has_server(folder) &&
            run_for_text({{(folder / "postgres").string(), "--version"}, "/", ""}, version) == 0) {
            return {{folder, first_number(version)}};
        }
    }
    return {};
}

}  // namespace

Binaries find_binaries(const std::string& major, const fs::path& data) {
    auto found = versioned();
    const auto matches = [&](const Binaries& binaries) { return binaries.major == major; };
    if (found.empty() || (!major.empty() && std::none_of(found.begin(), found.end(), matches))) {
        const auto others = configured();
        found.insert(found.end(), others.begin(), others.end());
    }
    if (found.empty()) {
        throw UsageError(
            "embedded database: no PostgreSQL server is installed: install the package postgresql, or set " +
            std::string("database.url to a server elsewhere"));
    }
    const auto older = [](const Binaries& a, const Binaries& b) { return number(a.major) < number(b.major); };
    auto newest = *std::max_element(found.begin(), found.end(), older);
    if (major.empty()) {
        return newest;
    }
    const auto same = std::find_if(found.begin(), found.end(), matches);
    if (same == found.end()) {
        throw UsageError("embedded database: " + data.string() + " was made by PostgreSQL " + major +
                         ", installed is " + newest.major + ": install postgresql-" + major +
                         ", or move the data with pg_upgrade");
    }
    return *same;
}

}  // namespace core::db
