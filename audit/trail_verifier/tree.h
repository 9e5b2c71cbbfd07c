// The root of a growing Merkle tree (RFC 9162, 2.1.1), in memory of one hash for each of its levels.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trail_verifier {

class Tree {
public:
    void add(std::string leaf);  // 32 bytes
    std::int64_t size() const { return size_; }
    std::string root() const;

private:
    std::vector<std::string> whole_;  // roots of whole subtrees, the largest first: one for each bit of the size
    std::int64_t size_ = 0;
};

// The root that a path leads to from the leaf at `index` (from 0) of a tree of `size` (RFC 9162, 2.1.3.1): the leaf's
// neighbours, the nearest first. Nothing when the path isn't as long as one of such a tree.
std::optional<std::string> root_from(const std::string& leaf, std::int64_t index, std::int64_t size,
                                     std::span<const std::string> path);

struct Roots {
    std::string earlier;
    std::string later;
};
// The roots that a path (2.1.4.1) leads to of the tree of `size` and of the one of its first `earlier` records, whose
// root is `earlier_root` where it is a whole part of it; 0 < earlier <= size.
std::optional<Roots> roots_from(std::int64_t earlier, const std::string& earlier_root, std::int64_t size,
                                std::span<const std::string> path);

}  // namespace trail_verifier
