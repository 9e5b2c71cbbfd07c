#include "tests/bench/http/usage.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "core/db/server_process.h"

namespace bench {
namespace {

namespace fs = std::filesystem;

void add_process(const fs::path& folder, Usage& usage) {
    std::ifstream file(folder / "stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    if (text.empty()) {
        return;
    }
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string field;
    std::int64_t user = 0;
    std::int64_t system = 0;
    for (int i = 3; i <= 24 && fields >> field; ++i) {
        if (i == 14) {
            user = std::stoll(field);
        } else if (i == 15) {
            system = std::stoll(field);
        } else if (i == 24) {
            usage.resident_kib += std::stoll(field) * (::sysconf(_SC_PAGESIZE) / 1024);
        }
    }
    usage.cpu_us += (user + system) * 1'000'000 / ::sysconf(_SC_CLK_TCK);
}

template <typename Which>
Usage usage_of(const Which& which) {
    Usage usage;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const auto name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") == std::string::npos && which(entry.path())) {
            add_process(entry.path(), usage);
        }
    }
    return usage;
}

}  // namespace

Usage database_usage(const fs::path& data) {
    return usage_of([&](const fs::path& process) { return core::db::serves(std::stoi(process.filename()), data); });
}

Usage service_usage(const fs::path& place) {
    return usage_of([&](const fs::path& process) {
        std::error_code error;
        return fs::read_symlink(process / "cwd", error) == place && !error;
    });
}

}  // namespace bench
