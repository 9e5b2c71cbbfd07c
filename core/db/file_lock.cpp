#include "core/db/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

#include "core/failure.h"

namespace core::db {

FileLock::FileLock(const std::filesystem::path& path)
    // No link is followed: root opens files in folders that others may have made.
    : descriptor_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)), path_(path) {
    if (descriptor_ < 0) {
        throw OutsideFailure(path.string() + " can't be opened: " + std::generic_category().message(errno));
    }
}

FileLock::~FileLock() { close(descriptor_); }

bool FileLock::try_lock(Mode mode) {
    const int operation = (mode == Mode::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
    while (flock(descriptor_, operation) != 0) {
        if (errno == EWOULDBLOCK) {
            return false;
        }
        if (errno != EINTR) {
            throw OutsideFailure(path_.string() + " can't be locked: " + std::generic_category().message(errno));
        }
    }
    return true;
}

bool FileLock::lock_within(Mode mode, std::chrono::milliseconds wait) {
    const auto deadline = std::chrono::steady_clock::now() + wait;
    while (!try_lock(mode)) {
        if (std::chrono::steady_clock::now() >= deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

void FileLock::unlock() noexcept { flock(descriptor_, LOCK_UN); }

void FileLock::open_to_group(unsigned group) {
    if (fchown(descriptor_, static_cast<uid_t>(-1), group) != 0 || fchmod(descriptor_, 0640) != 0) {
        throw OutsideFailure(path_.string() +
                             " can't be given to the server's group: " + std::generic_category().message(errno));
    }
}

}  // namespace core::db
