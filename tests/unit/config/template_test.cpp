// Templates: what they say holds where a tenant says nothing, and another version leaves what the tenant says.
#include "config/template.h"

#include <gmock/gmock.h>

#include "config/channel_calendar.h"
#include "config/document.h"
#include "core/crypto/digest.h"
#include "tests/unit/config/configuration.h"

namespace config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<TenantTemplate>& versions() {
    static const std::vector<TenantTemplate> all = {
        {"shop", 1,
         "# A shop: for tests.\n# More.\ncallbacks_per_second = 7\n[[split]]\nname = \"a\"\nshares = [ { to = "
         "\"payable:a\", remainder = true } ]\n[[split]]\nname = \"b\"\nshares = [ { to = \"payable:b\", remainder = "
         "true } ]\n[[stripe.fee]]\ncurrency = \"USD\"\nbasis_points = 290\n[[wechatpay.fee]]\ncurrency = "
         "\"CNY\"\nbasis_points = 60\n"},
        {"shop", 2,
         "# A shop: newer.\ncallbacks_per_second = 8\n[[split]]\nname = \"a\"\nwhen = \"fulfilment\"\nshares = [ { to "
         "= "
         "\"payable:a\", remainder = true } ]\n[[split]]\nname = \"b\"\nwhen = \"capture+7\"\nshares = [ { to = "
         "\"payable:b\", remainder = true } ]\n[[stripe.fee]]\ncurrency = \"USD\"\nbasis_points = "
         "300\n[[wechatpay.fee]]\ncurrency = \"CNY\"\nbasis_points = 50\n"}};
    return all;
}

constexpr const char* kTenant =
    "# by hand\n[[tenant]]\nid = \"acme\"\ncurrency = \"CNY\"\ntemplate = \"shop@1\"   # which\n"
    "[tenant.stripe]\nx = 1\n[[tenant.split]]\nname = \"b\"\nshares = [ { to = \"payable:mine\", remainder = true } "
    "]\n";

TEST(Templates, AreFoundByVersionAndByName) {
    EXPECT_EQ(id_of(*find_template(versions(), "shop@1")), "shop@1");
    EXPECT_EQ(id_of(*find_template(versions(), "shop")), "shop@2");
    EXPECT_EQ(find_template(versions(), "shop@3"), nullptr);
    EXPECT_EQ(find_template(versions(), ""), nullptr);
    EXPECT_EQ(description_of(versions()[0]), "A shop: for tests.");
}

TEST(Templates, HoldWhereTheTenantSaysNothing) {
    Document document(kTenant, "t", "/");
    document.apply_templates(versions());
    auto root = document.root();
    auto tenant = root.tables("tenant").at(0);
    EXPECT_EQ(tenant.integer("callbacks_per_second", 0, 9), 7);
    auto splits = tenant.tables("split");
    ASSERT_EQ(splits.size(), 2U);
    EXPECT_EQ(splits[0].text("name"), "b");
    EXPECT_EQ(splits[0].list("shares").at(0).section->text("to"), "payable:mine");
    EXPECT_EQ(splits[1].text("name"), "a");
    EXPECT_EQ(tenant.table("stripe")->tables("fee").at(0).integer("basis_points", 0, 999), 290);
    EXPECT_FALSE(tenant.table("wechatpay")) << "a template gives nobody a channel";
}

TEST(Templates, AreUpgradedWithoutTouchingWhatTheTenantSays) {
    const auto changes = template_changes(kTenant, "acme", &versions()[0], versions()[1]);
    std::vector<std::string> told;
    for (const auto& change : changes) {
        told.push_back(change.key + " " + change.before + ">" + change.after + " " +
                       std::to_string(static_cast<int>(change.effect)));
    }
    EXPECT_THAT(told,
                ElementsAre("callbacks_per_second 7>8 0", "split.a.when >'fulfilment' 0", "split.b.when >'capture+7' 1",
                            "stripe.fee[0].basis_points 290>300 0", "wechatpay.fee[0].basis_points 60>50 2"));

    std::string expected = kTenant;
    expected.replace(expected.find("template = \"shop@1\"   #"), 23, "template = \"shop@2\"  #");
    const auto upgraded = with_template(kTenant, "acme", "shop@2");
    EXPECT_EQ(upgraded, expected);
    EXPECT_EQ(template_of(upgraded, "acme"), "shop@2");

    Document document(upgraded, "t", "/");
    document.apply_templates(versions());
    auto tenant = document.root().tables("tenant").at(0);
    auto splits = tenant.tables("split");
    EXPECT_EQ(splits[0].list("shares").at(0).section->text("to"), "payable:mine");
    EXPECT_EQ(splits[0].text("when"), std::nullopt);
    EXPECT_EQ(splits[1].text("when"), "fulfilment");
}

