#include "audit/trail_verifier/verify.h"

#include <algorithm>
#include <utility>

#include "audit/trail_verifier/heads.h"
#include "audit/trail_verifier/places.h"
#include "audit/trail_verifier/tree.h"
#include "audit/verifier/digest.h"

namespace trail_verifier {
namespace {

// How far away a record is looked for that was given another number.
constexpr std::int64_t kRenumberedMax = 16;
constexpr std::size_t kRenumberedMost = 1000;  // findings, beyond which it isn't looked for
constexpr std::size_t kShownMax = 80;

// For a terminal, which nobody but this program writes to.
std::string shown(const std::string& text) {
    auto part = text.substr(0, kShownMax);
    std::replace_if(
        part.begin(), part.end(), [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }, '?');
    return part;
}

std::string range(std::int64_t first, std::int64_t last) {
    return first == last ? "record " + std::to_string(first)
                         : "records " + std::to_string(first) + " to " + std::to_string(last);
}

std::string removed(std::int64_t first, std::int64_t last) {
    return range(first, last) + (first == last ? " was removed" : " were removed");
}

class Verification {
public:
    Verification(const PublicKeys& keys, std::vector<ExpectedHead> heads, Verified& verified)
        : keys_(keys), heads_(std::move(heads)), verified_(verified) {
        hold_heads();
    }

    void take(const Record& record, std::size_t line) {
        const auto before = verified_.count;
        if (is_signed(record)) {
            take_signed(record, line);
        } else {
            take_unsigned(record, line);
        }
        tree_.add(record.leaf);
        ++verified_.records;
        is_sound_ = is_sound_ && verified_.count == before && places_.gaps().empty();
        if (is_sound_) {
            verified_.sound_until = record.number;
            verified_.sound_until_us = record.at_us;
        }
        hold_heads();
    }

    void finish(bool whole) {
        for (const auto& [first, last] : places_.gaps()) {
            find(first, Kind::removed, removed(first, last) + ": the numbers go on with " + std::to_string(last + 1));
        }
        const auto& header = verified_.header;
        if (!whole) {
            find(places_.next(), Kind::truncated, "the file ends in the middle of a line: the rest was cut off");
        } else if (verified_.records != header.records) {
            const bool less = verified_.records < header.records;
            find(less ? places_.next() : header.records + 1, less ? Kind::truncated : Kind::inserted,
                 "the bundle was written with " + std::to_string(header.records) + " records and has " +
                     std::to_string(verified_.records));
        }
        if (whole && verified_.heads != header.heads) {
            find(verified_.covered_until + 1, verified_.heads < header.heads ? Kind::truncated : Kind::head,
                 "the bundle was written with " + std::to_string(header.heads) + " heads and has " +
                     std::to_string(verified_.heads));
        }
        miss_heads();
    }

private:
    void find(std::int64_t record, Kind kind, std::string what) {
        first_found_ = std::min(first_found_, record);
        note(verified_, {record, kind, std::move(what)});
    }

    bool is_signed_over(const Record& record, const std::string& leaf) const {
        const auto key = keys_.find(record.key);
        return key != keys_.end() && verifier::is_signed_with(key->second, signed_text(record, leaf), record.signature);
    }
    bool is_signed(const Record& record) const {
        return leaf_of(verified_.header.tenant, record) == record.leaf && is_signed_over(record, record.leaf);
    }

    void take_signed(const Record& record, std::size_t line) {
        const auto next = places_.next();
        switch (places_.meet(record.number)) {
            case Places::Met::in_its_place:
            case Places::Met::after_a_gap:  // whether the numbers between come later is known at the end
                return;
            case Places::Met::late:
                find(record.number, Kind::swapped,
                     named(record) + " was moved: it stands in line " + std::to_string(line) + ", behind record " +
                         std::to_string(next - 1));
                return;
            case Places::Met::again:
                stands_twice(record, line);
                return;
        }
    }

