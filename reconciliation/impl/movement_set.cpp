#include "reconciliation/impl/movement_set.h"

#include <numeric>

#include "core/failure.h"

namespace reconciliation {

void MovementSet::add(std::int64_t number) {
    core::ensure(number >= 0, "movements have numbers from 0 on");
    if (const auto block = number / kBlock; block != last_block_) {
        last_ = &blocks_[block];
        last_block_ = block;
    }
    last_->set(static_cast<std::size_t>(number % kBlock));
}

void MovementSet::remove(std::int64_t number) {
    if (const auto block = blocks_.find(number / kBlock); number >= 0 && block != blocks_.end()) {
        block->second.reset(static_cast<std::size_t>(number % kBlock));
    }
}

bool MovementSet::contains(std::int64_t number) const {
    const auto block = blocks_.find(number / kBlock);
    return number >= 0 && block != blocks_.end() && block->second.test(static_cast<std::size_t>(number % kBlock));
}

std::uint64_t MovementSet::size() const {
    return std::accumulate(blocks_.begin(), blocks_.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& block) { return sum + block.second.count(); });
}

MovementSet::Runs MovementSet::runs_of(std::int64_t block, const Bits& bits) {
    Runs runs;
    for (std::size_t at = bits._Find_first(); at < bits.size(); at = bits._Find_next(at)) {
        const auto number = block * kBlock + static_cast<std::int64_t>(at);
        if (!runs.empty() && runs.back().second + 1 == number) {
            runs.back().second = number;
        } else {
            runs.emplace_back(number, number);
        }
    }
    return runs;
}

}  // namespace reconciliation
