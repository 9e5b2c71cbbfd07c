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

void add(const Leftovers& given, Leftovers& all) {
    all.ledger.insert(all.ledger.end(), given.ledger.begin(), given.ledger.end());
    all.channel.insert(all.channel.end(), given.channel.begin(), given.channel.end());
    all.cancelled += given.cancelled;
}

// Does one partition's `work`, unless it was done before.
template <typename Work>
void do_once(unsigned partition, KeptPass& kept, Work& work, Leftovers& mine) {
    if (const Leftovers* before = kept.done_before(partition)) {
        add(*before, mine);
        return;
    }
    Leftovers given;
    work(partition, given);
    kept.done(partition, given);
    add(given, mine);
}

// On each thread, what `make_work()` gives is called with partitions and what to add to.
template <typename MakeWork>
Leftovers pass_over(unsigned partitions, unsigned threads, KeptPass* kept, const MakeWork& make_work) {
    Leftovers all;
    std::mutex mutex;
    std::atomic<unsigned> next{0};
    run_workers(threads, [&](unsigned) {
        auto work = make_work();
        Leftovers mine;
        for (unsigned partition = next++; partition < partitions; partition = next++) {
            if (kept == nullptr) {
                work(partition, mine);
            } else {
                do_once(partition, *kept, work, mine);
            }
        }
        const std::lock_guard lock(mutex);
        add(mine, all);
    });
    std::sort(all.ledger.begin(), all.ledger.end());
    std::sort(all.channel.begin(), all.channel.end());
    return all;
}

// Of one partition, whose entries it sorts.
void add_repeated(std::vector<Entry>& entries, std::vector<std::uint64_t>& places) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const bool again = (i > 0 && entries[i - 1].name == entries[i].name) ||
                           (i + 1 < entries.size() && entries[i + 1].name == entries[i].name);
        if (again) {
            places.push_back(entries[i].place());
        }
    }
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
                     const CancelOptions& options, KeptPass* kept) {
    return pass_over(partitions, threads, kept, [&] {
        return [&, canceller = Canceller(options), ours = std::vector<Entry>(), theirs = std::vector<Entry>()](
                   unsigned partition, Leftovers& given) mutable {
            ledger.load(partition, ours);
            channel.load(partition, theirs);
            canceller.cancel(ours, theirs, given);
        };
    });
}

std::vector<std::uint64_t> repeated_places(Partitions& entries, unsigned partitions, unsigned threads, KeptPass* kept) {
    const auto make_work = [&] {
        return [&, mine = std::vector<Entry>()](unsigned partition, Leftovers& given) mutable {
            entries.load(partition, mine);
            add_repeated(mine, given.ledger);
        };
    };
    return pass_over(partitions, threads, kept, make_work).ledger;
}

}  // namespace reconciliation::engine
