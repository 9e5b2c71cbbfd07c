// What a long comparison has done, in a folder, so that after a kill another process goes on from there.
//
// Two files, for their owner alone: the entries of both sides (Partitions), and a journal. The journal appears, whole
// and synced, when both sides are read; then it grows by a record for each partition. A record that isn't whole ends
// it: what it stood for is done again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/crypto/keyed_hash.h"

namespace reconciliation::engine {

class KeptFolder {
public:
    // Made where it isn't there; nobody else has it while this object lives. Throws UsageError for a folder that holds
    // anything else, OutsideFailure where another process has it or it can't be made.
    explicit KeptFolder(std::filesystem::path folder);
    ~KeptFolder();
    KeptFolder(const KeptFolder&) = delete;
    KeptFolder& operator=(const KeptFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    // The file of entries, open for reading and writing; whoever fills it empties it first.
    int entries() const { return entries_; }

    struct Record {
        std::uint32_t kind = 0;
        std::uint32_t number = 0;
        std::string bytes;
    };
    // The journal's records, as far as they are whole; further ones are added behind them. None: there is no journal.
    std::vector<Record> open_journal();
    // In place of what was there: syncs the entries, then appears with its first record, synced.
    void begin_journal(const Record& first);
    // From any thread. Not synced: what is lost with the machine is done again.
    void add(const Record& record);
    // Both files are emptied: nothing is kept.
    void forget();
    // The files, and the folder where that can be.
    void remove();

private:
    std::string framed(const Record& record) const;
    int open_file(const char* name, int flags) const;
    [[noreturn]] void fail_to(const std::string& what) const;
    void write_all(int file, std::string_view bytes) const;
    void require_nothing_else() const;

    std::filesystem::path path_;
    int folder_ = -1;
    int entries_ = -1;
    int journal_ = -1;
    core::crypto::KeyedHash::Key key_{};  // of this journal's records
    std::mutex mutex_;
};

}  // namespace reconciliation::engine
