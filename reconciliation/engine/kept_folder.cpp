#include "reconciliation/engine/kept_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/crypto/random.h"
#include "core/failure.h"
#include "reconciliation/engine/packed.h"

namespace reconciliation::engine {

namespace {

constexpr const char* kEntries = "duizhang-diff.entries";
constexpr const char* kJournal = "duizhang-diff.journal";
constexpr const char* kNewJournal = "duizhang-diff.journal.new";

// Fifty times what fifty million lines with one in a thousand of them amiss leave.
constexpr off_t kJournalBytesMax = off_t{1} << 30U;

constexpr std::string_view kMark = "duizhang diff journal 1\n";
struct Frame {
    std::uint32_t kind;
    std::uint32_t number;
    std::uint64_t size;
    std::uint64_t check;  // of the three and the bytes
};
static_assert(sizeof(Frame) == 24, "no padding, which would be written too");

std::uint64_t check_of(const core::crypto::KeyedHash& hash, const Frame& frame, std::string_view bytes) {
    Packer packer;
    packer.number(frame.kind);
    packer.number(frame.number);
    packer.number(frame.size);
    packer.number(hash.short_of(bytes));
    return hash.short_of(packer.take());
}

}  // namespace

KeptFolder::KeptFolder(std::filesystem::path folder) : path_(std::move(folder)) {
    if (::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST) {
        fail_to("be made");
    }
    folder_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_ < 0) {
        fail_to("be opened");
    }
    try {
        if (::flock(folder_, LOCK_EX | LOCK_NB) != 0) {
            throw core::OutsideFailure("--resume: " + path_.string() +
                                       ": another diff is at work there; wait for its end, or name another folder");
        }
        require_nothing_else();
        entries_ = open_file(kEntries, O_RDWR | O_CREAT);
    } catch (...) {
        ::close(folder_);
        throw;
    }
}

KeptFolder::~KeptFolder() {
    for (const int file : {journal_, entries_, folder_}) {
        if (file >= 0) {
            ::close(file);
        }
    }
}

void KeptFolder::fail_to(const std::string& what) const {
    throw core::OutsideFailure("--resume: " + path_.string() + ": can't " + what + ": " + std::strerror(errno) +
                               "; the same command goes on when that is mended");
}

void KeptFolder::require_nothing_else() const {
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
        const auto name = entry.path().filename();
        if (name != kEntries && name != kJournal && name != kNewJournal) {
            throw core::UsageError("--resume: " + path_.string() +
                                   ": holds something that isn't diff's; name a folder that is empty or not there");
        }
    }
}

int KeptFolder::open_file(const char* name, int flags) const {
    const int file = ::openat(folder_, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) {
        if (errno == ENOENT && (flags & O_CREAT) == 0) {
            return -1;
        }
        fail_to(std::string("open ") + name);
    }
    struct stat told {};
    if (::fstat(file, &told) != 0 || !S_ISREG(told.st_mode) || told.st_uid != ::geteuid()) {
        ::close(file);
        throw core::UsageError("--resume: " + path_.string() + ": " + name +
                               " isn't a file of who runs this; name another folder");
    }
    return file;
}

void KeptFolder::write_all(int file, std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            fail_to("be written to");
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string KeptFolder::framed(const Record& record) const {
    Frame frame{record.kind, record.number, record.bytes.size(), 0};
    frame.check = check_of(core::crypto::KeyedHash(key_), frame, record.bytes);
    Packer packer;
    packer.number(frame);
    return packer.take() + record.bytes;
}

std::vector<KeptFolder::Record> KeptFolder::open_journal() {
    std::vector<Record> records;
    const int file = open_file(kJournal, O_RDWR | O_APPEND);
    if (file < 0) {
        return records;
    }
    journal_ = file;
    struct stat told {};
    std::string bytes;
    if (::fstat(file, &told) == 0) {
        if (told.st_size > kJournalBytesMax) {
            throw core::UsageError("--resume: " + path_.string() + ": " + kJournal +
                                   " is larger than any that diff writes; remove the folder, or name another");
        }
        bytes.resize(static_cast<std::size_t>(told.st_size));
    }
    std::size_t size = 0;
    while (size < bytes.size()) {
        const ssize_t got = ::pread(file, bytes.data() + size, bytes.size() - size, static_cast<off_t>(size));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            fail_to("be read");
        }
        size += static_cast<std::size_t>(got);
    }
    const std::string_view whole(bytes);
    std::size_t at = kMark.size() + key_.size();
    if (whole.size() < at || whole.substr(0, kMark.size()) != kMark) {
        throw core::UsageError("--resume: " + path_.string() +
                               ": was begun by another version of duizhang; remove the folder, or name another");
    }
    std::memcpy(key_.data(), whole.data() + kMark.size(), key_.size());
    const core::crypto::KeyedHash hash(key_);
    while (whole.size() - at >= sizeof(Frame)) {
        Frame frame{};
        std::memcpy(&frame, whole.data() + at, sizeof(frame));
        if (frame.size > whole.size() - at - sizeof(frame)) {
            break;
        }
        const std::string_view content = whole.substr(at + sizeof(frame), frame.size);
        if (check_of(hash, frame, content) != frame.check) {
            break;
        }
        records.push_back({frame.kind, frame.number, std::string(content)});
        at += sizeof(frame) + content.size();
    }
    if (::ftruncate(file, static_cast<off_t>(at)) != 0) {
        fail_to("be written to");
    }
    return records;
}

void KeptFolder::begin_journal(const Record& first) {
    if (::fdatasync(entries_) != 0) {
        fail_to("be synced");
    }
    const std::string random = core::crypto::random_bytes(key_.size());
    std::memcpy(key_.data(), random.data(), key_.size());
    if (journal_ >= 0) {
        ::close(journal_);
    }
    journal_ = open_file(kNewJournal, O_RDWR | O_CREAT | O_TRUNC | O_APPEND);
    write_all(journal_, std::string(kMark) + random);
    write_all(journal_, framed(first));
    if (::fsync(journal_) != 0 || ::renameat(folder_, kNewJournal, folder_, kJournal) != 0 || ::fsync(folder_) != 0) {
        fail_to("be synced");
    }
}

void KeptFolder::add(const Record& record) {
    const std::string bytes = framed(record);
    const std::lock_guard lock(mutex_);
    write_all(journal_, bytes);
}

void KeptFolder::forget() {
    if (journal_ >= 0) {
        ::close(journal_);
        journal_ = -1;
    }
    for (const char* name : {kJournal, kNewJournal}) {
        if (::unlinkat(folder_, name, 0) != 0 && errno != ENOENT) {
            fail_to("be emptied");
        }
    }
    if (::ftruncate(entries_, 0) != 0) {
        fail_to("be emptied");
    }
}

void KeptFolder::remove() {
    forget();
    if (::unlinkat(folder_, kEntries, 0) != 0) {
        fail_to("be removed");
    }
    ::rmdir(path_.c_str());  // one that can't be removed, such as ".", stays empty
}

}  // namespace reconciliation::engine
