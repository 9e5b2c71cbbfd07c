// The processes of the server that works in a data folder: found, waited for, stopped.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

namespace core::db {

// What a running server wrote into its postmaster.pid.
struct RunningServer {
    pid_t pid;
    std::filesystem::path sockets;
    bool ready;  // false while it starts, recovers or stops
};

// Nothing when no live server of this very folder stands behind the file: a process id may have been given to another
// program since, and a process that died uncollected still has one.
std::optional<RunningServer> running_server(const std::filesystem::path& data);

// True while the process lives and works in the folder.
bool serves(pid_t pid, const std::filesystem::path& data);

// Ends what a killed server left behind, its sessions first of all, which may still write; then removes a
// postmaster.pid whose number now belongs to somebody else, which the next server would take for a running one.
void clear_leftovers(const std::filesystem::path& data);

// Fast shutdown, harder when that takes too long. Returns when the server is gone.
void stop_server(const std::filesystem::path& data);

}  // namespace core::db
