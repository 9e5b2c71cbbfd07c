// Whatever is done to a bundle is found, and named by the first record that it concerns. DUIZHANG_TAMPERINGS says how
// many are tried.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <random>
#include <set>
#include <sstream>

#include "audit/trail_verifier/verify.h"
#include "tests/support/trail_bundle.h"

namespace {

using test_support::trail::Bundle;
using test_support::trail::bundle_of;
using test_support::trail::Key;
using test_support::trail::Record;
using trail_verifier::Kind;

const Key& own() {
    static const Key key("own");
    return key;
}
const Key& foreign() {
    static const Key key("foreign");
    return key;
}

struct Expected {
    std::int64_t record;
    std::set<Kind> kinds;
};

class Chance {
public:
    explicit Chance(std::uint64_t seed) : random_(seed) {}
    std::int64_t from(std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
    }
    bool coin() { return from(0, 1) == 1; }

private:
    std::mt19937_64 random_;
};

// A trail with a head over all of it and one or two before, and the last of them published.
struct World {
    explicit World(Chance& chance) {
        const auto count = chance.from(4, 16);
        std::vector<std::size_t> sizes = {static_cast<std::size_t>(chance.from(1, count - 1))};
        if (chance.coin()) {
            sizes.push_back(static_cast<std::size_t>(chance.from(1, count)));
        }
        sizes.push_back(static_cast<std::size_t>(count));
        std::sort(sizes.begin(), sizes.end());
        bundle = bundle_of(count, sizes, own());
        published = bundle.heads.back().json();
    }
    std::int64_t size() const { return static_cast<std::int64_t>(bundle.records.size()); }
    Record& record(std::int64_t number) { return bundle.records[static_cast<std::size_t>(number - 1)]; }
    auto place(std::int64_t number) { return bundle.records.begin() + (number - 1); }

