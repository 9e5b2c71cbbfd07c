#include "reconciliation/engine/partitions.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/crypto/keyed_hash.h"
#include "core/crypto/random.h"
#include "core/failure.h"

namespace reconciliation::engine {

namespace {

constexpr std::uint64_t kEntriesAPartition = 20'000;  // two sides and their table stay below a megabyte
constexpr unsigned kBitsMin = 4;
constexpr unsigned kBitsMax = 12;

std::uint64_t secret_multiplier() {
    std::uint64_t number = 0;
    const std::string bytes = core::crypto::random_bytes(sizeof(number));
    std::memcpy(&number, bytes.data(), sizeof(number));
    return number | 1U;
}

// Against what a disk loses or changes, not against people.
std::uint64_t check_of(const Entry* entries, std::size_t count) {
    static const core::crypto::KeyedHash hash(core::crypto::KeyedHash::Key{});
    return hash.short_of({reinterpret_cast<const char*>(entries), count * sizeof(Entry)});
}

[[noreturn]] void fail_for_change(const std::filesystem::path& folder) {
    throw core::OutsideFailure(folder.string() +
                               ": what was kept there isn't what was written; remove it to begin anew");
}

}  // namespace

Spread::Spread(std::uint64_t entries_a_side, std::uint64_t memory_max, unsigned threads, std::filesystem::path folder)
    : secret_(secret_multiplier()), memory_max_(memory_max), folder_(std::move(folder)) {
    const auto wanted = static_cast<unsigned>(std::bit_width(entries_a_side / kEntriesAPartition));
    bits_ = std::clamp(wanted, kBitsMin, kBitsMax);
    // While they are filled, every thread has a block open for each of them on both sides.
    const std::uint64_t block = std::uint64_t{2} * std::max(threads, 1U) * Partitions::kBlockEntries * sizeof(Entry);
    while (bits_ > kBitsMin && (block << bits_) > memory_max_ / 4) {
        --bits_;
    }
    // What says where the blocks are is in memory wherever they are themselves; vectors grow by half or by all.
    const std::uint64_t told = 2 * entries_a_side / Partitions::kBlockEntries * sizeof(Partitions::Block) * 3 / 2;
    memory_max_ -= std::min((block << bits_) + told, memory_max_ / 4 * 3);
}

bool Spread::Shape::is_possible() const { return bits >= kBitsMin && bits <= kBitsMax; }

Spread::Spread(const Shape& shape, std::uint64_t memory_max, int file, std::filesystem::path folder)
    : bits_(shape.bits), secret_(shape.secret), memory_max_(memory_max) {
    if (!shape.is_possible()) {
        fail_for_change(folder);
    }
    keep_in(file, std::move(folder));
}

void Spread::keep_in(int file, std::filesystem::path folder) {
    std::call_once(opened_, [&] {
        file_ = ::fcntl(file, F_DUPFD_CLOEXEC, 0);
        kept_ = true;
        folder_ = std::move(folder);
    });
}

Spread::~Spread() {
    if (file_ >= 0) {
        ::close(file_);
    }
}

bool Spread::take(std::uint64_t bytes) {
    if (used_.fetch_add(bytes) + bytes <= memory_max_) {
        return true;
    }
    used_ -= bytes;
    return false;
}

std::uint64_t Spread::spill(const void* bytes, std::size_t size) {
    std::call_once(opened_, [&] {
        file_ = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (file_ < 0) {
            throw core::OutsideFailure(folder_.string() +
                                       ": can't hold what doesn't fit into memory: " + std::strerror(errno) +
                                       "; set TMPDIR to a folder that can, or allow more memory");
        }
    });
    const std::uint64_t offset = spilled_.fetch_add(size);
    const char* from = static_cast<const char*>(bytes);
    for (std::size_t done = 0; done < size;) {
        const ssize_t written = ::pwrite(file_, from + done, size - done, static_cast<off_t>(offset + done));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            throw core::OutsideFailure(folder_.string() + ": can't hold what " +
                                       (kept_ ? "is to be kept: " : "doesn't fit into memory: ") +
                                       std::strerror(errno) +
                                       (kept_ ? "; make room there, 24 bytes a row, or name another folder"
                                              : "; set TMPDIR to a folder with more room"));
        }
        done += static_cast<std::size_t>(written);
    }
    return offset;
}

