#include "core/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "core/failure.h"

namespace core {
namespace {

namespace fs = std::filesystem;

std::string reason(int error) { return std::generic_category().message(error); }

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }

private:
    int number_;
};

// Without blocking: on a named pipe open() would wait for a writer, perhaps for ever.
Descriptor open_for_reading(const fs::path& path) {
    return Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

// Nothing when there are more than bytes_max. Reads to the end and not just st_size, which a writer may be changing.
std::optional<std::string> read_to_end(const Descriptor& file, const fs::path& path, std::size_t bytes_max) {
    constexpr std::size_t kChunk = std::size_t{256} * 1024;
    std::string bytes;
    struct stat known = {};
    if (::fstat(file.number(), &known) == 0 && S_ISREG(known.st_mode) && known.st_size > 0) {
        bytes.reserve(std::min(static_cast<std::size_t>(known.st_size), bytes_max) + kChunk + 1);
    }
    while (true) {
        const std::size_t held = bytes.size();
        bytes.resize(held + std::min(kChunk, bytes_max - held + 1));
        const ssize_t got = ::read(file.number(), bytes.data() + held, bytes.size() - held);
        if (got < 0 && errno != EINTR) {
            throw OutsideFailure(path.string() + ": can't be read: " + reason(errno));
        }
        bytes.resize(held + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got == 0) {
            return bytes;
        }
        if (bytes.size() > bytes_max) {
            return std::nullopt;
        }
    }
}

std::string too_large(const fs::path& path, std::size_t bytes_max) {
    return path.string() + ": is larger than " + std::to_string(bytes_max) + " bytes";
}

// Throws UsageError for a file that others may read or write, or that somebody else can change.
void require_private(const fs::path& path, bool known, const struct stat& status) {
    if (!known || !S_ISREG(status.st_mode)) {
        throw UsageError(path.string() + ": is not a regular file");
    }
    if ((status.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)) != 0) {
        throw UsageError(path.string() + ": others than its owner may read or write it: chmod 600 it");
    }
    if (status.st_uid != ::geteuid() && status.st_uid != 0) {
        throw UsageError(path.string() + ": belongs to another user: chown it to the one that runs duizhang");
    }
}

// A custodian's file may be read by our group; one of our own has to be private.
void require_custodians(const fs::path& path, bool known, const struct stat& status) {
    const bool anothers = known && S_ISREG(status.st_mode) && status.st_uid != ::geteuid() && status.st_uid != 0;
    if (!anothers) {
        require_private(path, known, status);
        return;
    }
    if ((status.st_mode & (S_IWGRP | S_IXGRP | S_IRWXO)) != 0) {
        throw UsageError(path.string() + ": others than its owner may write it or anybody may read it: chmod 640 it");
    }
    const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    struct stat around {};
    const bool ours = ::stat(folder.c_str(), &around) != 0 || (around.st_uid == ::geteuid() && around.st_uid != 0) ||
                      (around.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (ours) {
        throw UsageError(path.string() +
                         ": others than its owner can put another file in its place: give its folder to "
                         "the key's owner or to root, mode 755");
    }
}

using Rule = void (*)(const fs::path&, bool known, const struct stat&);

std::string read_if(const fs::path& path, std::size_t bytes_max, Rule rule) {
    const Descriptor file = open_for_reading(path);
    if (!file.is_open()) {
        const int error = errno;
        throw UsageError(path.string() + ": can't be opened: " + reason(error));
    }
    struct stat status {};
    const bool known = ::fstat(file.number(), &status) == 0;
    rule(path, known, status);
    auto bytes = read_to_end(file, path, bytes_max);
    if (!bytes) {
        throw UsageError(too_large(path, bytes_max));
    }
    return *std::move(bytes);
}

void require_still(const fs::path& path, Rule rule) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) {
        rule(path, true, status);
    } else if (errno != ENOENT) {
        const int error = errno;
        throw OutsideFailure(path.string() + ": can't be looked at: " + reason(error));
    }
}

