#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "configuration.h"

namespace config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kTenant = "[[tenant]]\nid = \"acme\"\nname = \"Acme\"\ncurrency = \"CNY\"\n";

TEST_F(Configuration, HasDefaultsForWhatItDoesNotSay) {
    const auto settings = load(kBase);
    EXPECT_NO_THROW(finish(settings));

    EXPECT_EQ(settings.service.listen_host, "127.0.0.1");
    EXPECT_EQ(settings.service.listen_port, 8080);
    EXPECT_TRUE(settings.service.console);
    EXPECT_EQ(settings.carry_window, std::chrono::minutes(15));
    EXPECT_EQ(settings.embedded_database, path("var/postgres"));
    EXPECT_EQ(settings.database_url, "");
    EXPECT_EQ(settings.statements, path("var/statements"));
    EXPECT_EQ(settings.review_lists, path("var/review"));
    EXPECT_EQ(settings.master_key.reveal(), std::string(32, '\xAA'));
    EXPECT_TRUE(settings.tenants.empty());
}

TEST_F(Configuration, ReadsTenantsWithTheirFeesAndSplits) {
    const auto settings = load(std::string(kBase) + kTenant + R"(
[[tenant.stripe.fee]]
valid_from = "2026-01-01"
currency = "USD"
basis_points = 290
fixed = 30
rounding = "half_even"
refund = "kept"
[[tenant.split]]
name = "marketplace"
shares = [ { to = "payable:seller", basis_points = 9300 }, { to = "income:commission", remainder = true } ]
)");
    EXPECT_NO_THROW(finish(settings));

    const auto* tenant = settings.find_tenant("acme");
    ASSERT_NE(tenant, nullptr);
    EXPECT_EQ(settings.find_tenant("other"), nullptr);
    EXPECT_EQ(tenant->currency.code(), "CNY");
    ASSERT_EQ(tenant->channels.size(), 1U);
    ASSERT_EQ(tenant->channels[0].fees.size(), 1U);
    const auto& fee = tenant->channels[0].fees[0];
    EXPECT_EQ(fee.valid_from, core::parse_day("2026-01-01"));
    EXPECT_EQ(fee.currency.code(), "USD");
    EXPECT_EQ(fee.basis_points, 290);
    EXPECT_EQ(fee.fixed_minor, 30);
    EXPECT_EQ(fee.rounding, core::Rounding::half_even);
    EXPECT_EQ(fee.returned_on_refund, false);
    ASSERT_EQ(tenant->splits.size(), 1U);
    EXPECT_EQ(tenant->splits[0].shares[0].basis_points, 9300);
    EXPECT_TRUE(tenant->splits[0].shares[1].remainder);
}

TEST_F(Configuration, TakesTenantsFromFilesOfTheirOwn) {
    std::filesystem::create_directories(path("tenants.d"));
    core::write_file(path("tenants.d/b.toml"), "[[tenant]]\nid = \"b\"\ncurrency = \"EUR\"\n");
    core::write_file(path("tenants.d/c.toml"), "[[tenant]]\nid = \"c\"\ncurrency = \"EUR\"\n");
    core::write_file(path("tenants.d/d.toml.off"), "[[tenant]]\nid = \"d\"\ncurrency = \"EUR\"\n");
    const auto settings = load(std::string(kBase) + kTenant);
    EXPECT_NO_THROW(finish(settings));

    ASSERT_EQ(settings.tenants.size(), 3U);
    EXPECT_EQ(settings.tenants[1].id.text(), "b");
    EXPECT_EQ(settings.tenants[1].name, "b");
    EXPECT_EQ(settings.tenants[2].id.text(), "c");

    core::write_file(path("tenants.d/e.toml"), "[[tenant]]\nid = \"acme\"\ncurrency = \"EUR\"\nnam = \"x\"\n");
    EXPECT_THAT(complaints(std::string(kBase) + kTenant),
                AllOf(HasSubstr("tenants.d/e.toml:2: tenant.id: there are two tenants called \"acme\""),
                      HasSubstr("tenants.d/e.toml:4: tenant.nam: unknown key; did you mean \"name\"?")));
}