    // The one that isn't signed was put in; where both are, one was copied.
    void stands_twice(const Record& record, std::size_t line) {
        const auto forged = forged_.find(record.number);
        if (forged != forged_.end()) {
            auto& finding = verified_.findings[forged->second];
            finding.kind = Kind::inserted;
            finding.what = "record " + std::to_string(record.number) + " stands there twice: the true one is in line " +
                           std::to_string(line) + ", and the one before it, whose signature doesn't hold, was put in";
            forged_.erase(forged);
            return;
        }
        find(record.number, Kind::inserted,
             named(record) + " stands there twice: the one in line " + std::to_string(line) + " was put in");
    }

    void take_unsigned(const Record& record, std::size_t line) {
        const auto place = places_.take_next();
        const auto at = verified_.findings.size();
        if (!keys_.contains(record.key)) {
            find(place, Kind::foreign_key,
                 named(record) + " in line " + std::to_string(line) + " is signed by key " + record.key +
                     ", which was not given");
        } else if (const auto was = number_before(record, place); was > 0) {
            take_renumbered(record, line, place, was);
        } else {
            find(place, Kind::changed, changed(record, place, line));
        }
        if (at < verified_.findings.size()) {
            forged_[place] = at;
        }
    }

    void take_renumbered(const Record& record, std::size_t line, std::int64_t place, std::int64_t was) {
        if (is_exchanged(place, was)) {
            return;
        }
        const auto signed_as =
            named(record) + " in line " + std::to_string(line) + " was signed as record " + std::to_string(was);
        if (was > place) {
            find(place, Kind::removed,
                 removed(place, was - 1) + ", and what follows was given other numbers: " + signed_as);
        } else {
            find(place, Kind::inserted,
                 "something was put in before it, and what follows given other numbers: " + signed_as);
        }
    }

    // Of two that have each other's numbers neither was removed nor put in.
    bool is_exchanged(std::int64_t place, std::int64_t was) {
        const auto other = renumbered_.find(was);
        if (other == renumbered_.end() || other->second != place) {
            renumbered_[place] = was;
            return false;
        }
        const auto what = "records " + std::to_string(was) + " and " + std::to_string(place) +
                          " were exchanged, and each was given the other's number";
        const auto first = forged_.find(was);
        if (first != forged_.end()) {
            verified_.findings[first->second] = {was, Kind::swapped, what};
        }
        find(place, Kind::swapped, what);
        return true;
    }

    std::string changed(const Record& record, std::int64_t place, std::size_t line) const {
        const auto which = named(record) + " in line " + std::to_string(line) +
                           (place == record.number ? "" : ", in place of record " + std::to_string(place) + ",");
        if (is_signed_over(record, record.leaf)) {
            return which + " was changed since it was signed: its content is not what its hash and signature are of";
        }
        return which + " was changed since it was signed, or put in: key " + record.key + " did not sign this";
    }

    // The number near its place that it was signed with; 0 when there is none.
    std::int64_t number_before(const Record& record, std::int64_t place) const {
        if (verified_.count >= kRenumberedMost) {
            return 0;
        }
        auto other = record;
        for (std::int64_t away = 1; away <= kRenumberedMax; ++away) {
            for (const auto number : {place + away, place - away}) {
                other.number = number;
                if (number > 0 && number != record.number &&
                    is_signed_over(other, leaf_of(verified_.header.tenant, other))) {
                    return number;
                }
            }
        }
        return 0;
    }

    // The heads that were signed when the last record taken was the last there was.
    void hold_heads() {
        for (; at_ < heads_.size() && heads_[at_].size < places_.next(); ++at_) {
            const auto& head = heads_[at_];
            if (head.size == tree_.size() && head.root == tree_.root()) {
                verified_.covered_until = head.size;
                covered_us_ = head.size == verified_.sound_until ? verified_.sound_until_us : covered_us_;
                ++(head.published ? verified_.published_hold : verified_.heads_hold);
            } else if (first_found_ > head.size) {  // else it is that which the head doesn't hold over
                unheld_.push_back({head, verified_.covered_until});
                doubt_from(verified_.covered_until);
            }
        }
    }