// A file under a temporary name in the target's folder; gone again unless it was given its final name.
class PendingFile {
public:
    PendingFile(fs::path target, std::string_view bytes, unsigned mode) : target_(std::move(target)) {
        std::string pattern = (folder() / ("." + target_.filename().string() + ".XXXXXX")).string();
        const Descriptor file(::mkostemp(pattern.data(), O_CLOEXEC));
        if (!file.is_open()) {
            fail("can't be written");
        }
        temporary_ = pattern;
        try {
            write_all(file, bytes);
            if (::fchmod(file.number(), mode) != 0 || ::fsync(file.number()) != 0) {
                fail("can't be written");
            }
        } catch (...) {
            discard();
            throw;
        }
    }
    ~PendingFile() { discard(); }
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;
    PendingFile(PendingFile&& other) noexcept
        : target_(std::move(other.target_)), temporary_(std::exchange(other.temporary_, {})) {}
    PendingFile& operator=(PendingFile&&) = delete;

    void publish() {
        if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
            fail("can't be put in place");
        }
        temporary_.clear();
    }

    fs::path folder() const { return target_.has_parent_path() ? target_.parent_path() : fs::path("."); }

private:
    [[noreturn]] void fail(std::string_view what) const {
        const int error = errno;
        throw OutsideFailure(target_.string() + ": " + std::string(what) + ": " + reason(error));
    }

    void write_all(const Descriptor& file, std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
            if (written < 0 && errno != EINTR) {
                fail("can't be written");
            }
            bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
        }
    }

    void discard() noexcept {
        if (!temporary_.empty()) {
            ::unlink(temporary_.c_str());
            temporary_.clear();
        }
    }

    fs::path target_;
    std::string temporary_;
};

// A rename is durable only when the folder is.
void sync_folder(const fs::path& folder) {
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open() || ::fsync(opened.number()) != 0) {
        const int error = errno;
        throw OutsideFailure(folder.string() + ": can't be synced: " + reason(error));
    }
}

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error || !fs::is_directory(folder, error)) {
        throw OutsideFailure(folder.string() + ": the folder can't be made: " +
                             (error ? error.message() : "something else has its name"));
    }
}

}  // namespace

std::string read_file(const fs::path& path, std::size_t bytes_max) {
    const Descriptor file = open_for_reading(path);
    if (!file.is_open()) {
        const int error = errno;
        throw InputError(path.string() + ": can't be opened: " + reason(error));
    }
    struct stat status {};
    if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) {
        throw InputError(path.string() + ": is not a regular file");
    }
    auto bytes = read_to_end(file, path, bytes_max);
    if (!bytes) {
        throw InputError(too_large(path, bytes_max));
    }
    return *std::move(bytes);
}

std::string read_private_file(const fs::path& path, std::size_t bytes_max) {
    return read_if(path, bytes_max, require_private);
}

std::string read_custodian_file(const fs::path& path, std::size_t bytes_max) {
    return read_if(path, bytes_max, require_custodians);
}

void require_still_private(const fs::path& path) { require_still(path, require_private); }
void require_still_custodians(const fs::path& path) { require_still(path, require_custodians); }

void write_file(const fs::path& path, std::string_view bytes, unsigned mode) {
    ensure(path.has_filename(), "a file that is written has a name");
    PendingFile file(path, bytes, mode);
    file.publish();
    sync_folder(file.folder());
}

void write_files_together(const fs::path& folder,
                          const std::vector<std::pair<std::string, std::string>>& name_and_bytes) {
    FilesTogether files(folder);
    for (const auto& [name, bytes] : name_and_bytes) {
        files.add(name, bytes);
    }
    files.publish();
}

class FilesTogether::Pending : public PendingFile {
public:
    using PendingFile::PendingFile;
};

FilesTogether::FilesTogether(fs::path folder) : folder_(std::move(folder)) { make_folder(folder_); }
FilesTogether::~FilesTogether() = default;

void FilesTogether::add(const std::string& name, std::string_view bytes) {
    constexpr unsigned kMode = 0644;
    ensure(!name.empty() && name.find('/') == std::string::npos, "files are published by plain names");
    // Found out now, while nothing has been renamed.
    std::error_code ignored;
    if (fs::is_directory(folder_ / name, ignored)) {
        throw OutsideFailure((folder_ / name).string() + ": can't be written: a folder has its name");
    }
    pending_.emplace_back(folder_ / name, bytes, kMode);
}

void FilesTogether::publish() {
    for (auto& file : pending_) {
        file.publish();
    }
    sync_folder(folder_);
}

}  // namespace core
