// A lock between processes that the kernel takes back when its holder dies (flock).
#pragma once

#include <chrono>
#include <filesystem>

namespace core::db {

class FileLock {
public:
    enum class Mode { shared, exclusive };

    // Opens or makes the file; locks nothing yet. Throws OutsideFailure naming it.
    explicit FileLock(const std::filesystem::path& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    // Each object holds on its own, in one process too. From one mode to the other isn't atomic: others may come
    // between.
    bool try_lock(Mode mode);
    // False when it didn't become free in time.
    bool lock_within(Mode mode, std::chrono::milliseconds wait);
    void unlock() noexcept;

    // Lets members of the group open it, too, for the program that waits for the last holder to go.
    void open_to_group(unsigned group);

private:
    int descriptor_;
    std::filesystem::path path_;
};

}  // namespace core::db
