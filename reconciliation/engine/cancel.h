// Cancelling: of two sides' entries, what stands once on either and says the same is settled; the rest is for the
// precise comparison. On most days that leaves one record in a thousand.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "reconciliation/engine/partitions.h"

namespace reconciliation::engine {

struct Leftovers {
    std::vector<std::uint64_t> ledger;   // Entry::at
    std::vector<std::uint64_t> channel;  // likewise
    std::uint64_t cancelled = 0;         // pairs
};

struct CancelOptions {
    bool marks_matter = false;  // entries agree only when their marks do
    // Places, sorted, of entries that are left together with all of their name.
    std::vector<std::uint64_t> held_ledger;
    std::vector<std::uint64_t> held_channel;
};

class Canceller {
public:
    // The options outlive it.
    explicit Canceller(const CancelOptions& options) : options_(options) {}

    // Adds to `leftovers`. All entries of a name are left as soon as there is more than one on a side, none on the
    // other, or they differ.
    void cancel(std::span<const Entry> ledger, std::span<const Entry> channel, Leftovers& leftovers);

private:
    struct Slot {
        std::uint64_t name;
        std::uint32_t ledger;   // index + 1; zero: none
        std::uint32_t channel;  // likewise
        bool kept;              // whatever they say: there are more of them, or one is held
    };
    std::size_t slot_of(std::uint64_t name) const;
    void enter(std::span<const Entry> ledger, Leftovers& leftovers);
    void look_up(std::span<const Entry> channel, Leftovers& leftovers);

    const CancelOptions& options_;
    std::vector<Slot> slots_;
    unsigned shift_ = 0;
};

// What a pass over all partitions gave for each of them, kept by somebody who lives longer than this process.
class KeptPass {
public:
    virtual ~KeptPass() = default;
    // Both from any thread. Nothing: that partition wasn't done before.
    virtual const Leftovers* done_before(unsigned partition) const = 0;
    virtual void done(unsigned partition, const Leftovers& given) = 0;
};

// Partition by partition, on `threads` threads. What it gives is sorted, and the same for any number of threads.
Leftovers cancel_all(Partitions& ledger, Partitions& channel, unsigned partitions, unsigned threads,
                     const CancelOptions& options, KeptPass* kept = nullptr);

// The places of entries whose name stands there more than once; sorted. A pass keeps them as the ledger's.
std::vector<std::uint64_t> repeated_places(Partitions& entries, unsigned partitions, unsigned threads,
                                           KeptPass* kept = nullptr);

}  // namespace reconciliation::engine
