// reconcile --shadow: what rules would change is told, and nothing is changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using test_support::TestFolder;
using test_support::write_text;
using testing::HasSubstr;

TEST(ShadowRuns, TellWhatRulesWouldChangeAndChangeNothing) {
    const auto& desk = Desk::get();
    const auto& channel = desk.channel("wechatpay");
    const TestFolder place;
    write_text(place.path() / "rules.toml",
               "[[rule]]\nname = \"all\"\nkind = \"tolerance\"\ncurrency = \"CNY\"\nabsolute = 1000000\n");
    const auto books = desk.books();
    const std::vector<std::string> words = {"reconcile",    "--tenant",
                                            channel.tenant, "--channel",
                                            "wechatpay",    "--shadow",
                                            "--rules",      (place.path() / "rules.toml").string(),
                                            "--from",       core::format_day(desk.world().first_day)};
    auto in_json = words;
    in_json.insert(in_json.begin(), "--json");
    const auto told = desk.run(in_json);
    ASSERT_EQ(told.status, 0) << told.err;
    const auto document = core::json::parse(told.out, {std::size_t{1} << 24U, 32});
    ASSERT_TRUE(document) << told.out;
    EXPECT_EQ(document->find("days")->items().size(), 2U);
    const auto shown = desk.run(words);
    EXPECT_THAT(shown.out, HasSubstr("2 days"));
    EXPECT_THAT(shown.out, HasSubstr("nothing was changed"));
    EXPECT_EQ(desk.books(), books);

    EXPECT_EQ(desk.run({"reconcile", "--tenant", channel.tenant, "--channel", "wechatpay", "--shadow"}).status, 2);
    EXPECT_EQ(desk.run({"reconcile", "--tenant", channel.tenant, "--channel", "wechatpay", "--rules",
                        (place.path() / "rules.toml").string(), "--date", "2026-11-17"})
                  .status,
              2);
    auto nowhere = words;
    nowhere.back() = "2099-01-01";
    EXPECT_EQ(desk.run(nowhere).status, 2);
}

}  // namespace
}  // namespace e2e