TEST_F(Configuration, NamesTheFileThatIsMissing) {
    try {
        (void)load_settings(path("nowhere.toml"), {});
        FAIL() << "read a file that isn't there";
    } catch (const core::UsageError& error) {
        EXPECT_THAT(error.what(), HasSubstr("nowhere.toml"));
    }
    EXPECT_THROW((void)load_settings(folder_.path(), {}), core::UsageError);
}

TEST_F(Configuration, NamesLineAndColumnOfWhatIsNoToml) {
    EXPECT_THAT(complaints("[service]\nlisten = \n"), HasSubstr("duizhang.toml:2:"));
    EXPECT_THAT(complaints("[service]\nconsole = true\nconsole = false\n"), HasSubstr("duizhang.toml:3:"));
}

struct Wrong {
    const char* name;
    const char* toml;
    const char* complaint;
};
void PrintTo(const Wrong& row, std::ostream* out) { *out << row.name; }

class Complains : public Configuration, public testing::WithParamInterface<Wrong> {};

TEST_P(Complains, NamingLineKeyAndRemedy) {
    EXPECT_THAT(complaints_about(GetParam().toml), HasSubstr(GetParam().complaint));
}

// The base has four lines, so what a row adds begins in the fifth.
INSTANTIATE_TEST_SUITE_P(
    , Complains,
    testing::Values(
        Wrong{"UnknownKey", "[service]\nlisen = \"x:1\"\n", ":6: service.lisen: unknown key; did you mean \"listen\"?"},
        Wrong{"UnknownKeyLikeNoOther", "[service]\nzzzzzzzz = 1\n", ":6: service.zzzzzzzz: unknown key; remove it"},
        Wrong{"UnknownSection", "[sevice]\n", ":5: sevice: unknown key; did you mean \"service\"?"},
        Wrong{"UnknownChannel", "[[tenant]]\nid = \"a\"\ncurrency = \"CNY\"\n[tenant.stripr]\n",
              ":8: tenant.stripr: unknown key; did you mean \"stripe\"?"},
        Wrong{"UnknownKeyOfAChannel", "[[tenant]]\nid = \"a\"\ncurrency = \"CNY\"\n[tenant.stripe]\nx = 1\n",
              ":9: tenant.stripe.x: unknown key"},
        Wrong{"TextWhereANumberBelongs", "[service]\ncallbacks_per_second = \"500\"\n",
              ":6: service.callbacks_per_second: must be a whole number from 1 to 1000000"},
        Wrong{"FractionWhereANumberBelongs", "[service]\ncallbacks_burst = 1.5\n",
              ":6: service.callbacks_burst: must be a whole number"},
        Wrong{"NumberOutOfBounds", "[service]\ncallbacks_per_second = 0\n",
              ":6: service.callbacks_per_second: must be"},
        Wrong{"TextWhereABooleanBelongs", "[service]\nconsole = \"yes\"\n",
              ":6: service.console: must be true or false"},
        Wrong{"NumberWhereATextBelongs", "[service]\nlisten = 8080\n", ":6: service.listen: must be a text in quotes"},
        Wrong{"ValueWhereATableBelongs", "[nightly]\nstatements = [1]\n", ":6: nightly.statements: must be a text"},
        Wrong{"TableWhereTablesBelong", "[tenant]\nid = \"a\"\n", ":5: tenant: must be written as [[tenant]] tables"},
        Wrong{"ListenWithoutAPort", "[service]\nlisten = \"127.0.0.1\"\n", ":6: service.listen: must be ADDRESS:PORT"},
        Wrong{"ListenBeyondThePorts", "[service]\nlisten = \"[::]:65536\"\n", ":6: service.listen: must be ADDRESS"},
        Wrong{"ListenWithoutAnAddress", "[service]\nlisten = \":80\"\n", ":6: service.listen: must be ADDRESS"},
        Wrong{"DurationWithoutAUnit", "[nightly]\ncarry_window = \"15\"\n", ":6: nightly.carry_window: must be a dur"},
        Wrong{"DurationOfHalfAMinute", "[nightly]\ncarry_window = \"30s\"\n",
              ":6: nightly.carry_window: must be a dur"},
        Wrong{"DurationBelowZero", "[nightly]\ncarry_window = \"-5m\"\n", ":6: nightly.carry_window: must be a dur"},
        Wrong{"EmptyDuration", "[nightly]\ncarry_window = \"\"\n", ":6: nightly.carry_window: must be a dur"},
        Wrong{"TenantWithoutId", "[[tenant]]\ncurrency = \"CNY\"\n", ":5: tenant.id: is missing"},
        Wrong{"TenantWithACapitalId", "[[tenant]]\nid = \"Acme\"\ncurrency = \"CNY\"\n",
              ":6: tenant.id: must be 1 to 32 of a-z, 0-9 and -"},
        Wrong{"TenantWithoutCurrency", "[[tenant]]\nid = \"a\"\n", ":5: tenant.currency: is missing"},
        Wrong{"TenantWithAnUnknownCurrency", "[[tenant]]\nid = \"a\"\ncurrency = \"XYZ\"\n",
              ":7: tenant.currency: \"XYZ\" is no ISO 4217 currency code"},
        Wrong{"TwoTenantsAlike",
              "[[tenant]]\nid = \"a\"\ncurrency = \"CNY\"\n[[tenant]]\nid = \"a\"\ncurrency = \"CNY\"\n",
              ":9: tenant.id: there are two tenants called \"a\""}),
    [](const auto& row) { return std::string(row.param.name); });

