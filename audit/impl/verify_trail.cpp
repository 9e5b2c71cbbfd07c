#include <algorithm>
#include <map>
#include <utility>

#include "audit/trail.h"

namespace audit {
namespace {

// As records are written; another has been changed.
bool is_whole(const SignedRecord& record) {
    const auto& told = record.record;
    const auto texts = {&told.actor, &told.act, &told.origin, &told.object, &told.before, &told.after, &told.outcome};
    return record.is_to_the_millisecond && told.number >= 1 &&
           std::none_of(texts.begin(), texts.end(), [](const auto* text) { return text->empty(); });
}

constexpr std::int64_t kPage = 1'000;

class Verification {
public:
    Verification(const std::vector<std::string>& keys, const core::TenantId& tenant) : tenant_(tenant.text()) {
        for (const auto& key : keys) {
            keys_[key_id_of(key)] = key;
        }
    }

    void take(const SignedRecord& record) {
        if (record.record.number != last_ + 1) {
            find("record " + std::to_string(last_ + 1) + " of " + tenant_ + " is missing");
        }
        last_ = record.record.number;
        const auto name = "record " + std::to_string(record.record.number) + " of " + tenant_;
        const auto leaf = is_whole(record) ? leaf_of(record.record) : TreeHash{};
        const auto key = keys_.find(record.key_id);
        if (key == keys_.end()) {
            find(name + " is signed by key " + record.key_id + ", which is none of ours");
        } else if (leaf != record.leaf) {
            find(name + " was changed: it says something else than its hash");
        } else if (!is_signed(key->second, leaf, record.signature)) {
            find(name + " was changed or put in: its signature isn't ours");
        }
        tree_.add(record.leaf);
    }

    void take(const SignedHead& head, const char* where) {
        if (head.head.tenant != tenant_) {
            return;
        }
        ++heads_;
        const auto name =
            std::string("the head ") + where + " of " + std::to_string(head.head.size) + " records of " + tenant_;
        const auto key = keys_.find(head.key_id);
        if (key == keys_.end() || !is_signed(key->second, head.head, head.signature)) {
            find(name + (key == keys_.end() ? " is signed by a key that is none of ours" : " was changed"));
        } else if (head.head.size > tree_.size()) {
            find(name + " vouches for records that are gone: there are " + std::to_string(tree_.size()));
        } else if (tree_.root_at(head.head.size) != head.head.root) {
            find(name + " is of other records than stand there");
        }
    }

    TrailVerification take_result() { return {static_cast<std::int64_t>(tree_.size()), heads_, std::move(found_)}; }

private:
    void find(std::string what) {
        constexpr std::size_t kFoundMax = 100;
        if (found_.size() < kFoundMax) {
            found_.push_back(std::move(what));
        }
    }

    std::string tenant_;
    std::map<std::string, std::string> keys_;
    std::int64_t last_ = 0;  // record's number
    MerkleTree tree_;
    std::size_t heads_ = 0;
    std::vector<std::string> found_;
};

}  // namespace

TrailVerification verify_trail(core::db::TenantTransaction& transaction, const std::vector<std::string>& keys,
                               const std::vector<SignedHead>& published) {
    Verification verification(keys, transaction.tenant());
    // What comes in meanwhile is told by no head that was read before.
    const auto heads = read_heads(transaction);
    for (std::int64_t after = 0;;) {
        const auto page = read_trail(transaction, {after, {}, {}}, kPage);
        for (const auto& record : page) {
            verification.take(record);
        }
        if (page.empty()) {
            break;
        }
        after = page.back().record.number;
    }
    for (const auto& head : heads) {
        verification.take(head, "in the database");
    }
    for (const auto& head : published) {
        verification.take(head, "published elsewhere");
    }
    return verification.take_result();
}

}  // namespace audit
