// The embedded PostgreSQL: a private cluster on a unix socket, started by the first command that needs it and stopped
// by the last one out.
//
// What always holds:
//   E1  Durable settings: fsync, full_page_writes and synchronous_commit on, data checksums.
//   E2  Reached over a socket in a folder of mode 0700 only; listen_addresses is empty; no trust over TCP.
//   E3  As root the server runs as the user `postgres` (setpriv), in a folder that user can enter: when the given
//       folder lies where others can't go, the data stands under /var/lib/duizhang-embedded/<hash of the path>
//       and the given folder says so in a file. No foreign folder's mode is ever changed.
//   E4  Commands share it through a lock file that each holds with flock, so a killed command holds nothing. A small
//       program waits for the last of them to go, and stops the server even when that one was killed.
//   E5  A server that dies while a command uses it is started again within a second, on the same socket. Connections
//       to the old one stay broken (D2).
//   E6  The server's log never quotes data: no statements, no parameters, no errors of single statements.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace core::db {

struct EmbeddedOptions {
    // Off for tests alone, where nobody misses the data after a power cut: fsync and full_page_writes are off then,
    // and require_safe_service() refuses. A kill still loses nothing.
    bool durable = true;
};

class EmbeddedCluster {
public:
    // Creates (initdb) when there is none, starts when it isn't running, joins when it is. Throws OutsideFailure
    // naming the step and the log file, or UsageError (no server binaries: names the package; data of another major
    // version: names both). Safe to hold several times at once, in one process and in many.
    explicit EmbeddedCluster(const std::filesystem::path& folder, EmbeddedOptions options = {});
    // Stops the server (fast shutdown) when no other command uses it.
    ~EmbeddedCluster();
    EmbeddedCluster(const EmbeddedCluster&) = delete;
    EmbeddedCluster& operator=(const EmbeddedCluster&) = delete;

    // Connection strings: the owner that migrates, and the role the service works as.
    std::string owner_connection() const;
    std::string service_connection() const;
    // Any role and database of it. The roles are duizhang_admin (the cluster's superuser), duizhang_owner and
    // duizhang_service; root and the server's own user may be each of them.
    std::string connection_as(const std::string& role, const std::string& database) const;

    // Has the server write all that it holds to its files, and gives their folder.
    std::filesystem::path checkpoint() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace core::db
