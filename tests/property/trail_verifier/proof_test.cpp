// A proof holds for the record and the heads it was made of, and for nothing else.
#include "audit/trail_verifier/proof.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <random>
#include <set>
#include <sstream>

#include "tests/support/trail_bundle.h"

namespace {

namespace trail = test_support::trail;
using trail_verifier::Kind;
using trail_verifier::Proved;

const trail::Key& own() {
    static const trail::Key key("own");
    return key;
}

Proved verified(const std::string& proof, const std::string& published = "") {
    std::istringstream of_proof(proof);
    std::istringstream of_published(published);
    return trail_verifier::verify_proof(of_proof, published.empty() ? nullptr : &of_published,
                                        {{own().id, own().public_key}});
}

std::set<Kind> kinds_of(const Proved& proved) {
    std::set<Kind> kinds;
    for (const auto& finding : proved.findings) {
        kinds.insert(finding.kind);
    }
    return kinds;
}

std::string complaint_of(const std::string& proof) {
    try {
        verified(proof);
    } catch (const trail_verifier::FormError& error) {
        return std::to_string(error.line) + " " + error.field + ": " + error.what;
    }
    return "none";
}

TEST(AProof, HoldsForEveryRecordAndEveryPairOfHeads) {
    const auto bundle = trail::bundle_of(20, {}, own());
    for (std::size_t size = 1; size <= 20; ++size) {
        for (std::size_t other = 1; other <= size; ++other) {
            const auto proof = bundle.proof_of(static_cast<std::int64_t>(other), other, size, own());
            const auto proved = verified(proof.json());
            ASSERT_TRUE(proved.is_sound()) << other << " of " << size << ": " << proved.findings.front().what;
            ASSERT_EQ(proved.record->number, static_cast<std::int64_t>(other));
            ASSERT_EQ(proved.earlier->size, static_cast<std::int64_t>(other));
        }
    }
}

TEST(AProof, HoldsForNoOtherPlaceAndNoOtherSize) {
    const auto bundle = trail::bundle_of(12, {}, own());
    for (std::int64_t number = 1; number <= 12; ++number) {
        auto proof = bundle.proof_of(number, 3, 12, own());
        for (std::int64_t other = 1; other <= 12; ++other) {
            if (other != number) {
                proof.record = bundle.records[static_cast<std::size_t>(other - 1)];
                EXPECT_EQ(kinds_of(verified(proof.json())), std::set{Kind::not_included}) << number << " as " << other;
            }
        }
        proof = bundle.proof_of(number, static_cast<std::size_t>(number), 12, own());
        for (std::size_t other = 1; other <= 12; ++other) {
            if (static_cast<std::int64_t>(other) != number) {
                proof.earlier = bundle.head_of(other, own());
                EXPECT_EQ(kinds_of(verified(proof.json())), std::set{Kind::not_consistent})
                    << number << " as " << other;
            }
        }
    }
}

struct Tampering {
    const char* name;
    std::function<void(trail::Proof&)> act;
    std::set<Kind> found;
};

TEST(AProof, ThatIsTamperedWithNamesWhatDoesNotHold) {
    const trail::Key foreign("foreign");
    auto anew = trail::bundle_of(9, {}, own());
    anew.records[2].texts[0] = "boris";
    anew.records[2].leaf = anew.records[2].hashed(anew.tenant);
    anew.records[2].sign(own());
    const std::vector<Tampering> kTamperings = {
        {"content", [](auto& proof) { proof.record.texts[0] = "boris"; }, {Kind::changed, Kind::not_included}},
        {"signature", [](auto& proof) { proof.record.signature[7] ^= 1; }, {Kind::changed}},
        {"foreign record", [&](auto& proof) { proof.record.sign(foreign); }, {Kind::foreign_key}},
        {"record written anew by who has the key",
         [&](auto& proof) { proof.record = anew.records[2]; },
         {Kind::not_included}},
        {"path too short", [](auto& proof) { proof.inclusion.pop_back(); }, {Kind::not_included}},
        {"path too long", [](auto& proof) { proof.inclusion.push_back(proof.inclusion[0]); }, {Kind::not_included}},
        {"something before the path",
         [](auto& proof) { proof.inclusion.insert(proof.inclusion.begin(), proof.inclusion[0]); },
         {Kind::not_included}},
        {"something before the consistency",
         [](auto& proof) { proof.consistency.insert(proof.consistency.begin(), proof.consistency[0]); },
         {Kind::not_consistent}},
        {"path", [](auto& proof) { proof.inclusion[1][3] ^= 4; }, {Kind::not_included}},
        {"consistency", [](auto& proof) { proof.consistency[0][3] ^= 4; }, {Kind::not_consistent}},
        {"no consistency", [](auto& proof) { proof.consistency.clear(); }, {Kind::not_consistent}},
        {"head's time", [](auto& proof) { proof.head.at += 1; }, {Kind::head}},
        {"foreign head", [&](auto& proof) { proof.head.sign(foreign); }, {Kind::foreign_key}},
        {"earlier head's size", [](auto& proof) { proof.earlier.size = 6; }, {Kind::head, Kind::not_consistent}},
        {"another's earlier head",
         [](auto& proof) {
             proof.earlier.origin = "shop-2";
             proof.earlier.sign(own());
         },
         {Kind::head}},
        {"heads exchanged",
         [](auto& proof) { std::swap(proof.head, proof.earlier); },
         {Kind::not_included, Kind::not_consistent}},
        {"later head signed anew",
         [&](auto& proof) {
             proof = anew.proof_of(3, 5, 9, own()), proof.earlier = trail::bundle_of(9, {}, own()).head_of(5, own());
         },
         {Kind::not_consistent}},
    };
    const auto bundle = trail::bundle_of(9, {}, own());
    for (const auto& [name, act, found] : kTamperings) {
        auto proof = bundle.proof_of(3, 5, 9, own());
        act(proof);
        EXPECT_EQ(kinds_of(verified(proof.json())), found) << name;
    }
}

TEST(ABitOfAProof, IsNeverTurnedUnnoticed) {
    const auto whole = trail::bundle_of(9, {}, own()).proof_of(3, 5, 9, own()).json();
    const char* asked = std::getenv("DUIZHANG_TAMPERINGS");
    const auto count = asked == nullptr ? 500 : std::strtoull(asked, nullptr, 10);
    for (std::uint64_t seed = 1; seed <= count; ++seed) {
        std::mt19937_64 random(seed);
        auto turned = whole;
        const auto at = random() % (whole.size() - 1);  // without its line feed, it is the same proof
        turned[at] = static_cast<char>(turned[at] ^ (1 << random() % 8));
        try {
            EXPECT_FALSE(verified(turned).is_sound()) << "byte " << at << " is " << turned[at];
        } catch (const trail_verifier::FormError& error) {
            EXPECT_FALSE(error.what.empty());
        }
    }
}

TEST(AProof, IsHeldAgainstWhatWasPublished) {
    const auto bundle = trail::bundle_of(9, {5, 9}, own());
    const auto proof = bundle.proof_of(3, 5, 9, own()).json();
    auto others = bundle;
    others.tenant = "globex";
    auto anew = bundle;
    anew.records[8].leaf = anew.records[7].leaf;

    const auto both = verified(proof, bundle.heads[0].json() + bundle.heads[1].json());
    EXPECT_TRUE(both.is_sound() && *both.head_published && *both.earlier_published);
    const auto one = verified(proof, bundle.heads[0].json());
    EXPECT_TRUE(one.is_sound() && !*one.head_published && *one.earlier_published);
    const auto none = verified(proof, others.head_of(9, own()).json());
    EXPECT_TRUE(none.is_sound() && !*none.head_published && !*none.earlier_published);
    EXPECT_FALSE(verified(proof).head_published);
    EXPECT_EQ(kinds_of(verified(proof, anew.head_of(9, own()).json())), std::set{Kind::rewritten});
}

TEST(WhatIsNoProof, IsNamedWithItsField) {
    const auto bundle = trail::bundle_of(9, {}, own());
    auto proof = bundle.proof_of(3, 5, 9, own());
    const auto whole = proof.json();
    EXPECT_EQ(complaint_of(""), "1 : is missing: the file is empty");
    EXPECT_EQ(complaint_of(whole + whole), "2 : stands behind the proof, which is one line");
    EXPECT_EQ(complaint_of(bundle.json().substr(0, bundle.json().find('\n') + 1)), "1 proof: is missing");
    EXPECT_EQ(complaint_of("{\"proof\":\"duizhang trail proof 1\",\"x\":1," + whole.substr(34)),
              "1 x: is no field of this line");
    proof.inclusion.assign(65, proof.inclusion[0]);
    EXPECT_EQ(complaint_of(proof.json()), "1 inclusion: must be a list of at most 64");
    proof = bundle.proof_of(3, 5, 9, own());
    proof.consistency[0].pop_back();
    EXPECT_EQ(complaint_of(proof.json()), "1 consistency: must be texts of 64 digits 0-9 and a-f");
    proof.has_record = proof.has_earlier = false;
    EXPECT_EQ(complaint_of(proof.json()), "1 record: is missing, and an earlier head, too: there is nothing to prove");
}

}  // namespace
