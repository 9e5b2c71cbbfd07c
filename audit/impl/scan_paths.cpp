// Files and folders.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "audit/impl/scan_source.h"
#include "core/failure.h"

namespace audit {
namespace {

namespace fs = std::filesystem;

struct Item {
    std::string path;
    std::uint64_t size;
};

class File : public impl::Source {
public:
    using Told = std::function<void(std::uint64_t)>;

    File(int descriptor, bool owned, std::uint64_t size, impl::Budget& budget, Told told)
        : descriptor_(descriptor), owned_(owned), size_(size), budget_(budget), told_(std::move(told)) {}
    ~File() override {
        if (owned_) {
            ::close(descriptor_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    std::size_t read(char* to, std::size_t size) override {
        while (true) {
            const auto got = ::read(descriptor_, to, size);
            if (got >= 0) {
                budget_.in += static_cast<std::uint64_t>(got);
                told_(static_cast<std::uint64_t>(got));
                return static_cast<std::size_t>(got);
            }
            if (errno != EINTR) {
                throw core::OutsideFailure("can't be read: " + std::string(std::strerror(errno)));
            }
        }
    }
    bool seek(std::uint64_t place) override {
        return size_ > 0 && ::lseek(descriptor_, static_cast<off_t>(place), SEEK_SET) >= 0;
    }
    std::uint64_t size() override { return size_; }

private:
    int descriptor_;
    bool owned_;
    std::uint64_t size_;
    impl::Budget& budget_;
    Told told_;
};

class Walk {
public:
    Walk(const Redactor& redactor, const ScanOptions& options, const PathScanner::Progress& progress)
        : scanner_(redactor, options, report_), progress_(progress) {}

    ScanReport scan(const std::vector<std::string>& paths) {
        for (const auto& path : paths) {
            list(path);
        }
        for (const auto& item : items_) {
            all_ += item.size;
        }
        for (const auto& item : items_) {
            scan_file(item);
        }
        return std::move(report_);
    }

private:
    void list(const std::string& path) {
        std::error_code error;
        const auto status = fs::status(path, error);
        if (path == "-") {
            items_.push_back({path, 0});
        } else if (!fs::exists(status)) {
            throw core::InputError(shown_name(path) + ": there is no such file or folder");
        } else if (!fs::is_directory(status)) {
            const auto size = fs::is_regular_file(status) ? fs::file_size(path, error) : 0;
            items_.push_back({path, error ? 0 : size});
        } else {
            list_folder(path);
        }
    }

    void list_folder(const std::string& folder) {
        std::vector<fs::directory_entry> entries;
        std::error_code error;
        for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
            entries.push_back(*at);
        }
        if (error) {
            scanner_.not_looked_into(folder, "can't be read: " + error.message());
        }
        std::sort(entries.begin(), entries.end());
        for (const auto& entry : entries) {
            std::error_code none;
            const auto status = entry.symlink_status(none);
            if (fs::is_directory(status)) {
                list_folder(entry.path().string());
            } else if (fs::is_regular_file(status)) {
                items_.push_back({entry.path().string(), entry.file_size(none)});
            }
        }
    }

    void scan_file(const Item& item) {
        const bool is_input = item.path == "-";
        const int descriptor = is_input ? STDIN_FILENO : ::open(item.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (descriptor < 0) {
            return scanner_.not_looked_into(item.path, "can't be opened: " + std::string(std::strerror(errno)));
        }
        ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
        impl::Budget budget;
        File file(descriptor, !is_input, item.size, budget, [this](std::uint64_t bytes) {
            done_ += bytes;
            progress_(std::min(done_, all_), all_);
        });
        try {
            scanner_.scan(item.path, fs::path(item.path).filename().string(), file, budget, 0);
        } catch (const core::Failure& error) {
            scanner_.not_looked_into(item.path, error.what());
        }
    }

    ScanReport report_;
    impl::SourceScanner scanner_;
    const PathScanner::Progress& progress_;
    std::vector<Item> items_;
    std::uint64_t done_ = 0;
    std::uint64_t all_ = 0;
};

}  // namespace

ScanReport PathScanner::scan(const std::vector<std::string>& paths, const Progress& progress) const {
    return Walk(redactor_, options_, progress).scan(paths);
}

}  // namespace audit
