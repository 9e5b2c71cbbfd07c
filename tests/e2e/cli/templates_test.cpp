// duizhang tenant add, templates, upgrade: from an industry's template to a tenant whose orders are shared out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/reader.h"
#include "tests/support/command.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using test_support::duizhang;
using test_support::Ran;
using test_support::text_of;
using test_support::write_text;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Templates : public testing::Test {
protected:
    Templates() {
        write_text(place() / "keys" / "master.key", std::string(64, '1') + "\n", 0600);
        write_text(place() / "duizhang.toml",
                   "[database]\nembedded = \"pg\"\n[secrets]\nmaster_key = \"file:keys/master.key\"\n");
    }
    fs::path place() const { return folder_.path(); }
    fs::path file(const std::string& id) const { return place() / "tenants.d" / (id + ".toml"); }
    Ran run(std::vector<std::string> words) const { return duizhang(place(), std::move(words)); }
    Ran add(const std::string& named, const std::string& id, const std::string& name = "Acme") const {
        return run({"tenant", "add", "--template", named, "--id", id, "--name", name, "--currency", "CNY"});
    }

private:
    test_support::TestFolder folder_;
};

TEST_F(Templates, MakeTenantsThatConfigCheckIsHappyWith) {
    const auto json = core::json::parse(run({"tenant", "templates", "--json"}).out);
    ASSERT_TRUE(json);
    const auto& all = json->find("templates")->items();
    ASSERT_GE(all.size(), 3U);
    EXPECT_FALSE(fs::exists(place() / "pg")) << "to read them takes no database";
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto made = add(std::string(*all[i].string_at("template")), "shop-" + std::to_string(i), "商城 \"\\1\"");
        EXPECT_EQ(made.status, 0) << made.err;
    }
    const auto checked = run({"config", "check"});
    EXPECT_EQ(checked.status, 0) << checked.err;
    EXPECT_THAT(run({"tenant", "list"}).out, AllOf(HasSubstr("shop-2"), HasSubstr("商城 \"\\1\"")));
    EXPECT_THAT(run({"tenant", "templates", "retail"}).out, HasSubstr("name = \"consignment\""));
    // Whoever adds a tenant is written down, which takes one.
    const auto acts = run({"--json", "audit", "trail", "--tenant", "_instance", "--act", "tenant.add"});
    EXPECT_EQ(acts.status, 0) << acts.err;
    EXPECT_EQ(core::json::parse(acts.out)->find("records")->items().size(), all.size());
}

TEST_F(Templates, ShareOutOrders) {
    ASSERT_EQ(add("retail", "acme").status, 0);
    EXPECT_THAT(
        run({"split", "preview", "--tenant", "acme", "--split", "consignment", "--amount", "10000"}).out,
        AllOf(HasSubstr("100.00 CNY, shared out at fulfilment"), HasSubstr("payable:supplier           85.00")));
    write_text(place() / "orders.csv",
               "merchant_order_id,amount,currency,created_at,split\nW1,10000,CNY,2026-11-17T08:52:12Z,consignment\n");
    const auto imported = run({"orders", "import", "--tenant", "acme", "orders.csv"});
    EXPECT_EQ(imported.status, 0) << imported.err;
}

