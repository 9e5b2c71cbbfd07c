// Where an embedded cluster stands, as whom its server runs, and with which programs.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace core::db {

// The operating system's user that the server runs as; never root, as which PostgreSQL refuses to run.
struct ServerUser {
    uid_t uid;
    gid_t gid;
    std::string name;

    // What stands in front of a command to run it as this user; empty when that is who we are.
    std::vector<std::string> prefix() const;
};

struct Place {
    std::filesystem::path base;  // locks, the access rules and the log of starting; belongs to who runs us
    std::filesystem::path data;  // base/data, mode 0700, the server user's
    ServerUser user;
    std::string key;  // 16 hex digits that stand for the folder in short names
};

// Finds the place for the folder that the configuration names, or decides on one and makes `base` (E3).
// Throws OutsideFailure or UsageError.
Place find_place(const std::filesystem::path& folder);

// A folder of mode 0700 for the socket, whose path must stay below 108 bytes. `wanted` is taken again when it still
// stands; a name that somebody else has taken is not used.
std::filesystem::path make_socket_folder(const Place& place, const std::filesystem::path& wanted);

struct Binaries {
    std::filesystem::path folder;
    std::string major;  // "15"
};

// The server's programs: those of the cluster's own major version, or the newest for a new cluster (`major` empty).
// Throws UsageError: none are installed (names the package), or none of that version (names both, and what to do).
Binaries find_binaries(const std::string& major, const std::filesystem::path& data);

// After a crash the server first makes sure that what it had written is on disk. It does so file by file, all 1,300 of
// them, which takes a second or more; or by one call to the kernel, which takes milliseconds. True where that call is
// known to wait for the disk and to tell its errors (Linux 5.8, ext4, XFS and Btrfs) and the server knows it (14).
bool can_sync_at_once(const std::filesystem::path& data, const Binaries& binaries);

}  // namespace core::db
