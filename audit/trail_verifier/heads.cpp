#include "audit/trail_verifier/heads.h"

#include <algorithm>
#include <utility>

#include "audit/verifier/digest.h"

namespace trail_verifier {
namespace {

constexpr std::size_t kFindingsMax = 1000;

std::string named(const Head& head, bool published) {
    return std::string(published ? "the published head" : "the head") + " of size " + std::to_string(head.size) +
           ", which says it was signed at " + time_text(head.at_us);
}

bool holds(const Head& head, bool published, const PublicKeys& keys, Verified& verified) {
    auto complaint = complaint_of(head, published, keys);
    if (complaint) {
        note(verified, *std::move(complaint));
        return false;
    }
    return true;
}

void take_from_bundle(std::istream& bundle, const PublicKeys& keys, Verified& verified,
                      std::vector<ExpectedHead>& expected) {
    Lines lines(bundle);
    if (!lines.next()) {
        throw FormError{1, "", "is missing: the file is empty"};
    }
    verified.header = header_in(lines.text(), lines.number());
    const auto& header = verified.header;
    while (lines.next()) {
        if (!is_head(lines.text()) || !lines.is_whole()) {
            continue;
        }
        const auto head = head_in(lines.text(), lines.number());
        if (++verified.heads > kHeadsMax) {
            throw FormError{lines.number(), "", "is one head more than " + std::to_string(kHeadsMax)};
        }
        if (head.origin != header.origin || head.tenant != header.tenant) {
            note(verified, {head.size, Kind::head, named(head, false) + ", is another installation's or tenant's"});
        } else if (holds(head, false, keys, verified)) {
            expected.push_back({head.size, head.at_us, head.root, false});
        }
    }
}

void take_from_published(std::istream& published, const PublicKeys& keys, Verified& verified,
                         std::vector<ExpectedHead>& expected) {
    Lines lines(published);
    std::int64_t found = 0;
    std::int64_t elsewhere = 0;
    while (lines.next()) {
        const auto head = published_head_in(lines);
        if (head.tenant != verified.header.tenant) {
            continue;
        }
        if (head.origin != verified.header.origin) {
            ++elsewhere;
            continue;
        }
        if (++found > kHeadsMax) {
            throw FormError{lines.number(), "published ", "is one head more than " + std::to_string(kHeadsMax)};
        }
        if (holds(head, true, keys, verified)) {
            expected.push_back({head.size, head.at_us, head.root, true});
        }
    }
    verified.published = found;
    if (found == 0) {
        note(verified, {1, Kind::rolled_back,
                        elsewhere == 0 ? "not one published head is of this tenant"
                                       : "the published heads of this tenant are all another installation's than \"" +
                                             verified.header.origin + "\""});
    }
}

}  // namespace

Head published_head_in(const Lines& lines) {
    try {
        return head_in(lines.text(), lines.number());
    } catch (const FormError& error) {
        throw FormError{error.line, "published " + error.field, error.what};
    }
}

std::optional<Finding> complaint_of(const Head& head, bool published, const PublicKeys& keys) {
    const auto key = keys.find(head.key);
    if (key == keys.end()) {
        return Finding{head.size, Kind::foreign_key,
                       named(head, published) + ", is signed by key " + head.key + ", which was not given"};
    }
    if (!verifier::is_signed_with(key->second, signed_text(head), head.signature)) {
        return Finding{head.size, Kind::head, named(head, published) + ", is not what key " + head.key + " signed"};
    }
    return std::nullopt;
}

void note(Verified& verified, Finding finding) {
    ++verified.count;
    if (verified.findings.size() < kFindingsMax) {
        verified.findings.push_back(std::move(finding));
    }
}

std::vector<ExpectedHead> expected_heads(std::istream& bundle, std::istream* published, const PublicKeys& keys,
                                         Verified& verified) {
    std::vector<ExpectedHead> expected;
    take_from_bundle(bundle, keys, verified, expected);
    if (published != nullptr) {
        take_from_published(*published, keys, verified, expected);
    }
    std::stable_sort(expected.begin(), expected.end(),
                     [](const ExpectedHead& a, const ExpectedHead& b) { return a.size < b.size; });
    return expected;
}

}  // namespace trail_verifier
