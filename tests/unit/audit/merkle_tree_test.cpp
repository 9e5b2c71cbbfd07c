#include "audit/merkle_tree.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/crypto/encoding.h"

namespace audit {
namespace {

constexpr std::uint64_t kLargest = 40;

std::string hex(const TreeHash& hash) {
    return core::crypto::hex_encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

std::string record(std::uint64_t index) { return "record " + std::to_string(index); }

MerkleTree tree_of(std::uint64_t size) {
    MerkleTree tree;
    for (std::uint64_t i = 0; i < size; ++i) {
        tree.add(leaf_hash(record(i)));
    }
    return tree;
}

// What somebody could make of a proof: one hash another, one missing, one more, two swapped.
std::vector<std::vector<TreeHash>> spoilt(const std::vector<TreeHash>& proof) {
    std::vector<std::vector<TreeHash>> all;
    for (std::size_t i = 0; i < proof.size(); ++i) {
        all.push_back(proof);
        all.back()[i][i % 32] ^= 1;
        all.push_back(proof);
        all.back().erase(all.back().begin() + static_cast<std::ptrdiff_t>(i));
        if (i > 0) {
            all.push_back(proof);
            std::swap(all.back()[i - 1], all.back()[i]);
        }
    }
    all.push_back(proof);
    all.back().push_back(leaf_hash("one more"));
    all.push_back(proof);
    all.back().insert(all.back().begin(), leaf_hash("one more"));
    return all;
}

// The records and roots that implementations of Certificate Transparency have in common (RFC 6962's reference tests).
TEST(MerkleTree, HasTheRootsThatOthersCompute) {
    const std::array<std::string, 8> records = {
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
    const std::array<std::string, 9> roots = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                              "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                              "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                              "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                              "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                              "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                              "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                              "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                              "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    MerkleTree tree;
    EXPECT_EQ(hex(tree.root()), roots[0]);
    for (std::size_t i = 0; i < records.size(); ++i) {
        tree.add(leaf_hash(core::crypto::hex_decode(records[i]).value()));
        EXPECT_EQ(hex(tree.root()), roots[i + 1]);
    }
    for (std::size_t size = 0; size < roots.size(); ++size) {
        EXPECT_EQ(hex(tree.root_at(size)), roots[size]) << "the root is the same once the tree has grown";
    }
}

TEST(MerkleFront, HasTheSameRootsAsTheWholeTree) {
    const auto tree = tree_of(kLargest);
    MerkleFront front;
    for (std::uint64_t size = 0; size <= kLargest; ++size) {
        EXPECT_EQ(front.size(), size);
        EXPECT_EQ(front.root(), tree.root_at(size));
        front.add(leaf_hash(record(size)));
    }
}

TEST(MerkleTree, ProvesEveryRecordOfEveryTree) {
    const auto tree = tree_of(kLargest);
    for (std::uint64_t size = 1; size <= kLargest; ++size) {
        for (std::uint64_t index = 0; index < size; ++index) {
            EXPECT_TRUE(proves_inclusion(leaf_hash(record(index)), index, size, tree.inclusion(index, size),
                                         tree.root_at(size)))
                << index << " of " << size;
        }
    }
}

TEST(MerkleTree, ProvesNoOtherRecordNorOtherPlace) {
    const auto tree = tree_of(kLargest);
    for (std::uint64_t size = 1; size <= kLargest; ++size) {
        const auto root = tree.root_at(size);
        for (std::uint64_t index = 0; index < size; ++index) {
            const auto leaf = leaf_hash(record(index));
            const auto proof = tree.inclusion(index, size);
            EXPECT_FALSE(proves_inclusion(leaf_hash("another"), index, size, proof, root));
            EXPECT_FALSE(proves_inclusion(leaf, size, size, proof, root)) << "behind the last one";
            for (std::uint64_t other = 0; other < size; ++other) {
                EXPECT_EQ(proves_inclusion(leaf, other, size, proof, root), other == index)
                    << index << " at " << other << " of " << size;
            }
            for (const auto& bad : spoilt(proof)) {
                EXPECT_FALSE(proves_inclusion(leaf, index, size, bad, root)) << index << " of " << size;
            }
        }
    }
}

TEST(MerkleTree, ProvesThatItGoesOnFromEveryEarlierOne) {
    const auto tree = tree_of(kLargest);
    for (std::uint64_t to = 1; to <= kLargest; ++to) {
        for (std::uint64_t from = 1; from <= to; ++from) {
            const auto proof = tree.consistency(from, to);
            EXPECT_TRUE(proves_consistency(from, tree.root_at(from), to, tree.root_at(to), proof))
                << from << " to " << to;
            for (const auto& bad : spoilt(proof)) {
                EXPECT_FALSE(proves_consistency(from, tree.root_at(from), to, tree.root_at(to), bad))
                    << from << " to " << to;
            }
        }
    }
}

// Whoever rewrites one record of the past has another root for the earlier tree: none of their proofs fits both heads.
TEST(MerkleTree, ProvesNoRewrittenPast) {
    const auto before = tree_of(kLargest);
    for (std::uint64_t rewritten = 0; rewritten < kLargest; ++rewritten) {
        MerkleTree after;
        for (std::uint64_t i = 0; i < kLargest; ++i) {
            after.add(leaf_hash(i == rewritten ? "rewritten" : record(i)));
        }
        for (std::uint64_t from = rewritten + 1; from <= kLargest; ++from) {
            EXPECT_FALSE(proves_consistency(from, before.root_at(from), kLargest, after.root(),
                                            after.consistency(from, kLargest)));
            EXPECT_FALSE(proves_consistency(from, before.root_at(from), kLargest, after.root(),
                                            before.consistency(from, kLargest)));
        }
    }
}

TEST(MerkleTree, ProvesNothingOfATreeThatEndsBeforeItBegins) {
    const auto tree = tree_of(4);
    EXPECT_FALSE(proves_consistency(0, tree.root_at(0), 4, tree.root(), {}));
    EXPECT_FALSE(proves_consistency(4, tree.root(), 3, tree.root_at(3), tree.consistency(3, 4)));
}

TEST(MerkleTree, ProvesNothingOfTwoTreesOfOneSizeWithTwoRoots) {
    const auto tree = tree_of(4);
    EXPECT_TRUE(proves_consistency(4, tree.root(), 4, tree.root(), {}));
    EXPECT_FALSE(proves_consistency(4, tree.root(), 4, tree_of(3).root(), {}));
}

TEST(MerkleTree, ProvesNoRecordOfALargerTreeThanTheProofIsLong) {
    const auto leaf = leaf_hash(record(0));
    EXPECT_TRUE(proves_inclusion(leaf, 0, 1, {}, leaf));
    EXPECT_FALSE(proves_inclusion(leaf, 0, 2, {}, leaf));
}

TEST(MerkleTree, TakesNoInnerNodeForARecord) {
    const auto tree = tree_of(2);
    const auto left = leaf_hash(record(0));
    const auto right = leaf_hash(record(1));
    std::string both(left.begin(), left.end());
    both.append(right.begin(), right.end());
    EXPECT_NE(leaf_hash(both), tree.root());
    EXPECT_NE(leaf_hash('\x01' + both), tree.root());
}

}  // namespace
}  // namespace audit