    // Records are signed, and yet not those that a head was signed over: which of them is not known.
    void doubt_from(std::int64_t covered) {
        if (is_sound_) {
            is_sound_ = false;
            verified_.sound_until = covered;
            verified_.sound_until_us = covered_us_;
        }
    }

    // Once all is read: a record that never came explains a head, too.
    void miss_heads() {
        for (const auto& [head, covered] : unheld_) {
            if (first_found_ > head.size) {
                find(std::min(covered + 1, head.size), Kind::rewritten, rewritten(head, covered));
            }
        }
        const auto last = places_.next() - 1;
        for (; at_ < heads_.size(); ++at_) {
            const auto& head = heads_[at_];
            const auto what = range(last + 1, head.size) + (last + 1 == head.size ? " is" : " are") + " missing: a " +
                              (head.published ? "published " : "") + "head of size " + std::to_string(head.size) +
                              " was signed at " + time_text(head.at_us) + ", and the bundle ends with record " +
                              std::to_string(last);
            find(last + 1, head.published ? Kind::rolled_back : Kind::truncated, what);
        }
    }

    static std::string rewritten(const ExpectedHead& head, std::int64_t covered) {
        if (head.size == 0) {
            return "the head of size 0 signed at " + time_text(head.at_us) + " is not that of an empty trail";
        }
        return range(std::min(covered + 1, head.size), head.size) + " are not those that were there when the " +
               (head.published ? "published " : "") + "head of size " + std::to_string(head.size) + " was signed at " +
               time_text(head.at_us) + ": somebody who has the signing key wrote at least one of them anew";
    }

    const PublicKeys& keys_;
    std::vector<ExpectedHead> heads_;
    Verified& verified_;
    Places places_;
    Tree tree_;
    std::map<std::int64_t, std::size_t> forged_;       // by place: its finding
    std::map<std::int64_t, std::int64_t> renumbered_;  // by place: the number it was signed with
    struct Unheld {
        ExpectedHead head;
        std::int64_t covered;  // the last record under a head that held, when this one was met
    };
    std::vector<Unheld> unheld_;
    std::size_t at_ = 0;
    std::int64_t first_found_ = INT64_MAX;
    bool is_sound_ = true;
    std::int64_t covered_us_ = -1;
};

}  // namespace

std::string named(const Record& record) {
    return "record " + std::to_string(record.number) + " (" + time_text(record.at_us) + ", " + shown(record.act) +
           " by " + shown(record.actor) + ")";
}

std::string key_id_of(const std::string& public_key) {
    return verifier::to_hex(verifier::sha256(public_key)).substr(0, 16);
}

std::string name_of(Kind kind) {
    switch (kind) {
        case Kind::changed:
            return "changed";
        case Kind::removed:
            return "removed";
        case Kind::inserted:
            return "inserted";
        case Kind::swapped:
            return "swapped";
        case Kind::foreign_key:
            return "foreign_key";
        case Kind::truncated:
            return "truncated";
        case Kind::rolled_back:
            return "rolled_back";
        case Kind::rewritten:
            return "rewritten";
        case Kind::head:
            return "head";
        case Kind::not_included:
            return "not_included";
        case Kind::not_consistent:
            return "not_consistent";
    }
    return "";
}

Verified verify(std::istream& bundle, std::istream* published, const PublicKeys& keys) {
    Verified verified;
    auto heads = expected_heads(bundle, published, keys, verified);
    bundle.clear();
    bundle.seekg(0);
    Verification verification(keys, std::move(heads), verified);
    Lines lines(bundle);
    lines.next();
    bool heads_began = false;
    bool whole = lines.is_whole();
    while (lines.next()) {
        whole = lines.is_whole();
        if (!whole) {
            break;
        }
        if (is_head(lines.text())) {
            heads_began = true;
        } else if (heads_began) {
            throw FormError{lines.number(), "", "is no head, and stands behind one"};
        } else {
            verification.take(record_in(lines.text(), lines.number()), lines.number());
        }
    }
    verification.finish(whole);
    std::stable_sort(verified.findings.begin(), verified.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.record < b.record; });
    return verified;
}

}  // namespace trail_verifier
