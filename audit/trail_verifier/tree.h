// The root of a growing Merkle tree (RFC 9162, 2.1.1), in memory of one hash for each of its levels.
#pragma once

#include <cstdint>
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

}  // namespace trail_verifier
