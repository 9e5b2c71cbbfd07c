// A file system that forgets on command: what was written to a file and not synced lives in this program's memory
// only, and a cut drops it, as a disk's caches do when the power goes.
//
//     unsynced_fs BACKING MOUNTPOINT        (stays in the foreground; ends when it is unmounted)
//
// Contents and sizes of files become durable (reach BACKING) with fsync or fdatasync of that file and not before.
// Names do so at once: creating, renaming and removing is passed through, as most journaling file systems keep names in
// order. Writing anything to the file /.cut drops what isn't durable; reading it gives how many bytes the last cut
// dropped. Files must be closed at a cut, since their users died with the power.
#define FUSE_USE_VERSION 31
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace {

constexpr off_t kBlock = 8192;
constexpr const char* kCut = "/.cut";

// What of one file isn't durable. By inode, so that a rename doesn't matter.
struct Unsynced {
    off_t size = 0;           // as its users see it
    off_t backing_valid = 0;  // the backing file's bytes below count; what was cut off above it reads as zero
    std::map<off_t, std::vector<char>> blocks;  // whole ones, by number
};

struct Open {
    int descriptor;
    ino_t inode;
};

std::mutex guard;
std::string backing;
std::map<ino_t, Unsynced> unsynced;
std::map<ino_t, int> opened;  // how often
std::size_t dropped_bytes = 0;

std::string real(const char* path) { return backing + path; }
int result(int returned) { return returned < 0 ? -errno : 0; }
bool is_cut(const char* path) { return std::strcmp(path, kCut) == 0; }
const Open& of(const fuse_file_info* info) {
    const void* handle = reinterpret_cast<const void*>(info->fh);  // FUSE hands our pointer through as a number
    return *static_cast<const Open*>(handle);
}

off_t backing_size(int descriptor) {
    struct stat status {};
    return fstat(descriptor, &status) == 0 ? status.st_size : 0;
}

Unsynced& changes_of(const Open& file) {
    const auto [found, is_new] = unsynced.try_emplace(file.inode);
    if (is_new) {
        found->second.size = found->second.backing_valid = backing_size(file.descriptor);
    }
    return found->second;
}

// The block as its users see it.
std::vector<char> block_of(const Open& file, const Unsynced& changes, off_t number) {
    const auto found = changes.blocks.find(number);
    if (found != changes.blocks.end()) {
        return found->second;
    }
    std::vector<char> bytes(kBlock, 0);
    const auto valid = std::clamp<off_t>(changes.backing_valid - number * kBlock, 0, kBlock);
    if (valid > 0 && pread(file.descriptor, bytes.data(), static_cast<std::size_t>(valid), number * kBlock) < 0) {
        bytes.assign(kBlock, 0);
    }
    return bytes;
}

int make_durable(const Open& file) {
    const auto found = unsynced.find(file.inode);
    if (found == unsynced.end()) {
        return 0;
    }
    const auto& changes = found->second;
    if (changes.backing_valid < backing_size(file.descriptor) &&
        ftruncate(file.descriptor, changes.backing_valid) != 0) {
        return -errno;
    }
    for (const auto& [number, bytes] : changes.blocks) {
        const auto length = std::clamp<off_t>(changes.size - number * kBlock, 0, kBlock);
        if (pwrite(file.descriptor, bytes.data(), static_cast<std::size_t>(length), number * kBlock) != length) {
            return -EIO;
        }
    }
    if (ftruncate(file.descriptor, changes.size) != 0) {
        return -errno;
    }
    unsynced.erase(found);
    return 0;
}

void resize(const Open& file, off_t size) {
    auto& changes = changes_of(file);
    if (size < changes.size) {
        changes.backing_valid = std::min(changes.backing_valid, size);
        changes.blocks.erase(changes.blocks.upper_bound(size / kBlock), changes.blocks.end());
        const auto last = changes.blocks.find(size / kBlock);
        if (last != changes.blocks.end()) {
            std::fill(last->second.begin() + size % kBlock, last->second.end(), '\0');
        }
    }
    changes.size = size;
}

int do_getattr(const char* path, struct stat* status, fuse_file_info* info) {
    const std::lock_guard lock(guard);
    if (is_cut(path)) {
        *status = {};
        status->st_mode = S_IFREG | 0600;
        status->st_nlink = 1;
        status->st_size = 32;
        return 0;
    }
    const int failed = info != nullptr ? fstat(of(info).descriptor, status) : lstat(real(path).c_str(), status);
    const auto found = failed == 0 ? unsynced.find(status->st_ino) : unsynced.end();
    if (found != unsynced.end()) {
        status->st_size = found->second.size;
    }
    return result(failed);
}

int open_backing(const char* path, int flags, mode_t mode, fuse_file_info* info) {
    // We read what we change, and sync when we are told to.
    const int kept = (flags & ~(O_ACCMODE | O_APPEND | O_TRUNC | O_SYNC | O_DSYNC | O_DIRECT)) | O_RDWR | O_CLOEXEC;
    const int descriptor = open(real(path).c_str(), kept, mode);
    struct stat status {};
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        return -errno;
    }
    auto file = std::make_unique<Open>(Open{descriptor, status.st_ino});
    if ((flags & O_TRUNC) != 0) {
        resize(*file, 0);
    }
    ++opened[file->inode];
    info->fh = reinterpret_cast<std::uint64_t>(file.release());
    info->direct_io = 1;  // the kernel must not remember what we forget
    return 0;
}

