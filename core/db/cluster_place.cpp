#include "core/db/cluster_place.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>

#include "core/crypto/digest.h"
#include "core/db/process.h"
#include "core/failure.h"

namespace core::db {

namespace fs = std::filesystem;

namespace {

// For root, whose folders the server's user often can't enter.
constexpr const char* kSharedHome = "/var/lib/duizhang-embedded";
constexpr const char* kWhereFile = "location.txt";
constexpr std::size_t kKeyDigits = 16;

[[noreturn]] void fail(const std::string& step, const fs::path& path, int error) {
    throw OutsideFailure("embedded database: " + step + " " + path.string() + ": " +
                         std::generic_category().message(error));
}

std::optional<ServerUser> user_from(const passwd* entry) {
    if (entry == nullptr) {
        return std::nullopt;
    }
    return ServerUser{entry->pw_uid, entry->pw_gid, entry->pw_name};
}

ServerUser user_of(uid_t uid) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 16384> buffer{};
    getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    const auto user = user_from(found);
    if (!user) {
        throw UsageError("embedded database: user id " + std::to_string(uid) +
                         " has no entry in /etc/passwd, without which PostgreSQL lets nobody in: add one");
    }
    return *user;
}

ServerUser user_named(const char* name) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 16384> buffer{};
    getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found);
    const auto user = user_from(found);
    if (!user) {
        throw UsageError(std::string("embedded database: run as root, its server needs the user ") + name +
                         ", who comes with the package postgresql");
    }
    return *user;
}

uid_t owner_of(const fs::path& path) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) {
        fail("can't look at", path, errno);
    }
    return status.st_uid;
}

// Whom an existing cluster belongs to is who serves it, whoever runs us.
ServerUser server_user(const fs::path& data) {
    const uid_t me = geteuid();
    if (!fs::exists(data)) {
        return me == 0 ? user_named("postgres") : user_of(me);
    }
    auto owner = user_of(owner_of(data));
    if (owner.uid == 0 || (me != 0 && me != owner.uid)) {
        throw UsageError("embedded database: " + data.string() + " belongs to " + owner.name + ": run as " +
                         (owner.uid == 0 ? "another user, with a folder of its own" : owner.name + " or root"));
    }
    return owner;
}

// Asked of the kernel as that user, since modes, groups and access lists of every parent have a say in it.
bool can_enter(const ServerUser& user, const fs::path& folder) {
    Command command{user.prefix(), "/", ""};
    command.arguments.insert(command.arguments.end(), {"/usr/bin/test", "-x", folder.string()});
    return run_to_end(command) == 0;
}

fs::path absolute_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    auto absolute = error ? fs::path() : fs::canonical(folder, error);
    if (error) {
        fail("can't make the folder", folder, error.value());
    }
    return absolute;
}

// The folder that an earlier run has noted, so that a folder that was moved keeps its data.
std::optional<fs::path> noted_place(const fs::path& folder) {
    std::ifstream file(folder / kWhereFile);
    for (std::string line; std::getline(file, line);) {
        const fs::path noted(line);
        const auto name = noted.filename().string();
        if (noted.parent_path() == kSharedHome && name.size() == kKeyDigits &&
            name.find_first_not_of("0123456789abcdef") == std::string::npos && fs::exists(noted)) {
            return noted;
        }
    }
    return std::nullopt;
}

// For others to enter, nobody else to write; whatever the umask says.
void make_public_folder(const fs::path& path) {
    if (mkdir(path.c_str(), 0755) == 0) {
        if (chmod(path.c_str(), 0755) != 0) {
            fail("can't open the folder", path, errno);
        }
        return;
    }
    const int error = errno;
    std::error_code ignored;
    if (error != EEXIST || !fs::is_directory(path, ignored) || owner_of(path) != 0) {
        fail("can't make the folder", path, error);
    }
}

fs::path shared_place(const fs::path& folder, const std::string& key) {
    auto place = fs::path(kSharedHome) / key;
    make_public_folder(kSharedHome);
    make_public_folder(place);
    std::ofstream note(folder / kWhereFile, std::ios::trunc);
    note << "The embedded PostgreSQL of this folder stands in\n"
         << place.string() << "\n"
         << "because root runs its server as another user, who can't enter here. Keep the two together.\n";
    if (!note.flush()) {
        fail("can't write", folder / kWhereFile, errno);
    }
    return place;
}

fs::path base_for(const fs::path& folder, const std::string& key) {
    if (geteuid() != 0 || fs::exists(folder / "data")) {
        return folder;
    }
    if (const auto noted = noted_place(folder)) {
        return *noted;
    }
    return can_enter(user_named("postgres"), folder) ? folder : shared_place(folder, key);
}

bool is_private_folder(const fs::path& path, uid_t owner) {
    struct stat status {};
    return lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == owner &&
           (status.st_mode & 0777) == 0700;
}

bool make_private_folder(const fs::path& path, const ServerUser& user) {
    if (mkdir(path.c_str(), 0700) == 0 && lchown(path.c_str(), user.uid, user.gid) == 0) {
        return true;
    }
    return is_private_folder(path, user.uid);
}

}  // namespace

std::vector<std::string> ServerUser::prefix() const {
    if (geteuid() == uid) {
        return {};
    }
    return {"/usr/bin/setpriv", "--reuid", std::to_string(uid), "--regid", std::to_string(gid), "--init-groups", "--"};
}

Place find_place(const fs::path& folder) {
    const auto absolute = absolute_folder(folder);
    const auto key_of = [](const fs::path& path) { return crypto::sha256_hex(path.string()).substr(0, kKeyDigits); };
    // Links resolved, because the kernel names a process's folder that way.
    const auto base = fs::canonical(base_for(absolute, key_of(absolute)));
    const auto data = fs::weakly_canonical(base / "data");
    return {base, data, server_user(data), key_of(base)};
}

fs::path make_socket_folder(const Place& place, const fs::path& wanted) {
    const auto run = fs::path("/run") / ("duizhang-" + place.key);
    const auto temporary = fs::path("/tmp") / ("duizhang-" + std::to_string(place.user.uid) + "-" + place.key);
    for (const auto& candidate : {wanted, geteuid() == 0 ? run : temporary, temporary}) {
        if (!candidate.empty() && make_private_folder(candidate, place.user)) {
            return candidate;
        }
    }
    // Somebody took the name first; one that can't be foreseen is left.
    std::string unique = "/tmp/duizhang-XXXXXX";
    if (mkdtemp(unique.data()) == nullptr || lchown(unique.c_str(), place.user.uid, place.user.gid) != 0) {
        fail("can't make a folder for the socket,", unique, errno);
    }
    return unique;
}

}  // namespace core::db