// A tenant of the first version gets calendars when it is upgraded, where it has none of its own.
TEST_F(Templates, SayWhichDaysAChannelSettlesOn) {
    fs::create_directories(place() / "tenants.d");
    write_text(place() / "keys" / "stripe.secret", "whsec_" + std::string(32, 'a') + "\n", 0600);
    const auto with = [&](const std::string& own) {
        write_text(file("acme"),
                   "[[tenant]]\nid = \"acme\"\ncurrency = \"CNY\"\ntemplate = \"cross-border@1\"\n[tenant.stripe]\n"
                   "account = \"acct_1\"\nwebhook_secrets = [\"file:../keys/stripe.secret\"]\n" +
                       own);
    };
    const auto channel = [&] {
        return run({"calendar", "channel", "--tenant", "acme", "--channel", "stripe", "--date", "2026-11-25"}).out;
    };
    const auto shown = [&] {
        const auto ran = run({"tenant", "show", "acme"});
        EXPECT_EQ(ran.status, 0) << ran.err;
        const auto tenant = core::json::parse(ran.out);
        const auto calendars = tenant ? tenant->path("calendars", "stripe") : nullptr;
        return calendars == nullptr || calendars->items().empty() ? core::json::Value() : calendars->items().at(0);
    };
    with("");
    EXPECT_THAT(channel(), HasSubstr("every day is a business day"));
    EXPECT_TRUE(shown().find("holidays")->is_null());
    const auto upgraded = run({"tenant", "upgrade", "acme"});
    EXPECT_THAT(upgraded.out, HasSubstr("stripe.calendar[0].holidays: applies\n"));
    EXPECT_THAT(channel(), AllOf(HasSubstr("Calendar: US"), HasSubstr("Settlement: 2026-11-30")))
        << "Thanksgiving and a weekend lie between";
    EXPECT_EQ(shown().string_at("holidays"), "US");
    EXPECT_EQ(shown().integer_at("settlement_days"), 2);

    with("[[tenant.stripe.calendar]]\nholidays = \"GB\"\n");
    EXPECT_THAT(run({"tenant", "upgrade", "acme"}).out, HasSubstr("stripe.calendar[0].holidays: own stays\n"));
    EXPECT_THAT(channel(), HasSubstr("Calendar: GB"));
    EXPECT_EQ(shown().string_at("holidays"), "GB");
}

TEST_F(Templates, AreNeverWrittenOverATenant) {
    ASSERT_EQ(add("retail", "acme").status, 0);
    const auto before = text_of(file("acme"));
    EXPECT_EQ(add("retail", "acme").status, 2);
    write_text(file("kept"), "# not a tenant yet\n");
    const auto kept = add("retail", "kept");
    EXPECT_EQ(kept.status, 2);
    EXPECT_THAT(kept.err, HasSubstr("kept.toml: is there already"));
    EXPECT_EQ(text_of(file("acme")), before);
    EXPECT_EQ(text_of(file("kept")), "# not a tenant yet\n");
    EXPECT_THAT(add("wholesale", "b").err,
                HasSubstr("there are cross-border@1, cross-border@2, fresh-food@1, fresh-food@2, "
                          "retail@1, retail@2"));
    EXPECT_EQ(add("retail", "Not-An-Id").status, 2);
    EXPECT_EQ(add("retail", "b", "two\nlines").status, 2);
    EXPECT_FALSE(fs::exists(file("b")));
}

TEST_F(Templates, GiveWayToAnotherAndLeaveWhatTheTenantSays) {
    ASSERT_EQ(add("retail", "acme").status, 0);
    const auto own =
        text_of(file("acme")) +
        "\n[[tenant.split]]\nname = \"pickup\"\nshares = [ { to = \"payable:mine\", remainder = true } ]\n";
    write_text(file("acme"), own);

    const auto shown = run({"tenant", "upgrade", "acme", "--template", "fresh-food", "--dry-run"});
    EXPECT_EQ(shown.status, 0) << shown.err;
    EXPECT_THAT(shown.out,
                AllOf(HasSubstr("acme.toml: retail@2 -> fresh-food@2"), HasSubstr("split.pickup.shares: own stays\n"),
                      HasSubstr("split.delivered.when: applies\n"), Not(HasSubstr("wechatpay.fee[0].basis_points"))))
        << "what both say alike is no change";
    EXPECT_EQ(text_of(file("acme")), own);

    EXPECT_EQ(run({"tenant", "upgrade", "acme", "--template", "fresh-food"}).status, 0);
    auto expected = own;
    expected.replace(expected.find("retail@2"), 8, "fresh-food@2");
    EXPECT_EQ(text_of(file("acme")), expected);
    EXPECT_EQ(run({"config", "check"}).status, 0);
    const std::vector<std::string> preview = {"split", "preview", "--tenant", "acme", "--amount", "10000", "--split"};
    const auto preview_of = [&](const char* split) {
        auto words = preview;
        words.emplace_back(split);
        return run(words);
    };
    EXPECT_THAT(preview_of("pickup").out, HasSubstr("payable:mine"));
    EXPECT_THAT(preview_of("delivered").out, HasSubstr("payable:cold-chain"));
    EXPECT_EQ(preview_of("consignment").status, 2) << "retail's are gone";

    const auto newest = core::json::parse(run({"tenant", "upgrade", "acme", "--json"}).out);
    ASSERT_TRUE(newest);
    EXPECT_TRUE(newest->find("changes")->items().empty());
}

}  // namespace
}  // namespace e2e
