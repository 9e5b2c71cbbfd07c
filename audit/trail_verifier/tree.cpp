#include "audit/trail_verifier/tree.h"

#include <bit>
#include <utility>

#include "audit/verifier/digest.h"

namespace trail_verifier {
namespace {

std::string node(const std::string& left, const std::string& right) { return verifier::sha256('\1' + left + right); }

// Where a tree of more than one record parts: the largest power of two below its size.
std::int64_t part_of(std::int64_t size) {
    return static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(size - 1)));
}

// SUBPROOF of 2.1.4.1, read from its end. `known` while the part is the whole of the earlier tree.
std::optional<Roots> roots_of_part(std::int64_t earlier, std::int64_t size, const std::string* known,
                                   std::span<const std::string> path) {
    if (earlier == size) {
        if (path.size() != (known != nullptr ? 0U : 1U)) {
            return std::nullopt;
        }
        const auto& root = known != nullptr ? *known : path.front();
        return Roots{root, root};
    }
    if (path.empty()) {
        return std::nullopt;
    }
    const auto& neighbour = path.back();
    const auto rest = path.first(path.size() - 1);
    const auto part = part_of(size);
    if (earlier <= part) {
        const auto left = roots_of_part(earlier, part, known, rest);
        return left ? std::optional<Roots>({left->earlier, node(left->later, neighbour)}) : std::nullopt;
    }
    const auto right = roots_of_part(earlier - part, size - part, nullptr, rest);
    return right ? std::optional<Roots>({node(neighbour, right->earlier), node(neighbour, right->later)})
                 : std::nullopt;
}

}  // namespace

void Tree::add(std::string leaf) {
    auto hash = std::move(leaf);
    for (auto rest = size_; (rest & 1) != 0; rest >>= 1) {
        hash = node(whole_.back(), hash);
        whole_.pop_back();
    }
    whole_.push_back(std::move(hash));
    ++size_;
}

std::string Tree::root() const {
    if (whole_.empty()) {
        return verifier::sha256("");
    }
    auto hash = whole_.back();
    for (auto i = whole_.size() - 1; i > 0; --i) {
        hash = node(whole_[i - 1], hash);
    }
    return hash;
}

std::optional<std::string> root_from(const std::string& leaf, std::int64_t index, std::int64_t size,
                                     std::span<const std::string> path) {
    if (size == 1) {
        return path.empty() ? std::optional(leaf) : std::nullopt;
    }
    if (path.empty()) {
        return std::nullopt;
    }
    const auto& neighbour = path.back();
    const auto rest = path.first(path.size() - 1);
    const auto part = part_of(size);
    const bool is_left = index < part;
    const auto below = is_left ? root_from(leaf, index, part, rest) : root_from(leaf, index - part, size - part, rest);
    if (!below) {
        return std::nullopt;
    }
    return is_left ? node(*below, neighbour) : node(neighbour, *below);
}

std::optional<Roots> roots_from(std::int64_t earlier, const std::string& earlier_root, std::int64_t size,
                                std::span<const std::string> path) {
    return roots_of_part(earlier, size, &earlier_root, path);
}

}  // namespace trail_verifier