TEST(Templates, CanBeGivenToATenantWithoutOne) {
    const std::string toml = "[[tenant]]\nid = \"a\"\n[[tenant]]\nid = \"b\"\ncurrency = \"CNY\"";
    EXPECT_EQ(template_of(toml, "b"), "");
    EXPECT_EQ(template_of(toml, "c"), std::nullopt);
    EXPECT_EQ(with_template(toml, "a", "shop@1"),
              "[[tenant]]\nid = \"a\"\ntemplate = \"shop@1\"\n[[tenant]]\nid = \"b\"\ncurrency = \"CNY\"");
    EXPECT_EQ(with_template("[[tenant]]\nid = \"a\"", "a", "shop@1"),
              "[[tenant]]\nid = \"a\"\ntemplate = \"shop@1\"\n");
    EXPECT_THROW(
        (void)with_template("tenant = [ { id = \"a\", template = \"shop@1\", currency = \"CNY\" } ]", "a", "shop@2"),
        core::UsageError);
}

class BuiltIn : public Configuration, public testing::WithParamInterface<std::string> {};

TEST_P(BuiltIn, TemplateLoadsWithItsSplitsFeesAndCalendars) {
    const auto* named = find_template(tenant_templates(), GetParam());
    ASSERT_NE(named, nullptr);
    const auto settings = load(std::string(kBase) + "[[tenant]]\nid = \"acme\"\ncurrency = \"CNY\"\ntemplate = \"" +
                               id_of(*named) + "\"\n[tenant.wechatpay]\n[tenant.stripe]\n");
    for (const auto& tenant : settings.tenants) {
        for (auto channel : tenant.channels) {
            channel.section.text("time_zone");  // the channel's own
            const auto calendar = read_channel_calendar(channel.section, std::chrono::minutes(0));
            ASSERT_NE(calendar.versions.front().days, nullptr) << channel.name;
            EXPECT_EQ(calendar.versions.front().days->name(),
                      channel.name == "stripe" && GetParam() == "cross-border" ? "US" : "CN");
        }
    }
    EXPECT_NO_THROW(finish(settings));
    EXPECT_GE(settings.tenants[0].splits.size(), 2U);
    EXPECT_EQ(settings.tenants[0].channels.at(1).fees.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(, BuiltIn, testing::Values("retail", "fresh-food", "cross-border"),
                         [](const auto& row) { return row.param.substr(0, row.param.find('-')); });

// Tenants are pinned to a version: what it says stays. A change is a file with the next number, and a line here.
TEST(BuiltInTemplates, SayForEverWhatTheySaid) {
    std::map<std::string, std::string> found;
    for (const auto& named : tenant_templates()) {
        found[id_of(named)] = core::crypto::sha256_hex(named.text);
    }
    EXPECT_EQ(found, (std::map<std::string, std::string>{
                         {"cross-border@1", "446c3d9680914f046f2ac3ccc331ee75a55c7a99d2619f2478e96f54e7fac8c3"},
                         {"cross-border@2", "69581b79c3e303fca235121f3ad90825b2d59fed5ac7ff71f70ebf750536d2cc"},
                         {"fresh-food@1", "dcf5c73eb47f3fde1e677dc2c79b6660d3ebabaaab524801937f70db32cc302b"},
                         {"fresh-food@2", "0dd8f1400e76625d48b64f7192da460bef66a500678c7b7a79ff67f899bb1b4e"},
                         {"retail@1", "e174a576c1dd79639911cf6e75be14b1a80bd2fff4564a0e4dadd98f3b9dc3c8"},
                         {"retail@2", "28d9a0f76ccbb1152209ce538c84712b4035a5428c6f229f68b18c7c75550fb4"}}));
}

TEST_F(Configuration, NamesATemplateThatThereIsWithItsVersion) {
    const std::string head = "[[tenant]]\nid = \"acme\"\ncurrency = \"CNY\"\ntemplate = ";
    EXPECT_EQ(complaints_about(head + "\"retail@1\"\n"), "");
    for (const char* id : {"retail", "retail@99", "wholesale@1", ""}) {
        EXPECT_THAT(complaints_about(head + "\"" + id + "\"\n"),
                    HasSubstr(":8: tenant.template: there is no \"" + std::string(id) + "\"; there are"));
    }
}

}  // namespace
}  // namespace config
