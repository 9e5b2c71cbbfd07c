// A set of movements by their numbers, small: a bit for each of 4,096 numbers around those that are in it.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace reconciliation {

class MovementSet {
public:
    static constexpr std::int64_t kBlock = 4096;                      // as reconciliation.agreed_movements has it
    using Runs = std::vector<std::pair<std::int64_t, std::int64_t>>;  // first and last, ascending and apart

    // Numbers from 0 on; those that follow one another closely cost least.
    void add(std::int64_t number);
    void remove(std::int64_t number);
    bool contains(std::int64_t number) const;
    std::uint64_t size() const;

    // The numbers of a block (the number / kBlock), for each block that has any, in order.
    template <typename Take>
    void each_block(const Take& take) const {
        for (const auto& [block, bits] : blocks_) {
            if (bits.any()) {
                take(block, runs_of(block, bits));
            }
        }
    }

private:
    using Bits = std::bitset<kBlock>;
    static Runs runs_of(std::int64_t block, const Bits& bits);

    std::map<std::int64_t, Bits> blocks_;
    std::int64_t last_block_ = -1;
    Bits* last_ = nullptr;  // a map's values stay where they are
};

}  // namespace reconciliation
