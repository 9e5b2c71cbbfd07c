// duizhang ledger cases: what stands on a clearing account, case by case.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/reader.h"
#include "tests/support/command.h"

namespace e2e {
namespace {

using test_support::duizhang;
using test_support::Ran;
using test_support::write_text;
using testing::HasSubstr;

class Cases : public testing::Test {
protected:
    Cases() {
        EXPECT_EQ(run({"init"}).status, 0);
        write_text(place() / "keys" / "stripe.secret", "whsec_" + std::string(32, 'a') + "\n", 0600);
        write_text(place() / "duizhang.toml",
                   test_support::text_of(place() / "duizhang.toml") +
                       "\n[[tenant]]\nid = \"shop\"\nname = \"My shop\"\ncurrency = \"USD\"\n\n[tenant.stripe]\n"
                       "account = \"acct_1MyShop\"\nwebhook_secrets = [\"file:keys/stripe.secret\"]\n"
                       "time_zone = \"UTC\"\n");
        write_text(place() / "entries.jsonl",
                   "{\"source_key\": \"opening\", \"business_date\": \"2026-11-17\", \"description\": \"by hand\", "
                   "\"legs\": [{\"account\": \"transit:funds:stripe\", \"currency\": \"USD\", \"amount\": 1250}, "
                   "{\"account\": \"bank:main\", \"currency\": \"USD\", \"amount\": -1250}]}\n");
        const auto posted = run({"ledger", "post", "--tenant", "shop", "entries.jsonl"});
        EXPECT_EQ(posted.status, 0) << posted.err;
    }
    const std::filesystem::path& place() const { return folder_.path(); }
    Ran run(std::vector<std::string> words) const { return duizhang(place(), std::move(words)); }

    test_support::TestFolder folder_;
};

TEST_F(Cases, AddUpToWhatStandsThere) {
    const auto told = run({"--json", "ledger", "cases", "--tenant", "shop"});
    EXPECT_EQ(told.status, 0) << told.err;
    const auto value = core::json::parse(told.out);
    ASSERT_TRUE(value) << told.out;
    const auto cases = value->find("cases")->items();
    ASSERT_EQ(cases.size(), 1U);
    EXPECT_EQ(cases[0].string_at("account"), "transit:funds:stripe");
    EXPECT_EQ(cases[0].string_at("kind"), "by_hand");
    EXPECT_EQ(cases[0].string_at("opened_on"), "2026-11-17");
    EXPECT_EQ(cases[0].integer_at("amount_minor"), 1250);
    const auto accounts = value->find("accounts")->items();
    ASSERT_EQ(accounts.size(), 1U);
    EXPECT_EQ(accounts[0].integer_at("balance_minor"), 1250);
    EXPECT_EQ(accounts[0].boolean_at("agrees"), true);
}

TEST_F(Cases, AreShownInPartAndToPeople) {
    const auto all = run({"ledger", "cases", "--tenant", "shop"});
    EXPECT_EQ(all.status, 0) << all.err;
    EXPECT_THAT(all.out, HasSubstr("12.50"));
    EXPECT_THAT(all.out, HasSubstr("是 yes"));
    EXPECT_THAT(run({"ledger", "cases", "--tenant", "shop", "--kind", "timing"}).out, HasSubstr("No open cases."));
    EXPECT_EQ(run({"ledger", "cases", "--tenant", "shop", "--kind", "lost"}).status, 2);
}

}  // namespace
}  // namespace e2e
