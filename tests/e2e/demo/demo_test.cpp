// `duizhang demo`: the first thing that anybody runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "core/json/reader.h"
#include "tests/support/command.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using test_support::duizhang;
using testing::HasSubstr;

int count_files(const fs::path& folder, const std::string& name) {
    int count = 0;
    for (const auto& item : fs::recursive_directory_iterator(folder)) {
        count += item.path().filename() == name ? 1 : 0;
    }
    return count;
}

// Run again in the same folder it meets the books of the first.
TEST(Demo, RunsEndToEndAndAgain) {
    const test_support::TestFolder folder;
    const auto place = folder.path() / "demo";
    const auto begin = std::chrono::steady_clock::now();
    const auto first = duizhang(folder.path(), {"demo", "--exit", "--dir", place.string()});
    ASSERT_EQ(first.status, 0) << first.out << first.err;
    EXPECT_THAT(first.out, HasSubstr("missing_in_ledger"));
    EXPECT_THAT(first.out, HasSubstr("长款"));
    EXPECT_THAT(first.out, HasSubstr(" 0 missing, 0 too many"));
    EXPECT_THAT(first.out, testing::ContainsRegex("bank-main +wechatpay +([0-9.]+) +[0-9.]+ +0\\.00 +CNY"));
    EXPECT_THAT(first.out, testing::ContainsRegex("bank-main +unionpay +[0-9.]+ +[0-9.]+ +8\\.88 +CNY"));
    EXPECT_THAT(first.out, HasSubstr("review.html"));
    EXPECT_THAT(first.out, HasSubstr("/login?token="));
    for (const char* name : {"review.csv", "review.xlsx", "review.html", "summary.json"}) {
        EXPECT_EQ(count_files(place / "review", name), 13)
            << name << ": two tenants, three channels, two days; and a bank account's day";
    }

    const auto again = duizhang(folder.path(), {"--json", "demo", "--exit", "--dir", place.string(), "--seed", "9"});
    ASSERT_EQ(again.status, 0) << again.out << again.err;
    const auto summary = core::json::parse(again.out);
    ASSERT_TRUE(summary) << again.out;
    EXPECT_GT(summary->integer_at("planted").value_or(0), 0);
    EXPECT_EQ(summary->integer_at("found"), summary->integer_at("planted"));
    EXPECT_EQ(summary->integer_at("extra"), 0);
    EXPECT_EQ(summary->find("days")->items().size(), 13U);
    // Not a test of speed: only that nothing waits for a time-out.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(240));
}

}  // namespace
}  // namespace e2e
