// Preloaded into PostgreSQL: syncing a file of the write-ahead log fails with EIO while the file $FAULT_FLAG exists.
// Each failure adds a byte to $FAULT_COUNT.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

bool is_wal(int descriptor) {
    char path[4096];
    const auto link = "/proc/self/fd/" + std::to_string(descriptor);
    const auto length = readlink(link.c_str(), path, sizeof(path) - 1);
    if (length <= 0) {
        return false;
    }
    path[length] = '\0';
    return std::strstr(path, "/pg_wal/") != nullptr;
}

bool fails(int descriptor) {
    const char* flag = std::getenv("FAULT_FLAG");
    const char* count = std::getenv("FAULT_COUNT");
    if (flag == nullptr || count == nullptr || access(flag, F_OK) != 0 || !is_wal(descriptor)) {
        return false;
    }
    const int counter = open(count, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    const bool counted = write(counter, "x", 1) == 1;
    close(counter);
    errno = EIO;
    return counted;
}

int sync(long call, int descriptor) { return fails(descriptor) ? -1 : static_cast<int>(syscall(call, descriptor)); }

}  // namespace

extern "C" int fsync(int descriptor) { return sync(SYS_fsync, descriptor); }
extern "C" int fdatasync(int descriptor) { return sync(SYS_fdatasync, descriptor); }
