#include "core/db/server_process.h"

#include <unistd.h>

#include <charconv>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>

namespace core::db {

namespace fs = std::filesystem;

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kPidFile = "postmaster.pid";

fs::path process_folder(pid_t pid) { return fs::path("/proc") / std::to_string(pid); }

std::string first_line(const fs::path& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

template <typename Condition>
bool wait_until(milliseconds wait, const Condition& holds) {
    const auto deadline = std::chrono::steady_clock::now() + wait;
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= deadline) {
            return false;
        }
        std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
}

std::vector<pid_t> processes_in(const fs::path& data) {
    std::vector<pid_t> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        const auto name = entry.path().filename().string();
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error == std::errc() && end == name.data() + name.size() && serves(pid, data)) {
            found.push_back(pid);
        }
    }
    return found;
}

// Process id, data folder, start time, port, socket folder, address, shared memory, state: one a line.
std::vector<std::string> read_pid_file(const fs::path& data) {
    std::ifstream file(data / kPidFile);
    std::vector<std::string> lines;
    for (std::string line; lines.size() < 8 && std::getline(file, line);) {
        lines.push_back(line);
    }
    return lines;
}

pid_t pid_in(const std::vector<std::string>& lines) {
    pid_t pid = 0;
    if (!lines.empty()) {
        std::from_chars(lines[0].data(), lines[0].data() + lines[0].size(), pid);
    }
    return pid;
}

void signal_all(const fs::path& data, int signal) {
    for (const auto pid : processes_in(data)) {
        kill(pid, signal);
    }
}

}  // namespace

bool serves(pid_t pid, const fs::path& data) {
    // Every process of the server works in its data folder. A dead one has no working folder any more.
    std::error_code error;
    const auto where = fs::read_symlink(process_folder(pid) / "cwd", error);
    return !error && where == data && first_line(process_folder(pid) / "comm") == "postgres";
}

std::optional<RunningServer> running_server(const fs::path& data) {
    // Read once: a starting server puts its own file in the place of a dead one's.
    const auto lines = read_pid_file(data);
    const pid_t pid = pid_in(lines);
    if (pid <= 0 || !serves(pid, data)) {
        return std::nullopt;
    }
    const bool ready = lines.size() == 8 && lines[7].starts_with("ready");
    return RunningServer{pid, lines.size() > 4 ? lines[4] : "", ready};
}

void clear_leftovers(const fs::path& data) {
    const auto gone = [&] { return processes_in(data).empty(); };
    // Left alone they notice within moments that their postmaster died; a long statement has to be told.
    if (!wait_until(seconds(1), gone)) {
        signal_all(data, SIGQUIT);
        if (!wait_until(seconds(3), gone)) {
            signal_all(data, SIGKILL);
            wait_until(seconds(3), gone);
        }
    }
    const pid_t pid = pid_in(read_pid_file(data));
    std::error_code ignored;
    if (pid > 0 && fs::exists(process_folder(pid), ignored)) {
        fs::remove(data / kPidFile, ignored);
    }
}

void stop_server(const fs::path& data) {
    const auto server = running_server(data);
    if (!server) {
        return;
    }
    const auto gone = [&] { return !serves(server->pid, data); };
    kill(server->pid, SIGINT);
    if (!wait_until(seconds(60), gone)) {
        kill(server->pid, SIGQUIT);
        wait_until(seconds(10), gone);
    }
    clear_leftovers(data);
}

}  // namespace core::db