class ComplainsOfATenant : public Configuration, public testing::WithParamInterface<Wrong> {};

TEST_P(ComplainsOfATenant, NamingLineKeyAndRemedy) {
    EXPECT_THAT(complaints_about(std::string(kTenant) + GetParam().toml), HasSubstr(GetParam().complaint));
}

// What a row adds begins in the ninth line.
INSTANTIATE_TEST_SUITE_P(
    , ComplainsOfATenant,
    testing::Values(
        Wrong{"FeeWithoutCurrency", "[[tenant.stripe.fee]]\nbasis_points = 60\n",
              ":9: tenant.stripe.fee.currency: is missing"},
        Wrong{"FeeBeyondTheWhole", "[[tenant.stripe.fee]]\ncurrency = \"CNY\"\nbasis_points = 10001\n",
              ":11: tenant.stripe.fee.basis_points: must be a whole number from 0 to 10000"},
        Wrong{"FeeFromADayThereIsNot", "[[tenant.stripe.fee]]\ncurrency = \"CNY\"\nvalid_from = \"2026-02-29\"\n",
              ":11: tenant.stripe.fee.valid_from: must be a day, YYYY-MM-DD"},
        Wrong{"FeeWithAnotherRounding", "[[tenant.stripe.fee]]\ncurrency = \"CNY\"\nrounding = \"bankers\"\n",
              ":11: tenant.stripe.fee.rounding: must be half_up, half_even, down or up"},
        Wrong{"FeeWithAnotherRefund", "[[tenant.stripe.fee]]\ncurrency = \"CNY\"\nrefund = \"maybe\"\n",
              ":11: tenant.stripe.fee.refund: must be \"returned\" or \"kept\""},
        Wrong{"FeeWithAMistypedKey", "[[tenant.stripe.fee]]\ncurrency = \"CNY\"\nbasis_point = 60\n",
              ":11: tenant.stripe.fee.basis_point: unknown key; did you mean \"basis_points\"?"},
        Wrong{"SplitWithoutName", "[[tenant.split]]\nshares = [ { to = \"payable:a\", remainder = true } ]\n",
              "tenant.split.name: is missing"},
        Wrong{"SplitWithoutShares", "[[tenant.split]]\nname = \"m\"\n", "a split has a name and at least one share"},
        Wrong{"SplitOfTexts", "[[tenant.split]]\nname = \"m\"\nshares = [ \"payable:a\" ]\n",
              ":11: tenant.split.shares: its items must be tables"},
        Wrong{"ShareThatSaysNothing", "[[tenant.split]]\nname = \"m\"\nshares = [ { to = \"payable:a\" } ]\n",
              "a share says exactly one of basis_points, fixed and remainder"},
        Wrong{"ShareThatSaysTwoThings",
              "[[tenant.split]]\nname = \"m\"\nshares = [ { to = \"payable:a\", fixed = 1, remainder = true } ]\n",
              "a share says exactly one of basis_points, fixed and remainder"},
        Wrong{"ShareToAnAccountOfTheHouse",
              "[[tenant.split]]\nname = \"m\"\nshares = [ { to = \"bank:main\", remainder = true } ]\n",
              "must be payable:PARTY or income:NAME"},
        Wrong{"SharesBeyondTheWhole",
              "[[tenant.split]]\nname = \"m\"\nshares = [ { to = \"payable:a\", basis_points = 9000 }, "
              "{ to = \"payable:b\", basis_points = 1001 }, { to = \"income:c\", remainder = true } ]\n",
              "basis points must not pass 10000 together"},
        Wrong{"SharesShortOfTheWhole",
              "[[tenant.split]]\nname = \"m\"\nshares = [ { to = \"payable:a\", basis_points = 9999 } ]\n",
              "one share takes the remainder unless they reach it"},
        Wrong{"TwoRemainders",
              "[[tenant.split]]\nname = \"m\"\nshares = [ { to = \"payable:a\", remainder = true }, "
              "{ to = \"payable:b\", remainder = true } ]\n",
              "one share takes the remainder"},
        Wrong{"TwoSplitsOfOneName",
              "[[tenant.split]]\nname = \"m\"\nshares = [ { to = \"payable:a\", remainder = true } ]\n"
              "[[tenant.split]]\nname = \"m\"\nshares = [ { to = \"payable:b\", remainder = true } ]\n",
              ":13: tenant.split.name: there are two splits called \"m\""}),
    [](const auto& row) { return std::string(row.param.name); });

