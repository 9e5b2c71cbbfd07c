// Wrong usage and wrong configuration: status 2, one line that names the file, key or option, and what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/command.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using test_support::duizhang;
using test_support::Ran;
using test_support::TestFolder;
using test_support::write_text;
using testing::HasSubstr;
using testing::StartsWith;

void expect_refused(const Ran& ran, int status, const std::string& named) {
    EXPECT_EQ(ran.status, status) << ran.out << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_THAT(ran.err, StartsWith("duizhang: "));
    EXPECT_THAT(ran.err, HasSubstr(named));
}

struct Misuse {
    const char* name;
    std::vector<std::string> words;
    const char* named;
};

class WrongUsage : public testing::TestWithParam<Misuse> {};

TEST_P(WrongUsage, IsSaidInOneLine) {
    const TestFolder place;
    expect_refused(duizhang(place.path(), GetParam().words), 2, GetParam().named);
    EXPECT_TRUE(fs::is_empty(place.path()));
}

INSTANTIATE_TEST_SUITE_P(
    , WrongUsage,
    testing::Values(
        Misuse{"NoCommand", {}, "--help"}, Misuse{"UnknownCommand", {"frobnicate"}, "frobnicate"},
        Misuse{"MistypedCommand", {"nightyl"}, "did you mean \"nightly\"?"},
        Misuse{"UnknownOption", {"nightly", "--tomorrow"}, "--tomorrow"},
        Misuse{"OptionWithoutValue", {"reconcile", "--tenant"}, "--tenant"},
        Misuse{"MissingOption", {"reconcile", "--tenant", "acme"}, "--channel"},
        Misuse{"UnknownLedgerCommand", {"ledger", "burn"}, "burn"},
        Misuse{"ExportOfNoFormat", {"ledger", "export", "--tenant", "acme"}, "--format"},
        Misuse{"ExportOfUnknownFormat", {"ledger", "export", "--tenant", "acme", "--format", "pdf"}, "pdf"},
        Misuse{"OpeningOfNoDay", {"ledger", "export", "--tenant", "acme", "--format", "csv", "--opening"}, "--opening"},
        Misuse{"ExportUntilNoDay",
               {"ledger", "export", "--tenant", "acme", "--format", "csv", "--until", "2026-02-30"},
               "--until"},
        Misuse{"RecordedAtNoInstant",
               {"ledger", "trial-balance", "--tenant", "acme", "--recorded", "yesterday"},
               "--recorded"},
        Misuse{"MissingConfiguration", {"--config", "nowhere.toml", "config", "check"}, "nowhere.toml"},
        Misuse{"NoConfigurationAnywhere", {"tenant", "list"}, "duizhang.toml"},
        Misuse{"DiffWithoutSides", {"diff"}, "--left"},
        Misuse{"TooFewOrdersForADemo", {"demo", "--orders", "2"}, "--orders"}),
    [](const auto& row) { return std::string(row.param.name); });

class WrongConfiguration : public testing::Test {
protected:
    WrongConfiguration() {
        write_text(place() / "keys" / "master.key", std::string(64, '1') + "\n", 0600);
        write_text(place() / "keys" / "stripe.secret", "whsec_e2e0tests0only0secret00001", 0600);
    }
    const fs::path& place() const { return folder_.path(); }

    std::string configuration(const std::string& more = "") const {
        return "[database]\nembedded = \"pg\"\n\n[secrets]\nmaster_key = \"file:keys/master.key\"\n\n[[tenant]]\n"
               "id = \"acme\"\nname = \"Acme\"\ncurrency = \"USD\"\n\n[tenant.stripe]\naccount = \"acct_1Acme\"\n"
               "webhook_secrets = [\"file:keys/stripe.secret\"]\n" +
               more;
    }
    Ran check(const std::string& text) {
        write_text(place() / "duizhang.toml", text);
        return duizhang(place(), {"config", "check"});
    }

private:
    TestFolder folder_;
};

TEST_F(WrongConfiguration, IsNotThisOne) {
    const auto ran = check(configuration());
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("valid"));
}

TEST_F(WrongConfiguration, UnknownKeyComesWithAHint) {
    const auto ran = check(configuration("webhook_secret = \"file:keys/stripe.secret\"\n"));
    expect_refused(ran, 2, "duizhang.toml:");
    EXPECT_THAT(ran.err, HasSubstr("tenant.stripe.webhook_secret"));
    EXPECT_THAT(ran.err, HasSubstr("did you mean \"webhook_secrets\"?"));
}