int do_open(const char* path, fuse_file_info* info) {
    const std::lock_guard lock(guard);
    if (is_cut(path)) {
        info->fh = 0;
        info->direct_io = 1;
        return 0;
    }
    return open_backing(path, info->flags & ~O_CREAT, 0, info);
}

int do_create(const char* path, mode_t mode, fuse_file_info* info) {
    const std::lock_guard lock(guard);
    const int failed = open_backing(path, info->flags | O_CREAT, mode, info);
    const auto* caller = fuse_get_context();
    return failed != 0 ? failed : result(fchown(of(info).descriptor, caller->uid, caller->gid));
}

int do_release(const char* path, fuse_file_info* info) {
    if (is_cut(path) || info->fh == 0) {
        return 0;
    }
    const std::lock_guard lock(guard);
    const std::unique_ptr<const Open> file(&of(info));
    struct stat status {};
    const bool is_gone = fstat(file->descriptor, &status) == 0 && status.st_nlink == 0;
    if (--opened[file->inode] == 0) {
        opened.erase(file->inode);
        if (is_gone) {
            unsynced.erase(file->inode);  // the number may be another file's next
        }
    }
    close(file->descriptor);
    return 0;
}

int do_read(const char* path, char* buffer, std::size_t size, off_t offset, fuse_file_info* info) {
    const std::lock_guard lock(guard);
    if (is_cut(path)) {
        const auto text = std::to_string(dropped_bytes) + "\n";
        const auto from = std::min(text.size(), static_cast<std::size_t>(offset));
        return static_cast<int>(text.copy(buffer, size, from));
    }
    const auto& file = of(info);
    const auto found = unsynced.find(file.inode);
    if (found == unsynced.end()) {
        const auto count = pread(file.descriptor, buffer, size, offset);
        return count < 0 ? -errno : static_cast<int>(count);
    }
    const auto end = std::min(found->second.size, offset + static_cast<off_t>(size));
    for (auto at = offset; at < end;) {
        const auto block = block_of(file, found->second, at / kBlock);
        const auto length = std::min(kBlock - at % kBlock, end - at);
        std::copy_n(block.begin() + at % kBlock, length, buffer + (at - offset));
        at += length;
    }
    return static_cast<int>(std::max<off_t>(end - offset, 0));
}

void cut() {
    dropped_bytes = 0;
    for (const auto& [inode, changes] : unsynced) {
        dropped_bytes += changes.blocks.size() * static_cast<std::size_t>(kBlock);
    }
    unsynced.clear();
}

int do_write(const char* path, const char* bytes, std::size_t size, off_t offset, fuse_file_info* info) {
    const std::lock_guard lock(guard);
    if (is_cut(path)) {
        cut();
        return static_cast<int>(size);
    }
    const auto& file = of(info);
    auto& changes = changes_of(file);
    if ((info->flags & O_APPEND) != 0) {
        offset = changes.size;
    }
    const auto end = offset + static_cast<off_t>(size);
    for (auto at = offset; at < end;) {
        auto block = block_of(file, changes, at / kBlock);
        const auto length = std::min(kBlock - at % kBlock, end - at);
        std::copy_n(bytes + (at - offset), length, block.begin() + at % kBlock);
        changes.blocks.insert_or_assign(at / kBlock, std::move(block));
        at += length;
    }
    changes.size = std::max(changes.size, end);
    return static_cast<int>(size);
}

int do_truncate(const char* path, off_t size, fuse_file_info* info) {
    if (is_cut(path)) {
        return 0;
    }
    const std::lock_guard lock(guard);
    if (info != nullptr) {
        resize(of(info), size);
        return 0;
    }
    struct stat status {};
    const int descriptor = open(real(path).c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        return -errno;
    }
    resize({descriptor, status.st_ino}, size);
    close(descriptor);
    return 0;
}