// Every receiver that the configuration lets through must be an account of the chart: ledger::split() insists on it.
TEST_F(Configuration, RefusesASplitsReceiverWithAnEmptyPart) {
    EXPECT_THAT(
        complaints_about(std::string(kTenant) +
                         "[[tenant.split]]\nname = \"m\"\nshares = [ { to = \"payable::a\", remainder = true } ]"),
        HasSubstr("must be payable:PARTY or income:NAME"));
}

TEST_F(Configuration, TellsEverythingThatIsWrongAtOnceInTheFilesOrder) {
    const auto text = complaints_about("[service]\nlisen = \"x:1\"\nconsole = 1\n[nightly]\ncarry_window = \"x\"\n");
    const auto lisen = text.find(":6: service.lisen");
    const auto console = text.find(":7: service.console");
    const auto window = text.find(":9: nightly.carry_window");

    ASSERT_NE(window, std::string::npos) << text;
    EXPECT_LT(lisen, console) << text;
    EXPECT_LT(console, window) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

TEST_F(Configuration, DoesNotBlameTheKeysOfATenantWithABadId) {
    const auto settings =
        load(std::string(kBase) + "[[tenant]]\nid = \"A\"\ncurrency = \"CNY\"\n[tenant.stripe]\nx = 1\n");
    for (const auto& tenant : settings.tenants) {
        for (auto channel : tenant.channels) {
            channel.section.integer("x", 0, 9);
        }
    }
    try {
        finish(settings);
        FAIL() << "took a tenant called A";
    } catch (const core::UsageError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("tenant.id: must be"), Not(HasSubstr("unknown key"))));
    }
}

TEST_F(Configuration, NeedsADatabaseAndAMasterKey) {
    EXPECT_THAT(complaints(""), AllOf(HasSubstr("database: is missing"), HasSubstr("secrets: is missing")));
    EXPECT_THAT(complaints("[database]\n[secrets]\n"),
                AllOf(HasSubstr("database.embedded: give embedded (a folder) or url"),
                      HasSubstr("secrets.master_key: is missing")));
    EXPECT_THAT(complaints("[database]\nembedded = \"a\"\nurl = \"postgresql:///\"\n"),
                HasSubstr("database.url: give either embedded or url, not both"));
}

class MasterKey : public Configuration {};

TEST_F(MasterKey, IsRefusedWhenOthersMayReadIt) {
    core::write_file(path("open.key"), kMasterKey, 0644);
    const auto text = complaints("[database]\nembedded = \"a\"\n[secrets]\nmaster_key = \"file:open.key\"\n");
    EXPECT_THAT(text, AllOf(HasSubstr("secrets.master_key"), HasSubstr("open.key"), Not(HasSubstr(kMasterKey))));
}

