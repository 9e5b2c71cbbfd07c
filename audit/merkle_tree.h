// A Merkle tree over records in their order (RFC 9162, section 2.1): what a signed head of the tree vouches for, and
// the short proofs that a record is in it and that a later tree goes on from an earlier one.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/crypto/digest.h"

namespace audit {

using TreeHash = core::crypto::Sha256;

// The hash of one record's bytes. A leaf can't pass for an inner node: each is hashed behind a byte of its own.
TreeHash leaf_hash(std::string_view record);

// Takes 64 bytes a record. Growing by one record, and each proof, takes time that grows with the tree's height.
class MerkleTree {
public:
    void add(const TreeHash& leaf);
    std::uint64_t size() const noexcept { return levels_.empty() ? 0 : levels_.front().size(); }

    TreeHash root() const { return root_at(size()); }
    // Of the tree as it was when it had `size` records; `size` is at most size(). The empty tree has SHA-256 of
    // nothing.
    TreeHash root_at(std::uint64_t size) const;

    // That record `index` (from 0) is in the tree of `size` records; index < size <= size().
    std::vector<TreeHash> inclusion(std::uint64_t index, std::uint64_t size) const;
    // That the tree of `to` records begins with the one of `from`; 0 < from <= to <= size().
    std::vector<TreeHash> consistency(std::uint64_t from, std::uint64_t to) const;

private:
    TreeHash of_range(std::uint64_t begin, std::uint64_t end) const;

    // levels_[k][i] is the root over the records [i * 2^k, (i + 1) * 2^k), where all of them are there.
    std::vector<std::vector<TreeHash>> levels_;
};

// The root of a tree that only grows, in memory of one hash a level.
class MerkleFront {
public:
    void add(const TreeHash& leaf);
    std::uint64_t size() const noexcept { return size_; }
    TreeHash root() const;

private:
    std::vector<TreeHash> whole_;  // roots of whole subtrees, the largest first: one for each bit of the size
    std::uint64_t size_ = 0;
};

// A proof comes from outside: false for one that is too short, too long, or about no such tree.
bool proves_inclusion(const TreeHash& leaf, std::uint64_t index, std::uint64_t size, const std::vector<TreeHash>& proof,
                      const TreeHash& root);
bool proves_consistency(std::uint64_t from, const TreeHash& from_root, std::uint64_t to, const TreeHash& to_root,
                        const std::vector<TreeHash>& proof);

}  // namespace audit
