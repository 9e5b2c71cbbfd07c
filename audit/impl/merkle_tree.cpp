#include "audit/merkle_tree.h"

#include <algorithm>
#include <bit>
#include <string>

#include "core/failure.h"

namespace audit {
namespace {

constexpr char kLeaf = '\x00';
constexpr char kNode = '\x01';

std::string_view bytes_of(const TreeHash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

TreeHash node_hash(const TreeHash& left, const TreeHash& right) {
    std::string bytes;
    bytes.reserve(1 + left.size() + right.size());
    bytes += kNode;
    bytes += bytes_of(left);
    bytes += bytes_of(right);
    return core::crypto::sha256(bytes);
}

// Where a tree of `size` > 1 records parts: the largest power of two that is less.
std::uint64_t split_of(std::uint64_t size) { return std::bit_floor(size - 1); }

}  // namespace

TreeHash leaf_hash(std::string_view record) {
    std::string bytes;
    bytes.reserve(1 + record.size());
    bytes += kLeaf;
    bytes += record;
    return core::crypto::sha256(bytes);
}

void MerkleTree::add(const TreeHash& leaf) {
    auto hash = leaf;
    for (std::size_t level = 0;; ++level) {
        if (level == levels_.size()) {
            levels_.emplace_back();
        }
        auto& row = levels_[level];
        row.push_back(hash);
        if (row.size() % 2 == 1) {
            return;
        }
        hash = node_hash(row[row.size() - 2], row[row.size() - 1]);
    }
}

TreeHash MerkleTree::root_at(std::uint64_t size) const {
    core::ensure(size <= this->size(), "a root is asked of a tree that there was");
    return size == 0 ? core::crypto::sha256("") : of_range(0, size);
}

TreeHash MerkleTree::of_range(std::uint64_t begin, std::uint64_t end) const {
    const auto size = end - begin;
    if (std::has_single_bit(size)) {
        // A range that comes from parting a tree begins at a multiple of its own whole size.
        return levels_[static_cast<std::size_t>(std::countr_zero(size))][begin / size];
    }
    const auto middle = begin + split_of(size);
    return node_hash(of_range(begin, middle), of_range(middle, end));
}

std::vector<TreeHash> MerkleTree::inclusion(std::uint64_t index, std::uint64_t size) const {
    core::ensure(index < size && size <= this->size(), "a proof is asked for a record of a tree that there was");
    std::vector<TreeHash> proof;
    std::uint64_t begin = 0;
    std::uint64_t end = size;
    while (end - begin > 1) {
        const auto middle = begin + split_of(end - begin);
        if (index < middle) {
            proof.push_back(of_range(middle, end));
            end = middle;
        } else {
            proof.push_back(of_range(begin, middle));
            begin = middle;
        }
    }
    std::reverse(proof.begin(), proof.end());
    return proof;
}

std::vector<TreeHash> MerkleTree::consistency(std::uint64_t from, std::uint64_t to) const {
    core::ensure(from > 0 && from <= to && to <= size(), "a proof is asked for two trees that there were");
    std::vector<TreeHash> proof;
    std::uint64_t begin = 0;
    std::uint64_t end = to;
    while (from != end) {
        const auto middle = begin + split_of(end - begin);
        if (from <= middle) {
            proof.push_back(of_range(middle, end));
            end = middle;
        } else {
            proof.push_back(of_range(begin, middle));
            begin = middle;
        }
    }
    if (begin > 0) {
        // The last part of the earlier tree; where that is the whole of it, who checks the proof has its root.
        proof.push_back(of_range(begin, end));
    }
    std::reverse(proof.begin(), proof.end());
    return proof;
}

void MerkleFront::add(const TreeHash& leaf) {
    auto hash = leaf;
    for (auto rest = size_; rest % 2 == 1; rest /= 2) {
        hash = node_hash(whole_.back(), hash);
        whole_.pop_back();
    }
    whole_.push_back(hash);
    ++size_;
}

TreeHash MerkleFront::root() const {
    if (whole_.empty()) {
        return core::crypto::sha256("");
    }
    auto hash = whole_.back();
    for (auto left = whole_.rbegin() + 1; left != whole_.rend(); ++left) {
        hash = node_hash(*left, hash);
    }
    return hash;
}

// RFC 9162, section 2.1.3.2.
bool proves_inclusion(const TreeHash& leaf, std::uint64_t index, std::uint64_t size, const std::vector<TreeHash>& proof,
                      const TreeHash& root) {
    if (index >= size) {
        return false;
    }
    auto node = index;
    auto last = size - 1;
    auto hash = leaf;
    for (const auto& sibling : proof) {
        if (last == 0) {
            return false;
        }
        if (node % 2 == 1 || node == last) {
            hash = node_hash(sibling, hash);
            while (node % 2 == 0 && node != 0) {
                node /= 2;
                last /= 2;
            }
        } else {
            hash = node_hash(hash, sibling);
        }
        node /= 2;
        last /= 2;
    }
    return last == 0 && hash == root;
}

// RFC 9162, section 2.1.4.2.
bool proves_consistency(std::uint64_t from, const TreeHash& from_root, std::uint64_t to, const TreeHash& to_root,
                        const std::vector<TreeHash>& proof) {
    if (from == 0 || from > to) {
        return false;
    }
    if (from == to) {
        return proof.empty() && from_root == to_root;
    }
    const bool earlier_is_whole = std::has_single_bit(from);
    if (proof.empty() && !earlier_is_whole) {
        return false;
    }
    auto next = proof.begin();
    auto node = from - 1;
    auto last = to - 1;
    while (node % 2 == 1) {
        node /= 2;
        last /= 2;
    }
    auto earlier = earlier_is_whole ? from_root : *next++;
    auto later = earlier;
    for (; next != proof.end(); ++next) {
        if (last == 0) {
            return false;
        }
        if (node % 2 == 1 || node == last) {
            earlier = node_hash(*next, earlier);
            later = node_hash(*next, later);
            while (node % 2 == 0 && node != 0) {
                node /= 2;
                last /= 2;
            }
        } else {
            later = node_hash(later, *next);
        }
        node /= 2;
        last /= 2;
    }
    return last == 0 && earlier == from_root && later == to_root;
}

}  // namespace audit