TEST_F(MasterKey, IsMissedByName) {
    EXPECT_THAT(complaints("[database]\nembedded = \"a\"\n[secrets]\nmaster_key = \"file:keys/none.key\"\n"),
                AllOf(HasSubstr(":4: secrets.master_key"), HasSubstr("keys/none.key")));
    EXPECT_THAT(complaints("[database]\nembedded = \"a\"\n[secrets]\nmaster_key = \"env:DUIZHANG_TEST_NONE\"\n"),
                HasSubstr("the environment has no DUIZHANG_TEST_NONE"));
}

TEST_F(MasterKey, IsNeverTheValueItselfNorRepeatedInAComplaint) {
    const auto text = complaints("[database]\nembedded = \"a\"\n[secrets]\nmaster_key = \"" + kMasterKey + "\"\n");
    EXPECT_THAT(text, AllOf(HasSubstr("a secret is a reference"), Not(HasSubstr(kMasterKey))));
}

TEST_F(MasterKey, HasSixtyFourHexDigits) {
    for (const auto& bad : {kMasterKey.substr(1), kMasterKey + "aa", std::string(64, 'g'), std::string("\n")}) {
        core::write_file(path("bad.key"), bad, 0600);
        const auto text = complaints("[database]\nembedded = \"a\"\n[secrets]\nmaster_key = \"file:bad.key\"\n");
        EXPECT_THAT(text, AllOf(HasSubstr("must hold 64 hex digits"), Not(HasSubstr("aaaaaaaa"))));
    }
}

TEST_F(MasterKey, MayStandInTheEnvironment) {
    const Environment key("DUIZHANG_TEST_KEY", std::string(64, 'b'));
    const auto settings = load("[database]\nembedded = \"a\"\n[secrets]\nmaster_key = \"env:DUIZHANG_TEST_KEY\"\n");
    EXPECT_NO_THROW(finish(settings));
    EXPECT_EQ(settings.master_key.reveal(), std::string(32, '\xBB'));
}

struct Rates {
    RequestRate callbacks;
    RequestRate api;
};
bool operator==(const Rates& one, const Rates& other) {
    const auto numbers = [](const Rates& rates) {
        return std::tuple(rates.callbacks.per_second, rates.callbacks.burst, rates.api.per_second, rates.api.burst);
    };
    return numbers(one) == numbers(other);
}

class RequestRates : public Configuration {};

TEST_F(RequestRates, AreTheServicesUnlessTheTenantSaysItsOwn) {
    const std::string tenants =
        "[[tenant]]\nid = \"plain\"\ncurrency = \"CNY\"\n[[tenant]]\nid = \"large\"\ncurrency = \"CNY\"\n"
        "callbacks_per_second = 900\napi_burst = 5000\n";
    for (const auto& [service, plain, large] : std::vector<std::tuple<std::string, Rates, Rates>>{
             {"", {{2000, 10000}, {100, 400}}, {{900, 10000}, {100, 5000}}},
             {"[service]\ncallbacks_per_second = 30\ncallbacks_burst = 50\napi_per_second = 7\napi_burst = 8\n",
              {{30, 50}, {7, 8}},
              {{900, 50}, {7, 5000}}}}) {
        const auto settings = load(kBase + service + tenants);
        EXPECT_NO_THROW(finish(settings));
        const auto rates = [&](const char* tenant) {
            const auto* found = settings.find_tenant(tenant);
            return Rates{found->callbacks, found->api};
        };
        EXPECT_TRUE(rates("plain") == plain) << service;
        EXPECT_TRUE(rates("large") == large) << service;
    }
    for (const std::string key : {"callbacks_burst", "callbacks_per_second", "api_burst", "api_per_second"}) {
        EXPECT_NE(complaints_about("[[tenant]]\nid = \"a\"\ncurrency = \"CNY\"\n" + key + " = 0\n")
                      .find("tenant." + key + ": must be a whole number from 1 to"),
                  std::string::npos);
    }
}

class PaymentTerms : public Configuration {};

