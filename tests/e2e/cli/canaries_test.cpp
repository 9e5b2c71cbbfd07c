// `duizhang audit canaries`: sent on every path, found in no place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/crypto/digest.h"
#include "core/files.h"
#include "core/json/reader.h"
#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using test_support::duizhang;
using test_support::TestFolder;

TEST(AuditCanaries, AreFoundNowhere) {
    const TestFolder place;
    const auto ran = duizhang(place.path(), {"--json", "audit", "canaries", "--dir", "world", "--seed", "20261123"});
    EXPECT_EQ(ran.status, 0) << ran.err << ran.out;
    const auto report = core::json::parse(ran.out);
    ASSERT_TRUE(report) << ran.out;
    EXPECT_EQ(report->string_at("verdict"), "clean");
    EXPECT_GT(report->find("control")->integer_at("planted").value_or(0), 250);
    EXPECT_EQ(report->find("control")->integer_at("found"), report->find("control")->integer_at("planted"));
    std::set<std::string> kinds;
    for (const auto& canary : report->find("canaries")->items()) {
        kinds.insert(std::string(canary.string_at("kind").value_or("")));
    }
    EXPECT_EQ(kinds, (std::set<std::string>{"pan", "track", "cvv", "pin", "secret", "private_key", "key_in_use"}));
    EXPECT_GE(report->find("paths")->items().size(), 10U);
    for (const auto& path : report->find("paths")->items()) {
        EXPECT_GT(path.integer_at("sent").value_or(0), 0) << path.string_at("path").value_or("");
    }
    EXPECT_GE(report->find("places")->items().size(), 10U);
    for (const auto& searched : report->find("places")->items()) {
        EXPECT_GT(searched.integer_at("bytes").value_or(0), 0) << searched.string_at("place").value_or("");
        EXPECT_EQ(searched.integer_at("found"), 0) << searched.string_at("place").value_or("");
    }
    // What was signed is what was printed.
    EXPECT_EQ(core::read_file(place.path() / "world" / "report.json", 1U << 20U), ran.out);
    EXPECT_THAT(core::read_file(place.path() / "world" / "report.json.sig", 1U << 12U),
                testing::HasSubstr("sha256 " + core::crypto::sha256_hex(ran.out)));
}

}  // namespace
}  // namespace e2e