void Spread::read_back(std::uint64_t offset, void* bytes, std::size_t size) const {
    char* to = static_cast<char*>(bytes);
    for (std::size_t done = 0; done < size;) {
        const ssize_t got = ::pread(file_, to + done, size - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            throw core::OutsideFailure(folder_.string() + ": what was put there for a moment can't be read back: " +
                                       std::strerror(got < 0 ? errno : EIO));
        }
        done += static_cast<std::size_t>(got);
    }
}

void Partitions::Writer::next_block(unsigned partition) {
    Open& open = open_[partition];
    if (open.entries) {
        partitions_.close(partition, std::move(open.entries), open.count);
    }
    open = {std::make_unique_for_overwrite<Entry[]>(kBlockEntries), 0};
}

void Partitions::Writer::flush() {
    for (unsigned partition = 0; partition < open_.size(); ++partition) {
        Open& open = open_[partition];
        if (open.entries && open.count > 0) {
            partitions_.close(partition, std::move(open.entries), open.count);
        }
        open = {};
    }
}

Partitions::~Partitions() {
    for (const auto& blocks : blocks_) {
        for (const Block& block : blocks) {
            if (block.entries) {
                spread_.give_back(kBlockEntries * sizeof(Entry));
            }
        }
    }
}

void Partitions::close(unsigned partition, std::unique_ptr<Entry[]> entries, std::uint32_t count) {
    Block block{nullptr, 0, count};
    if (spread_.take(kBlockEntries * sizeof(Entry))) {
        block.entries = std::move(entries);
    } else {
        spill(block, entries.get());
    }
    const std::lock_guard lock(mutex_);
    blocks_[partition].push_back(std::move(block));
}

void Partitions::spill(Block& block, const Entry* entries) {
    block.offset = spread_.spill(entries, block.count * sizeof(Entry));
    if (spread_.is_kept()) {
        block.check = check_of(entries, block.count);
    }
}

std::vector<Partitions::Kept> Partitions::keep() {
    std::vector<Kept> kept;
    for (std::uint32_t partition = 0; partition < blocks_.size(); ++partition) {
        for (Block& block : blocks_[partition]) {
            if (block.entries) {
                spill(block, block.entries.get());
            }
            kept.push_back({block.offset, block.check, partition, block.count});
        }
    }
    return kept;
}

void Partitions::take_over(const std::vector<Kept>& kept) {
    for (const Kept& one : kept) {
        if (one.partition >= blocks_.size() || one.count > kBlockEntries) {
            fail_for_change(spread_.folder_);
        }
        blocks_[one.partition].push_back({nullptr, one.offset, one.count, one.check, true});
    }
}

void Partitions::load(unsigned partition, std::vector<Entry>& entries) {
    std::vector<Block> blocks = std::move(blocks_[partition]);
    std::size_t total = 0;
    for (const Block& block : blocks) {
        total += block.count;
    }
    entries.resize(total);
    Entry* to = entries.data();
    for (Block& block : blocks) {
        if (block.entries) {
            std::memcpy(to, block.entries.get(), block.count * sizeof(Entry));
            block.entries.reset();
            spread_.give_back(kBlockEntries * sizeof(Entry));
        } else {
            spread_.read_back(block.offset, to, block.count * sizeof(Entry));
            if (block.taken_over && check_of(to, block.count) != block.check) {
                fail_for_change(spread_.folder_);
            }
        }
        to += block.count;
    }
}

}  // namespace reconciliation::engine
