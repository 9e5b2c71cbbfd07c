// `duizhang audit report`: each verdict follows from what a command found, and from nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <pqxx/pqxx>
#include <set>

#include "core/crypto/certificate.h"
#include "core/crypto/digest.h"
#include "core/files.h"
#include "core/json/reader.h"
#include "ledger/seals.h"
#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using test_support::duizhang;
using test_support::TestFolder;
using testing::HasSubstr;

// A report as it was made, by requirement.
struct Made {
    Ran ran;
    std::map<std::string, std::string> verdicts;
    core::json::Value json;

    std::set<std::string> with(const std::string& verdict) const {
        std::set<std::string> numbers;
        for (const auto& [number, one] : verdicts) {
            if (one == verdict) {
                numbers.insert(number);
            }
        }
        return numbers;
    }
    std::set<std::string> not_met() const { return with("not met"); }
};

Made made_of(const fs::path& place) {
    const TestFolder out;
    Made made{duizhang(place, {"--json", "audit", "report", "--from", "2026-10-01", "--to", "2026-10-31", "--out",
                               (out.path() / "report").string()}),
              {},
              {}};
    auto json = core::json::parse(made.ran.out);
    EXPECT_TRUE(json) << made.ran.out << made.ran.err;
    made.json = json ? *json : core::json::Value();
    for (const auto& one : made.json.find("requirements")->items()) {
        made.verdicts[std::string(one.string_at("requirement").value_or(""))] = one.string_at("verdict").value_or("");
    }
    // What is printed is what was written and, where there is a key, signed; and each output is what its hash says.
    const auto report = test_support::text_of(out.path() / "report" / "report.json");
    EXPECT_EQ(report, made.ran.out);
    const auto page = test_support::text_of(out.path() / "report" / "report.html");
    EXPECT_THAT(page, HasSubstr("审计证据"));
    if (const auto signature = out.path() / "report" / "report.json.sig"; fs::exists(signature)) {
        const auto text = test_support::text_of(signature);
        const auto word = [&](const std::string& name) {
            const auto at = text.find(name) + name.size() + 1;
            return text.substr(at, text.find('\n', at) - at);
        };
        EXPECT_EQ(word("sha256"), core::crypto::sha256_hex(report));
        EXPECT_TRUE(ledger::is_signed(word("public_key"), "evidence", word("sha256"), word("signature")));
    } else {
        EXPECT_THAT(made.ran.err, HasSubstr("NOT SIGNED"));
    }
    for (const auto& run : made.json.find("runs")->items()) {
        const bool is_of_period = run.string_at("id") == "acts";
        EXPECT_EQ(run.string_at("looks_at"), is_of_period ? "2026-10-01 – 2026-10-31" : "now");
        const auto file = std::string(run.string_at("file").value_or(""));
        if (!file.empty()) {
            const auto when = is_of_period ? std::string(">of</span> 2026-10-01 – 2026-10-31")
                                           : "as of.* " + std::string(run.string_at("started_at").value_or("-"));
            EXPECT_THAT(page,
                        testing::ContainsRegex(std::string(file).append("</a><br>.*").append(when).append("<br>")));
            EXPECT_EQ(core::crypto::sha256_hex(test_support::text_of(out.path() / "report" / file)),
                      run.string_at("sha256"))
                << file;
        }
    }
    return made;
}

// An installation of one shop that keeps nothing without a period, on a database of its own; each test undoes what it
// planted.
class Installation : public testing::Test {
protected:
    static void SetUpTestSuite() {
        folder_ = std::make_unique<TestFolder>();
        ASSERT_EQ(duizhang(place(), {"init"}).status, 0);
        std::ofstream(place() / "duizhang.toml", std::ios::app)
            << "\n[[tenant]]\nid = \"shop\"\nname = \"My shop\"\ncurrency = \"USD\"\n";
        cluster_ = std::make_unique<core::db::EmbeddedCluster>(place() / "var" / "postgres");
    }
    static void TearDownTestSuite() {
        cluster_.reset();
        folder_.reset();
    }
    static const fs::path& place() { return folder_->path(); }
    static void as_superuser(const std::string& sql) {
        pqxx::connection admin(cluster_->connection_as("duizhang_admin", "duizhang"));
        pqxx::nontransaction(admin).exec(sql);
    }

private:
    static inline std::unique_ptr<TestFolder> folder_;
    static inline std::unique_ptr<core::db::EmbeddedCluster> cluster_;
};