TEST_F(PaymentTerms, AreNoneUnlessTheTenantSaysSo) {
    const std::string tenant = "[[tenant]]\nid = \"a\"\ncurrency = \"CNY\"\n";
    EXPECT_EQ(load(kBase + tenant).find_tenant("a")->payment_terms_days, 0);
    for (const int days : {0, 30, 3660}) {
        const auto settings = load(kBase + tenant + "payment_terms_days = " + std::to_string(days) + "\n");
        EXPECT_NO_THROW(finish(settings));
        EXPECT_EQ(settings.find_tenant("a")->payment_terms_days, days);
    }
    for (const std::string wrong : {"-1", "3661", "\"30\""}) {
        EXPECT_NE(complaints_about(tenant + "payment_terms_days = " + wrong + "\n")
                      .find("tenant.payment_terms_days: must be a whole number from 0 to 3660"),
                  std::string::npos)
            << wrong;
    }
}

class EnvironmentOverrides : public Configuration {};

TEST_F(EnvironmentOverrides, TakeTheFilesPlace) {
    const Environment listen("DUIZHANG_SERVICE_LISTEN", "[::1]:9");
    const Environment console("DUIZHANG_SERVICE_CONSOLE", "false");
    const Environment rate("DUIZHANG_SERVICE_CALLBACKS_PER_SECOND", "7");
    const Environment window("DUIZHANG_NIGHTLY_CARRY_WINDOW", "1h");
    const Environment statements("DUIZHANG_NIGHTLY_STATEMENTS", "elsewhere");
    const auto settings = load(std::string(kBase) + "[service]\nlisten = \"127.0.0.1:80\"\nconsole = true\n");
    EXPECT_NO_THROW(finish(settings));

    EXPECT_EQ(settings.service.listen_host, "::1");
    EXPECT_EQ(settings.service.listen_port, 9);
    EXPECT_FALSE(settings.service.console);
    EXPECT_EQ(settings.service.callbacks.per_second, 7);
    EXPECT_EQ(settings.carry_window, std::chrono::hours(1));
    EXPECT_EQ(settings.statements, path("elsewhere"));
}

TEST_F(EnvironmentOverrides, ReplaceAnEmbeddedDatabaseByAUrl) {
    const Environment url("DUIZHANG_DATABASE_URL", "postgresql://db/duizhang");
    const auto settings = load(kBase);
    EXPECT_NO_THROW(finish(settings));

    EXPECT_FALSE(settings.embedded_database);
    EXPECT_EQ(settings.database_url, "postgresql://db/duizhang");
}

TEST_F(EnvironmentOverrides, ReplaceAUrlByAnEmbeddedDatabase) {
    const Environment embedded("DUIZHANG_DATABASE_EMBEDDED", "var/other");
    const auto settings = load(
        "[database]\nurl = \"postgresql://db/duizhang\"\n[secrets]\n"
        "master_key = \"file:master.key\"\n");
    EXPECT_NO_THROW(finish(settings));

    EXPECT_EQ(settings.embedded_database, path("var/other"));
    EXPECT_EQ(settings.database_url, "");
}

TEST_F(EnvironmentOverrides, MayNotSayBoth) {
    const Environment embedded("DUIZHANG_DATABASE_EMBEDDED", "var/other");
    const Environment url("DUIZHANG_DATABASE_URL", "postgresql://db/duizhang");
    EXPECT_THAT(complaints(kBase), HasSubstr("database.url: give either embedded or url, not both"));
}

TEST_F(EnvironmentOverrides, CountForNothingWhenEmpty) {
    const Environment url("DUIZHANG_DATABASE_URL", "");
    const Environment listen("DUIZHANG_SERVICE_LISTEN", "");
    EXPECT_EQ(complaints(kBase), "");
}

TEST_F(EnvironmentOverrides, AreCheckedLikeTheFile) {
    const Environment listen("DUIZHANG_SERVICE_LISTEN", "nowhere");
    EXPECT_THAT(complaints(kBase), HasSubstr("service.listen: must be ADDRESS:PORT"));
}

TEST_F(Configuration, IsLookedForWhereTheOptionOrTheEnvironmentSays) {
    EXPECT_EQ(find_configuration("some.toml"), "some.toml");
    const Environment named("DUIZHANG_CONFIG", "other.toml");
    EXPECT_EQ(find_configuration(""), "other.toml");
    EXPECT_EQ(find_configuration("some.toml"), "some.toml");
}

}  // namespace
}  // namespace config