    Bundle bundle;
    std::string published;
};

void hash_anew(World& world, std::int64_t from) {
    for (auto n = from; n <= world.size(); ++n) {
        world.record(n).leaf = world.record(n).hashed(world.bundle.tenant);
    }
}
void number_anew(World& world, std::int64_t from) {
    for (auto n = from; n <= world.size(); ++n) {
        world.record(n).number = n;
    }
}
void edit(Record& record, Chance& chance) {
    const auto what = chance.from(-1, static_cast<std::int64_t>(record.texts.size()) - 1);
    if (what < 0) {
        record.at += 1;
    } else {
        auto& text = record.texts[static_cast<std::size_t>(what)];
        text = chance.coin() ? text + "x" : "somebody else";
    }
}

using Tampering = Expected (*)(World&, Chance&);

Expected change(World& world, Chance& chance) {
    const auto n = chance.from(1, world.size());
    edit(world.record(n), chance);
    if (chance.coin()) {
        world.record(n).leaf = world.record(n).hashed(world.bundle.tenant);
    }
    return {n, {Kind::changed}};
}

Expected change_signature(World& world, Chance& chance) {
    const auto n = chance.from(1, world.size());
    auto& byte = world.record(n).signature[static_cast<std::size_t>(chance.from(0, 63))];
    byte = static_cast<char>(byte ^ (1 << chance.from(0, 7)));
    return {n, {Kind::changed}};
}

Expected remove(World& world, Chance& chance) {
    const auto n = chance.from(1, world.size());
    world.bundle.records.erase(world.place(n));
    if (chance.coin()) {
        world.bundle.count();
    }
    return {n, n > world.size() ? std::set<Kind>{Kind::truncated} : std::set<Kind>{Kind::removed}};
}

Expected remove_and_number_anew(World& world, Chance& chance) {
    const auto n = chance.from(1, world.size() - 1);
    world.bundle.records.erase(world.place(n));
    number_anew(world, n);
    if (chance.coin()) {
        hash_anew(world, n);
    }
    return {n, {Kind::removed}};
}

Expected insert_forged(World& world, Chance& chance) {
    const auto n = chance.from(1, world.size());
    auto forged = world.record(n);
    edit(forged, chance);
    forged.leaf = forged.hashed(world.bundle.tenant);
    world.bundle.records.insert(world.place(n), forged);
    return {n, {Kind::inserted}};
}

Expected insert_and_number_anew(World& world, Chance& chance) {
    const auto n = chance.from(1, world.size());
    auto forged = world.record(n);
    edit(forged, chance);
    world.bundle.records.insert(world.place(n), forged);
    number_anew(world, n);
    hash_anew(world, n);
    return {n, {Kind::changed}};
}

Expected insert_copy(World& world, Chance& chance) {
    const auto n = chance.from(1, world.size());
    world.bundle.records.insert(world.place(n) + chance.from(0, world.size() - n + 1), Record(world.record(n)));
    return {n, {Kind::inserted}};
}

Expected swap(World& world, Chance& chance) {
    const auto first = chance.from(1, world.size() - 1);
    const auto second = chance.from(first + 1, world.size());
    std::swap(world.record(first), world.record(second));
    return {first, {Kind::swapped}};
}

Expected swap_and_number_anew(World& world, Chance& chance) {
    const auto expected = swap(world, chance);
    number_anew(world, 1);
    if (chance.coin()) {
        hash_anew(world, 1);
    }
    return expected;
}

Expected cut_off(World& world, Chance& chance) {
    const auto left = chance.from(0, world.size() - 1);
    world.bundle.records.resize(static_cast<std::size_t>(left));
    if (chance.coin()) {
        world.bundle.count();
    }
    return {left + 1, {Kind::truncated}};
}

Expected roll_back(World& world, Chance& chance) {
    const auto left = chance.from(0, world.size() - 1);
    world.bundle.records.resize(static_cast<std::size_t>(left));
    std::erase_if(world.bundle.heads, [left](const auto& head) { return head.size > left; });
    world.bundle.count();
    return {left + 1, {Kind::rolled_back}};
}

Expected sign_by_another(World& world, Chance& chance) {
    const auto n = chance.from(1, world.size());
    edit(world.record(n), chance);
    world.record(n).leaf = world.record(n).hashed(world.bundle.tenant);
    world.record(n).sign(foreign());
    const bool shows = chance.coin();
    if (!shows) {
        world.record(n).key = own().id;
    }
    return {n, {shows ? Kind::foreign_key : Kind::changed}};
}

// By somebody who has the key; with the bundle's heads made anew only what was published tells.
Expected write_anew(World& world, Chance& chance) {
    const auto n = chance.from(1, world.size());
    edit(world.record(n), chance);
    world.record(n).leaf = world.record(n).hashed(world.bundle.tenant);
    world.record(n).sign(own());
    std::int64_t covered = 0;
    if (chance.coin()) {
        for (auto& head : world.bundle.heads) {
            head = world.bundle.head_of(static_cast<std::size_t>(head.size), own());
            covered = head.size < world.size() ? head.size : covered;
        }
    } else {
        for (const auto& head : world.bundle.heads) {
            covered = head.size < n ? head.size : covered;
        }
    }
    // Over all of it stand two heads then, of which one holds.
    const bool anew = world.bundle.heads.back().json() != world.published;
    return {anew ? world.size() : covered + 1, {Kind::rewritten}};
}

Expected change_head(World& world, Chance& chance) {
    auto& head =
        world.bundle
            .heads[static_cast<std::size_t>(chance.from(0, static_cast<std::int64_t>(world.bundle.heads.size()) - 1))];
    switch (chance.from(0, 3)) {
        case 0:
            head.at += 1;
            break;
        case 1:
            head.root[3] = static_cast<char>(head.root[3] ^ 4);
            break;
        case 2:
            head.sign(foreign());
            return {head.size, {Kind::foreign_key}};
        default:
            head.origin = "another";
    }
    return {head.size, {Kind::head}};
}

Expected remove_heads(World& world, Chance&) {
    world.bundle.heads.pop_back();
    const auto covered = world.size();  // the published head covers all
    return {covered + 1, {Kind::truncated}};
}

struct Named {
    const char* name;
    Tampering tampering;
};
const std::vector<Named> kTamperings = {{"change", change},
                                        {"change signature", change_signature},
                                        {"remove", remove},
                                        {"remove and number anew", remove_and_number_anew},
                                        {"insert forged", insert_forged},
                                        {"insert and number anew", insert_and_number_anew},
                                        {"insert copy", insert_copy},
                                        {"swap", swap},
                                        {"swap and number anew", swap_and_number_anew},
                                        {"cut off", cut_off},
                                        {"roll back", roll_back},
                                        {"sign by another", sign_by_another},
                                        {"write anew", write_anew},
                                        {"change head", change_head},
                                        {"remove heads", remove_heads}};

trail_verifier::Verified verified(const std::string& bundle, const std::string& published) {
    std::istringstream of_bundle(bundle);
    std::istringstream of_published(published);
    return trail_verifier::verify(of_bundle, published.empty() ? nullptr : &of_published,
                                  {{own().id, own().public_key}});
}

std::uint64_t tamperings() {
    const char* asked = std::getenv("DUIZHANG_TAMPERINGS");
    return asked == nullptr ? 250 : std::strtoull(asked, nullptr, 10);
}

// A copy, or a head, leaves what stands before it in the file as it was.
const std::set<Kind> kSoundBefore = {Kind::changed, Kind::removed, Kind::swapped, Kind::truncated, Kind::rolled_back};

TEST(ATamperedBundle, IsNamedByTheFirstRecordConcerned) {
    for (std::uint64_t seed = 1; seed <= tamperings(); ++seed) {
        Chance chance(seed);
        World world(chance);
        ASSERT_TRUE(verified(world.bundle.json(), world.published).is_sound()) << seed;
        const auto& [name, tampering] = kTamperings[seed % kTamperings.size()];
        const auto before = world.bundle.json();
        const auto expected = tampering(world, chance);
        if (world.bundle.json() == before) {
            continue;  // an edit that changed nothing
        }

        const auto found = verified(world.bundle.json(), world.published);

        ASSERT_FALSE(found.is_sound()) << name << ", seed " << seed;
        const auto& first = found.findings.front();
        EXPECT_EQ(first.record, expected.record) << name << ", seed " << seed << ": " << first.what;
        EXPECT_TRUE(expected.kinds.contains(first.kind)) << name << ", seed " << seed << ": " << first.what;
        if (kSoundBefore.contains(first.kind)) {
            EXPECT_EQ(found.sound_until, first.record - 1) << name << ", seed " << seed;
        }
    }
}

// A bit anywhere: what the line says is another thing then, or it says nothing.
TEST(ABitOfABundle, IsNeverTurnedUnnoticed) {
    const auto whole = bundle_of(5, {2, 5}, own()).json();
    const auto published = bundle_of(5, {5}, own()).heads.back().json();
    for (std::uint64_t seed = 1; seed <= tamperings(); ++seed) {
        Chance chance(seed);
        auto turned = whole;
        const auto at = static_cast<std::size_t>(chance.from(0, static_cast<std::int64_t>(whole.size()) - 1));
        turned[at] = static_cast<char>(turned[at] ^ (1 << chance.from(0, 7)));
        try {
            EXPECT_FALSE(verified(turned, published).is_sound()) << "byte " << at << " is " << turned[at];
        } catch (const trail_verifier::FormError& error) {
            EXPECT_GE(error.line, 1U);
            EXPECT_FALSE(error.what.empty());
        }
    }
}

TEST(ABundleThatIsCut, IsNeverWhole) {
    const auto whole = bundle_of(3, {1, 3}, own()).json();
    const auto header = whole.find('\n');
    for (std::size_t left = 0; left < whole.size(); ++left) {
        if (left < header) {
            EXPECT_THROW(verified(whole.substr(0, left), ""), trail_verifier::FormError) << left;
        } else {
            EXPECT_FALSE(verified(whole.substr(0, left), "").is_sound()) << left;
        }
    }
}

}  // namespace