TEST_F(Installation, ThatIsSoundHasNothingNotMet) {
    const auto made = made_of(place());

    EXPECT_EQ(made.ran.status, 0) << made.ran.err;
    EXPECT_EQ(made.not_met(), std::set<std::string>());
    for (const char* number : {"3.3.1", "3.5.1", "3.6.1", "4.2.1.1", "6.3.2", "7.2", "7.2.6", "8.6.2", "11.5.2", "A"}) {
        EXPECT_EQ(made.verdicts.at(number), "met") << number;
    }
    EXPECT_EQ(made.verdicts.at("4.2.1"), "not applicable") << "plain HTTP on this machine alone";
    EXPECT_EQ(made.verdicts.at("3.5.1.1"), "not established") << "--canaries was not asked for";
    for (const auto& one : made.json.find("requirements")->items()) {
        EXPECT_EQ(one.string_at("verdict") == "outside this software", one.find("runs")->items().empty());
        EXPECT_FALSE(one.string_at("not_covered_en").value_or("").empty());
    }
}

TEST_F(Installation, WithAFolderOpenToWriting) {
    fs::create_directories(place() / "var" / "statements");
    fs::permissions(place() / "var" / "statements", fs::perms(0777));

    const auto made = made_of(place());
    fs::remove_all(place() / "var" / "statements");

    EXPECT_EQ(made.ran.status, 1);
    EXPECT_EQ(made.not_met(), std::set<std::string>{"11.5.2"});
}

TEST_F(Installation, WithACertificateAboutToEnd) {
    const auto key = core::crypto::PrivateKey::generate_rsa(2048);
    const auto now = core::SystemClock().now();
    const auto certificate = core::crypto::issue_certificate(
        {"localhost", "Shop", now - std::chrono::hours(24), now + std::chrono::hours(24 * 20)}, key, nullptr);
    test_support::write_text(place() / "keys" / "tls.pem", certificate.to_pem());
    test_support::write_text(place() / "keys" / "tls.key", std::string(key.to_pem().reveal()), 0600);
    const auto before = test_support::text_of(place() / "duizhang.toml");
    auto text = before;
    const std::string service = "[service]\n";
    text.insert(text.find(service) + service.size(),
                "tls_certificate = \"keys/tls.pem\"\ntls_key = \"file:keys/tls.key\"\n");
    test_support::write_text(place() / "duizhang.toml", text);

    const auto made = made_of(place());
    test_support::write_text(place() / "duizhang.toml", before);

    EXPECT_EQ(made.not_met(), std::set<std::string>{"4.2.1.1"});
    EXPECT_EQ(made.verdicts.at("4.2.1"), "met") << "it serves until then";
}

TEST_F(Installation, WithARightTooManyAndACardNumberInAList) {
    test_support::write_text(place() / "var" / "review" / "old.csv", "card\n4242424242424242\n");
    as_superuser("grant delete on ledger.entries to duizhang_service");

    const auto made = made_of(place());
    as_superuser("revoke delete on ledger.entries from duizhang_service");
    fs::remove_all(place() / "var" / "review");

    EXPECT_EQ(made.not_met(), (std::set<std::string>{"3.4.1", "7.2"}));
    EXPECT_EQ(made.verdicts.at("3.3.1"), "not established") << "other commands refuse such a database";
}

TEST_F(Installation, WithBooksThatDoNotVerify) {
    as_superuser(
        "set session_replication_role = replica;"
        "insert into ledger.turnovers values (77, false, '2026-10-01', 5, 5, 'shop', 'USD')");

    const auto made = made_of(place());
    as_superuser("delete from ledger.turnovers");

    EXPECT_EQ(made.not_met(), std::set<std::string>{"A"});
}

TEST_F(Installation, WithAKeyFileThatOthersMayRead) {
    fs::permissions(place() / "keys" / "master.key", fs::perms(0644));

    const auto made = made_of(place());
    fs::permissions(place() / "keys" / "master.key", fs::perms(0600));

    EXPECT_EQ(made.not_met(), std::set<std::string>{"3.6.1"});
    EXPECT_TRUE(made.with("met").contains("6.3.2")) << "the program's parts are what they are";
}

TEST_F(Installation, KeepsAnAssessorsOtherFiles) {
    test_support::write_text(place() / "papers" / "notes.txt", "mine");

    const auto ran = duizhang(place(), {"audit", "report", "--out", "papers"});

    EXPECT_EQ(ran.status, 2);
    EXPECT_THAT(ran.err, HasSubstr("has other files in it"));
    EXPECT_EQ(duizhang(place(), {"audit", "report", "--out", "new", "--from", "2026-10-01"}).status, 2);
}

}  // namespace
}  // namespace e2e
