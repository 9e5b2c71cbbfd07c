// Files: reading with limits, writing whole or not at all, secrets only where others can't read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace core {

// The whole file. Throws InputError naming the file: not there, not a regular file, above bytes_max.
std::string read_file(const std::filesystem::path& path, std::size_t bytes_max);

// Refuses (UsageError naming file and remedy) a file that group or others may read or write, that belongs to
// somebody else (root apart), or that isn't there.
std::string read_private_file(const std::filesystem::path& path, std::size_t bytes_max = 1U << 16U);

// The same for a file that may also be a custodian's: another user's, who lets the group of the one who runs duizhang
// read it (mode 0640 or 0440), and whose folder that one can't write to, so that who runs duizhang can't put another in
// its place.
std::string read_custodian_file(const std::filesystem::path& path, std::size_t bytes_max = 1U << 16U);

// The same refusals without reading, for a file that was read before. One that is gone gives nothing away: no refusal.
void require_still_private(const std::filesystem::path& path);
void require_still_custodians(const std::filesystem::path& path);

// Writes with exactly that mode, fsync, rename; never leaves a half file under the name. Throws OutsideFailure naming
// the file and the reason.
void write_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode = 0644);

// Publishes several files of one folder together: each is written and synced under a temporary name first, and only
// when all are there they are renamed, one after the other. A failure before that leaves the folder as it was.
// The folder (and its parents) are made when missing; OutsideFailure names the file and the reason.
void write_files_together(const std::filesystem::path& folder,
                          const std::vector<std::pair<std::string, std::string>>& name_and_bytes);

// The same for files that aren't all held in memory at once. What was added is gone again unless it was published.
class FilesTogether {
public:
    explicit FilesTogether(std::filesystem::path folder);
    ~FilesTogether();
    FilesTogether(const FilesTogether&) = delete;
    FilesTogether& operator=(const FilesTogether&) = delete;

    void add(const std::string& name, std::string_view bytes);
    void publish();

private:
    class Pending;
    std::filesystem::path folder_;
    std::vector<Pending> pending_;
};

}  // namespace core
