// Partitions: the entries of one side, spread by their names, in memory as far as that is allowed and in a file that
// has no name beyond it, or in one that is kept for another process to go on from.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace reconciliation::engine {

struct Entry {
    std::uint64_t name = 0;   // Fingerprint
    std::uint64_t whole = 0;  // Fingerprint
    std::uint64_t at = 0;     // where the record stands on its side, and a mark: see place() and is_marked()

    static std::uint64_t place_of(std::uint64_t at) { return at >> 1U; }
    std::uint64_t place() const { return place_of(at); }
    bool is_marked() const { return (at & 1U) != 0; }
};

// What all sides and threads of one comparison share.
class Spread {
public:
    // As many partitions as keep each within what a core's cache holds, for about that many entries a side, and no more
    // than the memory has room for while they are filled. `memory_max` bounds what the entries of both sides take, with
    // the blocks that threads fill and what says where each is, and
    // what doesn't fit goes to a file in `folder` that nobody else can open and that is gone with the process.
    Spread(std::uint64_t entries_a_side, std::uint64_t memory_max, unsigned threads, std::filesystem::path folder);
    // How entries are spread, for another process to find them.
    struct Shape {
        std::uint32_t bits = 0;
        std::uint64_t secret = 0;
        // Whether there can be as many partitions.
        bool is_possible() const;
    };
    // What another process has spread and kept in this file.
    Spread(const Shape& shape, std::uint64_t memory_max, int file, std::filesystem::path folder);
    ~Spread();
    Spread(const Spread&) = delete;
    Spread& operator=(const Spread&) = delete;

    // What doesn't fit goes to this file of `folder` instead, and is checked when it is read in another process. Before
    // anything is filled.
    void keep_in(int file, std::filesystem::path folder);
    Shape shape() const { return {bits_, secret_}; }

    unsigned count() const { return 1U << bits_; }
    // A secret multiplier places entries, so that nobody can choose names that all fall into one partition.
    unsigned partition_of(std::uint64_t name) const { return static_cast<unsigned>((name * secret_) >> (64 - bits_)); }
    std::uint64_t spilled_bytes() const { return spilled_; }

private:
    friend class Partitions;

    bool take(std::uint64_t bytes);
    void give_back(std::uint64_t bytes) { used_ -= bytes; }
    // Returns where the bytes stand in the file.
    std::uint64_t spill(const void* bytes, std::size_t size);
    void read_back(std::uint64_t offset, void* bytes, std::size_t size) const;
    bool is_kept() const { return kept_; }

    unsigned bits_ = 0;
    std::uint64_t secret_;
    std::uint64_t memory_max_;
    std::atomic<std::uint64_t> used_{0};
    std::atomic<std::uint64_t> spilled_{0};
    std::filesystem::path folder_;
    std::once_flag opened_;
    int file_ = -1;
    bool kept_ = false;
};

class Partitions {
public:
    static constexpr std::size_t kBlockEntries = 340;  // a little less than 8 KiB

    explicit Partitions(Spread& spread) : spread_(spread), blocks_(spread.count()) {}
    ~Partitions();
    Partitions(const Partitions&) = delete;
    Partitions& operator=(const Partitions&) = delete;

    // One for each thread that fills; flush() before anybody loads.
    class Writer {
    public:
        explicit Writer(Partitions& partitions) : partitions_(partitions), open_(partitions.spread_.count()) {}
        void add(const Entry& entry) {
            const unsigned partition = partitions_.spread_.partition_of(entry.name);
            if (open_[partition].count == kBlockEntries) {
                next_block(partition);
            }
            Open& open = open_[partition];
            open.entries[open.count++] = entry;
        }
        void flush();

    private:
        struct Open {
            std::unique_ptr<Entry[]> entries;  // nothing: none has come yet
            std::uint32_t count = kBlockEntries;
        };

        void next_block(unsigned partition);

        Partitions& partitions_;
        std::vector<Open> open_;
    };

    // Replaces what is in `entries` by the partition's, and forgets them here.
    void load(unsigned partition, std::vector<Entry>& entries);

    // Where some of a partition's entries stand in the file that is kept.
    struct Kept {
        std::uint64_t offset = 0;
        std::uint64_t check = 0;
        std::uint32_t partition = 0;
        std::uint32_t count = 0;
    };
    // Puts into the file what is in memory alone. When all is flushed.
    std::vector<Kept> keep();
    // What another process kept, in place of filling. Throws core::OutsideFailure for what it can't have kept.
    void take_over(const std::vector<Kept>& kept);

private:
    friend class Spread;

    struct Block {
        std::unique_ptr<Entry[]> entries;  // empty where it was spilled
        std::uint64_t offset = 0;
        std::uint32_t count = 0;
        std::uint64_t check = 0;  // of what is kept
        bool taken_over = false;
    };

    void close(unsigned partition, std::unique_ptr<Entry[]> entries, std::uint32_t count);
    void spill(Block& block, const Entry* entries);

    Spread& spread_;
    std::mutex mutex_;
    std::vector<std::vector<Block>> blocks_;
};

}  // namespace reconciliation::engine
