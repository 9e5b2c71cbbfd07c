// duizhang-verify: the findings as people read them, what isn't a bundle, and the command itself.
#include "audit/trail_verifier/verify.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "audit/trail_verifier/places.h"
#include "audit/trail_verifier/tree.h"
#include "tests/support/trail_bundle.h"

namespace trail_verifier {
namespace {

namespace trail = test_support::trail;

const trail::Key& own() {
    static const trail::Key key("own");
    return key;
}

Verified verified(const std::string& bundle, const std::string& published = "") {
    std::istringstream of_bundle(bundle);
    std::istringstream of_published(published);
    return verify(of_bundle, published.empty() ? nullptr : &of_published, {{own().id, own().public_key}});
}

std::string complaint_of(const std::string& bundle, const std::string& published = "") {
    try {
        verified(bundle, published);
    } catch (const FormError& error) {
        return std::to_string(error.line) + " " + error.field + ": " + error.what;
    }
    return "none";
}

std::string replaced(std::string text, const std::string& old, const std::string& with) {
    const auto at = text.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return text.replace(at, old.size(), with);
}

// Worked out by hand in another program from the page: SHA-256 of the record's bytes.
TEST(ALeaf, IsTheHashOfTheBytesThatThePageGives) {
    Record record{3, 1'795'248'000'123'456, "anna", "key.issue", "10.0.0.1", "key 3", "null", "{}", "done", {}, {}, {}};

    EXPECT_EQ(trail::hex(leaf_of("acme", record)), "db8e6c6eeec1dad887881cf0253db8457f3369d3c6060777ea004bd0285a969d");
}

TEST(ATree, HasTheRootsOfTheRfcAtEverySize) {
    std::vector<std::string> leaves;
    Tree tree;
    for (std::size_t size = 0; size < 70; ++size) {
        EXPECT_EQ(tree.root(), trail::root_of(leaves, 0, size)) << size;
        EXPECT_EQ(tree.size(), static_cast<std::int64_t>(size));
        leaves.push_back(trail::sha256(std::to_string(size)));
        tree.add(leaves.back());
    }
}

TEST(Places, KnowWhatNeverCame) {
    Places places;
    EXPECT_EQ(places.meet(1), Places::Met::in_its_place);
    EXPECT_EQ(places.meet(7), Places::Met::after_a_gap);
    EXPECT_EQ(places.meet(4), Places::Met::late);
    EXPECT_EQ(places.meet(4), Places::Met::again);
    EXPECT_EQ(places.meet(7), Places::Met::again);
    EXPECT_EQ(places.gaps(), (std::map<std::int64_t, std::int64_t>{{2, 3}, {5, 6}}));
}

TEST(Instants, AreReadToTheMicrosecondAndNotElse) {
    EXPECT_EQ(microseconds_of("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(microseconds_of("2026-11-21T08:00:00.123456Z"), 1'795'248'000'123'456);
    EXPECT_EQ(microseconds_of("2026-11-21T08:00:00.5Z"), 1'795'248'000'500'000);
    EXPECT_EQ(microseconds_of("2024-02-29T23:59:59Z"), 1'709'251'199'000'000);
    EXPECT_EQ(time_text(1'795'248'000'123'456), "2026-11-21T08:00:00Z");
    for (const char* text : {"", "2026-11-21", "2026-11-21T08:00:00", "2026-02-29T08:00:00Z", "2026-11-21T24:00:00Z",
                             "2026-11-21T08:00:00.1234567Z", "2026-11-21T08:00:00.Z", "2026-11-21T08:00:00+00:00",
                             "2026-13-21T08:00:00Z", "1969-12-31T23:59:59Z", "2026-1a-21T08:00:00Z"}) {
        EXPECT_EQ(microseconds_of(text), -1) << text;
    }
}

TEST(ASoundBundle, SaysHowFarHeadsCoverIt) {
    const auto bundle = trail::bundle_of(7, {3, 5}, own());

    const auto found = verified(bundle.json(), bundle.heads[1].json());

    EXPECT_TRUE(found.is_sound());
    EXPECT_EQ(found.records, 7);
    EXPECT_EQ(found.heads_hold, 2);
    EXPECT_EQ(found.published, 1);
    EXPECT_EQ(found.published_hold, 1);
    EXPECT_EQ(found.covered_until, 5);
    EXPECT_EQ(found.sound_until, 7);
}

TEST(ASoundBundle, MayBeEmpty) {
    EXPECT_TRUE(verified(trail::bundle_of(0, {}, own()).json()).is_sound());
    EXPECT_TRUE(verified(trail::bundle_of(0, {0}, own()).json()).is_sound());
}

TEST(ASoundBundle, IsSignedByAnyOfTheKeysGiven) {
    const trail::Key earlier("earlier");
    auto bundle = trail::bundle_of(4, {2, 4}, own());
    bundle.records[0].sign(earlier);
    bundle.heads[0].sign(earlier);
    std::istringstream both(bundle.json());
    std::istringstream one(bundle.json());

    EXPECT_TRUE(verify(both, nullptr, {{own().id, own().public_key}, {earlier.id, earlier.public_key}}).is_sound());
    const auto found = verify(one, nullptr, {{own().id, own().public_key}});
    ASSERT_EQ(found.count, 2U);
    EXPECT_EQ(found.findings[0].kind, Kind::foreign_key);
    EXPECT_EQ(found.findings[0].record, 1);
}

TEST(AFinding, IsASentence) {
    auto bundle = trail::bundle_of(7, {3, 7}, own());
    bundle.records[4].texts[0] = "boris";

    const auto found = verified(bundle.json());

    ASSERT_EQ(found.count, 1U);
    EXPECT_EQ(found.findings[0].what,
              "record 5 (2026-11-21T08:00:35Z, split.change by boris) in line 6 was changed since it was signed: its "
              "content is not what its hash and signature are of");
    EXPECT_EQ(found.sound_until, 4);
    EXPECT_EQ(time_text(found.sound_until_us), "2026-11-21T08:00:28Z");
}

TEST(AFinding, OfARollbackSaysWhatWasThere) {
    const auto whole = trail::bundle_of(7, {3, 7}, own());

    const auto found = verified(trail::bundle_of(5, {3}, own()).json(), whole.heads[1].json());

    ASSERT_EQ(found.count, 1U);
    EXPECT_EQ(found.findings[0].kind, Kind::rolled_back);
    EXPECT_EQ(found.findings[0].what,
              "records 6 to 7 are missing: a published head of size 7 was signed at 2026-11-21T08:00:49Z, and the "
              "bundle ends with record 5");
}

TEST(AFinding, LeavesTheTerminalAlone) {
    auto bundle = trail::bundle_of(1, {}, own());
    bundle.records[0].texts[0] = "\x7f" + std::string(200, 'a');

    const auto found = verified(bundle.json());

    EXPECT_NE(found.findings.at(0).what.find("by ?" + std::string(79, 'a') + ")"), std::string::npos);
}

TEST(PublishedHeads, OfOthersAreNotHeldAgainstABundle) {
    auto others = trail::bundle_of(9, {9}, own());
    others.tenant = "globex";
    const auto bundle = trail::bundle_of(3, {3}, own());

    const auto found = verified(bundle.json(), others.head_of(9, own()).json() + bundle.heads[0].json());

    EXPECT_TRUE(found.is_sound());
    EXPECT_EQ(found.published, 1);
    EXPECT_FALSE(verified(bundle.json(), others.head_of(9, own()).json()).is_sound()) << "none is of this tenant";
}

TEST(WhatIsNoBundle, IsNamedWithLineAndField) {
    const auto bundle = trail::bundle_of(2, {2}, own()).json();
    EXPECT_EQ(complaint_of(""), "1 : is missing: the file is empty");
    EXPECT_EQ(complaint_of("hello\n"), "1 : must be one JSON object in UTF-8");
    EXPECT_EQ(complaint_of(replaced(bundle, "trail 1", "trail 2")), "1 bundle: must be \"duizhang trail 1\"");
    EXPECT_EQ(complaint_of(replaced(bundle, "\"number\":2", "\"number\":\"2\"")),
              "3 number: must be a whole number from 1 to 1000000000");
    EXPECT_EQ(complaint_of(replaced(bundle, "\"actor\":\"anna\",", "")), "2 actor: is missing");
    EXPECT_EQ(complaint_of(replaced(bundle, "\"act\":", "\"actor\":\"x\",\"act\":")), "2 actor: stands there twice");
    EXPECT_EQ(complaint_of(replaced(bundle, "\"act\":", "\"ack\":\"x\",\"act\":")), "2 ack: is no field of this line");
    EXPECT_EQ(complaint_of(replaced(bundle, "2026-11-21T", "2026-11-21 ")),
              "2 at: must be an instant like 2026-11-21T08:00:00.123456Z");
    EXPECT_EQ(complaint_of(replaced(bundle, "\"leaf\":\"", "\"leaf\":\"0")), "2 leaf: must be 64 digits 0-9 and a-f");
    EXPECT_EQ(complaint_of(replaced(bundle, "\n{\"head\"", "\n\n{\"head\"")), "4 : is empty");
    EXPECT_EQ(complaint_of(bundle + "{}\n"), "5 : is no head, and stands behind one");
    EXPECT_EQ(complaint_of(bundle + std::string(kLineBytesMax + 1, ' ')), "5 : is longer than 1048576 bytes");
    EXPECT_EQ(complaint_of(bundle, "{\"head\":{}}\n"), "1 published origin: is missing");
    EXPECT_EQ(complaint_of(replaced(bundle, "{\"id\":\"" + own().id, "{\"id\":\"0123456789abcdef")),
              "1 keys: 0123456789abcdef is not the id of the key beside it");
}

class TheCommand : public testing::Test {
protected:
    struct Ran {
        int status;
        std::string out;
    };
    Ran run(const std::string& words) const {
        const auto command = std::string(DUIZHANG_BINARY_DIR "/duizhang-verify ") + words + " 2>&1";
        FILE* pipe = popen(command.c_str(), "r");
        std::string out;
        for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
            out += static_cast<char>(c);
        }
        return {WEXITSTATUS(pclose(pipe)), out};
    }
    std::string file(const std::string& name, const std::string& text) const {
        const auto path = folder_ / name;
        std::ofstream(path, std::ios::binary) << text;
        return path.string();
    }
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "verify-XXXXXX").string();
        folder_ = mkdtemp(name.data());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path folder_;
};

TEST_F(TheCommand, SaysWithItsStatusWhatABundleIsWorth) {
    auto bundle = trail::bundle_of(3, {3}, own());
    const auto sound = file("sound", bundle.json());
    const auto heads = file("heads", bundle.heads[0].json());
    bundle.records[1].texts[6] = "refused";
    const auto changed = file("changed", bundle.json());
    const auto key = " --key " + trail::hex(own().public_key);
    const auto key_file = " --key " + file("keys", "# of the safe\n" + trail::hex(own().public_key) + "\n");

    const auto good = run(sound + key_file + " --published " + heads);
    const auto bad = run(changed + key);

    EXPECT_EQ(good.status, 0) << good.out;
    EXPECT_EQ(good.out,
              "acme of shop-1: 3 records, 1 of 1 heads hold, 1 of 1 published heads hold\n"
              "sound, every record as it was signed\n");
    EXPECT_EQ(bad.status, 1) << bad.out;
    EXPECT_NE(bad.out.find("FIRST changed: record 2 ("), std::string::npos) << bad.out;
    EXPECT_NE(run(changed + key + " --json").out.find("{\"record\": 2, \"kind\": \"changed\", \"what\": \"record 2 ("),
              std::string::npos);
    EXPECT_EQ(run(heads + key).status, 3);
    EXPECT_EQ(run(heads + key).out, "duizhang-verify: " + heads + ":1: bundle: is missing\n");
    for (const auto& words : {std::string(), sound, sound + " --key 12", sound + key + " --what", key,
                              sound + key + " --published " + heads + "x", heads + "x" + key}) {
        EXPECT_EQ(run(words).status, 2) << words;
    }
    EXPECT_EQ(run("--help").status, 0);
}

}  // namespace
}  // namespace trail_verifier