TEST_F(WrongConfiguration, WrongTypeNamesTheKey) {
    expect_refused(check("[service]\nconsole = \"yes\"\n" + configuration()), 2, "service.console");
}

TEST_F(WrongConfiguration, MissingKeyFileIsNamed) {
    fs::remove(place() / "keys" / "stripe.secret");
    expect_refused(check(configuration()), 2, "stripe.secret");
}

TEST_F(WrongConfiguration, SecretThatOthersCanReadIsRefused) {
    fs::permissions(place() / "keys" / "master.key", fs::perms(0644));
    const auto ran = check(configuration());
    expect_refused(ran, 2, "master.key");
    EXPECT_THAT(ran.err, testing::Not(HasSubstr(std::string(8, '1')))) << "a refusal shows nothing of the secret";
}

TEST_F(WrongConfiguration, SecretInClearIsRefused) {
    const auto text = configuration();
    const std::string reference = "file:keys/stripe.secret";
    auto changed = text;
    changed.replace(changed.find(reference), reference.size(), "whsec_e2e0tests0only0secret00001");
    const auto ran = check(changed);
    expect_refused(ran, 2, "webhook_secrets");
    EXPECT_THAT(ran.err, testing::Not(HasSubstr("whsec_e2e")));
}

// As an unreadable folder would be: its tenants must not silently be none.
TEST_F(WrongConfiguration, TenantsFolderThatCannotBeReadIsRefused) {
    write_text(place() / "tenants.d", "no folder");
    expect_refused(check(configuration()), 2, "tenants.d can't be read");
}

TEST_F(WrongConfiguration, CertificateThatIsNoneIsRefused) {
    write_text(place() / "keys" / "tls.key", "no key", 0600);
    write_text(place() / "tls.pem", "no certificate");
    const auto ran =
        check("[service]\ntls_certificate = \"tls.pem\"\ntls_key = \"file:keys/tls.key\"\n\n" + configuration());
    expect_refused(ran, 2, "service.tls_certificate");
}

TEST_F(WrongConfiguration, BrokenTomlNamesTheLine) { expect_refused(check("[service\n"), 2, "duizhang.toml:1"); }

TEST_F(WrongConfiguration, UnknownTenantIsNamedWithThoseThereAre) {
    write_text(place() / "duizhang.toml", configuration());
    const auto ran = duizhang(place(), {"tenant", "show", "acmee"});
    expect_refused(ran, 2, "acme");
}

TEST_F(WrongConfiguration, EnvironmentOverridesSingleKeys) {
    write_text(place() / "duizhang.toml", configuration());
    const auto ran = duizhang(place(), {"config", "check"}, {{"DUIZHANG_SERVICE_LISTEN", "nonsense"}});
    expect_refused(ran, 2, "listen");
}

// A port nobody listens at: a retry may help, and the message has no password in it.
TEST_F(WrongConfiguration, DatabaseAwayEndsWithFour) {
    auto text = configuration();
    const std::string embedded = "embedded = \"pg\"";
    text.replace(text.find(embedded), embedded.size(),
                 "url = \"postgresql://duizhang:very-secret@127.0.0.1:9/duizhang?connect_timeout=3\"");
    write_text(place() / "duizhang.toml", text);
    const auto ran = duizhang(place(), {"ledger", "trial-balance", "--tenant", "acme"});
    EXPECT_EQ(ran.status, 4) << ran.err;
    EXPECT_THAT(ran.err, testing::Not(HasSubstr("very-secret")));
    EXPECT_THAT(ran.err, HasSubstr("trying again may help"));
}

TEST(Help, IsOnEveryCommand) {
    const TestFolder place;
    const std::vector<std::vector<std::string>> commands = {{},
                                                            {"init"},
                                                            {"demo"},
                                                            {"serve"},
                                                            {"migrate"},
                                                            {"tenant", "list"},
                                                            {"config", "check"},
                                                            {"orders", "import"},
                                                            {"reconcile"},
                                                            {"nightly"},
                                                            {"diff"},
                                                            {"ledger", "verify"},
                                                            {"callbacks", "replay"}};
    for (auto words : commands) {
        words.emplace_back("--help");
        const auto ran = duizhang(place.path(), words);
        EXPECT_EQ(ran.status, 0) << ran.err;
        EXPECT_THAT(ran.out, HasSubstr("--help"));
        EXPECT_EQ(ran.err, "");
    }
    const auto version = duizhang(place.path(), {"--version"});
    EXPECT_EQ(version.status, 0);
    EXPECT_THAT(version.out, StartsWith("duizhang "));
}

}  // namespace
}  // namespace e2e
