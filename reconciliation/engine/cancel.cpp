#include "reconciliation/engine/cancel.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <mutex>

#include "reconciliation/engine/workers.h"

namespace reconciliation::engine {

namespace {

bool is_held(const std::vector<std::uint64_t>& held, const Entry& entry) {
    return !held.empty() && std::binary_search(held.begin(), held.end(), entry.place());
}

}  // namespace

// The name is a hash already, and which partition it fell into was decided by another mix of its bits.
std::size_t Canceller::slot_of(std::uint64_t name) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = (name * 0x9e3779b97f4a7c15U) >> shift_;
    while (slots_[slot].ledger != 0 && slots_[slot].name != name) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

void Canceller::enter(std::span<const Entry> ledger, Leftovers& leftovers) {
    const std::size_t size = std::bit_ceil(std::max<std::size_t>(ledger.size() * 2, 16));
    slots_.assign(size, Slot{});
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(size));
    for (std::size_t i = 0; i < ledger.size(); ++i) {
        Slot& slot = slots_[slot_of(ledger[i].name)];
        if (slot.ledger == 0) {
            slot = {ledger[i].name, static_cast<std::uint32_t>(i + 1), 0, is_held(options_.held_ledger, ledger[i])};
        } else {
            slot.kept = true;
            leftovers.ledger.push_back(ledger[i].at);
        }
    }
}

void Canceller::look_up(std::span<const Entry> channel, Leftovers& leftovers) {
    for (std::size_t i = 0; i < channel.size(); ++i) {
        Slot& slot = slots_[slot_of(channel[i].name)];
        if (slot.ledger == 0) {
            leftovers.channel.push_back(channel[i].at);
        } else if (slot.channel == 0) {
            slot.channel = static_cast<std::uint32_t>(i + 1);
            slot.kept = slot.kept || is_held(options_.held_channel, channel[i]);
        } else {
            slot.kept = true;
            leftovers.channel.push_back(channel[i].at);
        }
    }
}

void Canceller::cancel(std::span<const Entry> ledger, std::span<const Entry> channel, Leftovers& leftovers) {
    enter(ledger, leftovers);
    look_up(channel, leftovers);
    for (const Slot& slot : slots_) {
        if (slot.ledger == 0) {
            continue;
        }
        const Entry& ours = ledger[slot.ledger - 1];
        if (slot.channel != 0) {
            const Entry& theirs = channel[slot.channel - 1];
            const bool agree =
                ours.whole == theirs.whole && (!options_.marks_matter || ours.is_marked() == theirs.is_marked());
            if (agree && !slot.kept) {
                ++leftovers.cancelled;
                continue;
            }
            leftovers.channel.push_back(theirs.at);
        }
        leftovers.ledger.push_back(ours.at);
    }
}

Leftovers cancel_all(Partitions& ledger, Partitions& channel, unsigned partitions, unsigned threads,
                     const CancelOptions& options) {
    Leftovers all;
    std::mutex mutex;
    std::atomic<unsigned> next{0};
    run_workers(threads, [&](unsigned) {
        Canceller canceller(options);
        Leftovers mine;
        std::vector<Entry> ours;
        std::vector<Entry> theirs;
        for (unsigned partition = next++; partition < partitions; partition = next++) {
            ledger.load(partition, ours);
            channel.load(partition, theirs);
            canceller.cancel(ours, theirs, mine);
        }
        const std::lock_guard lock(mutex);
        all.ledger.insert(all.ledger.end(), mine.ledger.begin(), mine.ledger.end());
        all.channel.insert(all.channel.end(), mine.channel.begin(), mine.channel.end());
        all.cancelled += mine.cancelled;
    });
    std::sort(all.ledger.begin(), all.ledger.end());
    std::sort(all.channel.begin(), all.channel.end());
    return all;
}

std::vector<std::uint64_t> repeated_places(Partitions& entries, unsigned partitions, unsigned threads) {
    std::vector<std::uint64_t> repeated;
    std::mutex mutex;
    std::atomic<unsigned> next{0};
    run_workers(threads, [&](unsigned) {
        std::vector<Entry> mine;
        std::vector<std::uint64_t> found;
        for (unsigned partition = next++; partition < partitions; partition = next++) {
            entries.load(partition, mine);
            std::sort(mine.begin(), mine.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
            for (std::size_t i = 0; i < mine.size(); ++i) {
                const bool again = (i > 0 && mine[i - 1].name == mine[i].name) ||
                                   (i + 1 < mine.size() && mine[i + 1].name == mine[i].name);
                if (again) {
                    found.push_back(mine[i].place());
                }
            }
        }
        const std::lock_guard lock(mutex);
        repeated.insert(repeated.end(), found.begin(), found.end());
    });
    std::sort(repeated.begin(), repeated.end());
    return repeated;
}

}  // namespace reconciliation::engine
