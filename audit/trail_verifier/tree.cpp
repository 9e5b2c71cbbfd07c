#include "audit/trail_verifier/tree.h"

#include <utility>

#include "audit/verifier/digest.h"

namespace trail_verifier {
namespace {

std::string node(const std::string& left, const std::string& right) { return verifier::sha256('\1' + left + right); }

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

}  // namespace trail_verifier
