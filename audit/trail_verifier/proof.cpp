#include "audit/trail_verifier/proof.h"

#include <span>
#include <string>
#include <utility>

#include "audit/trail_verifier/fields.h"
#include "audit/trail_verifier/heads.h"
#include "audit/trail_verifier/tree.h"
#include "audit/verifier/digest.h"

namespace trail_verifier {
namespace {

constexpr std::size_t kPathMax = 64;  // twice the height of the largest tree
constexpr std::size_t kFindingsMax = 1000;

struct Paths {
    std::vector<std::string> inclusion;
    std::vector<std::string> consistency;
};

// One JSON object, in one line.
std::string only_line(std::istream& proof) {
    Lines lines(proof);
    if (!lines.next()) {
        throw FormError{1, "", "is missing: the file is empty"};
    }
    auto text = lines.text();
    if (lines.next()) {
        throw FormError{2, "", "stands behind the proof, which is one line"};
    }
    return text;
}

Paths read(std::istream& proof, Proved& proved) {
    simdjson::dom::parser parser;
    const auto text = only_line(proof);
    const Fields fields(object_in(parser, text, 1), 1);
    if (fields.text("proof") != "duizhang trail proof 1") {
        throw FormError{1, "proof", "must be \"duizhang trail proof 1\""};
    }
    Paths paths;
    proved.head = head_of(fields.object("head"));
    if (fields.has("record")) {
        proved.record = record_of(fields.object("record"));
        paths.inclusion = fields.hashes("inclusion", kPathMax);
    }
    if (fields.has("earlier")) {
        proved.earlier = head_of(fields.object("earlier"));
        paths.consistency = fields.hashes("consistency", kPathMax);
    }
    if (!proved.record && !proved.earlier) {
        throw FormError{1, "record", "is missing, and an earlier head, too: there is nothing to prove"};
    }
    fields.end(
        proved.record && proved.earlier
            ? std::initializer_list<std::string_view>{"proof", "record", "inclusion", "earlier", "consistency", "head"}
        : proved.record ? std::initializer_list<std::string_view>{"proof", "record", "inclusion", "head"}
                        : std::initializer_list<std::string_view>{"proof", "earlier", "consistency", "head"});
    return paths;
}

class Proving {
public:
    Proving(const PublicKeys& keys, Proved& proved) : keys_(keys), proved_(proved) {}

    void hold_heads() {
        hold(proved_.head, false);
        if (!proved_.earlier) {
            return;
        }
        hold(*proved_.earlier, false);
        if (proved_.earlier->origin != proved_.head.origin || proved_.earlier->tenant != proved_.head.tenant) {
            find(proved_.earlier->size, Kind::head, "the earlier head is another installation's or tenant's");
        }
    }

    void hold_record(const Record& record, const std::vector<std::string>& path) {
        const auto& head = proved_.head;
        const auto leaf = leaf_of(head.tenant, record);
        const auto key = keys_.find(record.key);
        if (key == keys_.end()) {
            find(record.number, Kind::foreign_key,
                 named(record) + " is signed by key " + record.key + ", which was not given");
        } else if (leaf != record.leaf ||
                   !verifier::is_signed_with(key->second, signed_text(record, leaf), record.signature)) {
            find(record.number, Kind::changed, named(record) + " was changed since it was signed");
        }
        // The number says the place: the head's tree has this record there, and no other.
        if (record.number > head.size || root_from(leaf, record.number - 1, head.size, path) != head.root) {
            find(record.number, Kind::not_included,
                 named(record) + " isn't shown to be in the head of size " + std::to_string(head.size));
        }
    }

    void hold_earlier(const Head& earlier, const std::vector<std::string>& path) {
        const auto& head = proved_.head;
        const bool is_earlier = earlier.size > 0 && earlier.size <= head.size;
        const auto roots = is_earlier ? roots_from(earlier.size, earlier.root, head.size, path) : std::nullopt;
        if (!roots || roots->earlier != earlier.root || roots->later != head.root) {
            find(earlier.size, Kind::not_consistent,
                 "the head of size " + std::to_string(head.size) + " isn't shown to go on from the one of size " +
                     std::to_string(earlier.size));
        }
    }

    void hold_published(std::istream& published) {
        proved_.head_published = false;
        if (proved_.earlier) {
            proved_.earlier_published = false;
        }
        Lines lines(published);
        while (lines.next()) {
            const auto head = published_head_in(lines);
            if (head.tenant != proved_.head.tenant || head.origin != proved_.head.origin || !hold(head, true)) {
                continue;
            }
            compare(head, proved_.head, *proved_.head_published);
            if (proved_.earlier) {
                compare(head, *proved_.earlier, *proved_.earlier_published);
            }
        }
    }

private:
    void find(std::int64_t record, Kind kind, std::string what) { note({record, kind, std::move(what)}); }
    void note(Finding finding) {
        if (proved_.findings.size() < kFindingsMax) {
            proved_.findings.push_back(std::move(finding));
        }
    }

    bool hold(const Head& head, bool published) {
        auto complaint = complaint_of(head, published, keys_);
        if (complaint) {
            note(*std::move(complaint));
            return false;
        }
        return true;
    }

    void compare(const Head& published, const Head& own, bool& is_published) {
        if (published.size != own.size) {
            return;
        }
        is_published = true;
        if (published.root != own.root) {
            find(own.size, Kind::rewritten,
                 "the published head of size " + std::to_string(own.size) +
                     " is of other records: somebody who has the signing key signed two");
        }
    }

    const PublicKeys& keys_;
    Proved& proved_;
};

}  // namespace

Proved verify_proof(std::istream& proof, std::istream* published, const PublicKeys& keys) {
    Proved proved;
    const auto paths = read(proof, proved);
    Proving proving(keys, proved);
    proving.hold_heads();
    if (proved.record) {
        proving.hold_record(*proved.record, paths.inclusion);
    }
    if (proved.earlier) {
        proving.hold_earlier(*proved.earlier, paths.consistency);
    }
    if (published != nullptr) {
        proving.hold_published(*published);
    }
    return proved;
}

}  // namespace trail_verifier