int do_fsync(const char* path, int /*only_data*/, fuse_file_info* info) {
    const std::lock_guard lock(guard);
    return is_cut(path) ? 0 : make_durable(of(info));
}

int do_unlink(const char* path) {
    const std::lock_guard lock(guard);
    struct stat status {};
    const bool known = lstat(real(path).c_str(), &status) == 0;
    const int failed = result(unlink(real(path).c_str()));
    if (failed == 0 && known && status.st_nlink == 1 && !opened.contains(status.st_ino)) {
        unsynced.erase(status.st_ino);
    }
    return failed;
}

int do_rename(const char* from, const char* to, unsigned flags) {
    const std::lock_guard lock(guard);
    struct stat replaced {};
    const bool replaces = lstat(real(to).c_str(), &replaced) == 0 && S_ISREG(replaced.st_mode);
    const int failed = flags != 0 ? -EINVAL : result(rename(real(from).c_str(), real(to).c_str()));
    if (failed == 0 && replaces && replaced.st_nlink == 1 && !opened.contains(replaced.st_ino)) {
        unsynced.erase(replaced.st_ino);
    }
    return failed;
}

int do_mkdir(const char* path, mode_t mode) {
    const auto* caller = fuse_get_context();
    const int failed = mkdir(real(path).c_str(), mode);
    return result(failed != 0 ? failed : lchown(real(path).c_str(), caller->uid, caller->gid));
}

int do_readdir(const char* path, void* buffer, fuse_fill_dir_t fill, off_t /*offset*/, fuse_file_info* /*info*/,
               fuse_readdir_flags /*flags*/) {
    std::error_code error;
    fill(buffer, ".", nullptr, 0, fuse_fill_dir_flags{});
    fill(buffer, "..", nullptr, 0, fuse_fill_dir_flags{});
    for (const auto& item : std::filesystem::directory_iterator(real(path), error)) {
        fill(buffer, item.path().filename().c_str(), nullptr, 0, fuse_fill_dir_flags{});
    }
    return -error.value();
}

int do_rmdir(const char* path) { return result(rmdir(real(path).c_str())); }
int do_link(const char* from, const char* to) { return result(link(real(from).c_str(), real(to).c_str())); }
int do_symlink(const char* target, const char* path) { return result(symlink(target, real(path).c_str())); }
int do_chmod(const char* path, mode_t mode, fuse_file_info* /*info*/) {
    return result(chmod(real(path).c_str(), mode));
}
int do_chown(const char* path, uid_t uid, gid_t gid, fuse_file_info* /*info*/) {
    return result(lchown(real(path).c_str(), uid, gid));
}
int do_utimens(const char* path, const timespec times[2], fuse_file_info* /*info*/) {
    return result(utimensat(AT_FDCWD, real(path).c_str(), times, AT_SYMLINK_NOFOLLOW));
}
int do_fsyncdir(const char* /*path*/, int /*only_data*/, fuse_file_info* /*info*/) { return 0; }
int do_readlink(const char* path, char* buffer, std::size_t size) {
    const auto count = readlink(real(path).c_str(), buffer, size - 1);
    buffer[std::max<ssize_t>(count, 0)] = '\0';
    return result(static_cast<int>(count));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: unsynced_fs BACKING MOUNTPOINT\n");
        return 2;
    }
    backing = argv[1];
    fuse_operations operations{};
    operations.getattr = do_getattr;
    operations.readlink = do_readlink;
    operations.mkdir = do_mkdir;
    operations.unlink = do_unlink;
    operations.rmdir = do_rmdir;
    operations.symlink = do_symlink;
    operations.rename = do_rename;
    operations.link = do_link;
    operations.chmod = do_chmod;
    operations.chown = do_chown;
    operations.truncate = do_truncate;
    operations.open = do_open;
    operations.read = do_read;
    operations.write = do_write;
    operations.release = do_release;
    operations.fsync = do_fsync;
    operations.readdir = do_readdir;
    operations.fsyncdir = do_fsyncdir;
    operations.create = do_create;
    operations.utimens = do_utimens;
    // Sizes change under the kernel's eyes at a cut: it must ask each time.
    std::string options = "allow_other,default_permissions,attr_timeout=0,entry_timeout=0,fsname=unsynced_fs";
    std::string name = "unsynced_fs", foreground = "-f", flag = "-o";
    char* arguments[] = {name.data(), argv[2], foreground.data(), flag.data(), options.data(), nullptr};
    umask(0);
    return fuse_main(5, arguments, &operations, nullptr);
}
