// `duizhang audit scan`: what it says, how it ends, and that it shows no number whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/archive.h"
#include "core/db/connection.h"
#include "core/json/reader.h"
#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using test_support::duizhang;
using test_support::TestFolder;
using test_support::write_text;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

core::json::Value json_of(const std::string& text) {
    const auto value = core::json::parse(text);
    EXPECT_TRUE(value) << text;
    return value ? *value : core::json::Value();
}

// Two cards, one of them packed, a secret, and an id that is none.
void write_logs(const TestFolder& place) {
    write_text(place.path() / "logs/app.log", "id 4200001234202611181234567890\npaid by card 4242424242424242\n" +
                                                  ("sk_live_" + std::string("51AbCdEfGhIjKlMnOp2")));
    write_text(place.path() / "logs/old.zip", core::zip({{"old.log", "accNo=6221558812340000\n"}}));
}

TEST(AuditScan, SaysWhatItFoundAsJson) {
    const TestFolder place;
    write_logs(place);
    const auto ran = duizhang(place.path(), {"audit", "scan", "logs", "--json"});
    EXPECT_EQ(ran.status, 1) << ran.err;
    const auto report = json_of(ran.out);
    EXPECT_EQ(report.integer_at("files"), 2);
    EXPECT_GT(report.integer_at("bytes"), 80);
    ASSERT_EQ(report.find("findings")->items().size(), 3U) << ran.out;
    const auto& card = report.find("findings")->items()[0];
    EXPECT_EQ(card.string_at("path"), "logs/app.log");
    EXPECT_EQ(card.integer_at("line"), 2);
    EXPECT_EQ(card.integer_at("column"), 14);
    EXPECT_EQ(card.string_at("kind"), "pan");
    EXPECT_EQ(card.string_at("confidence"), "high");
    EXPECT_EQ(card.string_at("encoding"), "plain");
    EXPECT_EQ(card.string_at("masked"), "424242******4242");
    EXPECT_EQ(report.find("findings")->items()[1].string_at("kind"), "secret");
    EXPECT_EQ(report.find("findings")->items()[2].string_at("path"), "logs/old.zip!old.log");
    EXPECT_THAT(ran.out, AllOf(Not(HasSubstr("4242424242424242")), Not(HasSubstr("51AbCdEf"))));
}

TEST(AuditScan, EndsWellWhereThereIsNothing) {
    const TestFolder place;
    write_text(place.path() / "a.log", "id 4200001234202611181234567890\n");
    const auto ran = duizhang(place.path(), {"audit", "scan", "a.log"});
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.out, "1 files, 32 bytes, 0 findings\n");
}

TEST(AuditScan, SaysWhatItCouldNotLookInto) {
    const TestFolder place;
    write_text(place.path() / "a.rar", std::string("Rar!\x1A\x07\x01\x00 and more", 17));
    const auto ran = duizhang(place.path(), {"audit", "scan", "a.rar"});
    EXPECT_EQ(ran.status, 3);
    EXPECT_THAT(ran.out, HasSubstr("a.rar: NOT LOOKED INTO: a rar archive"));
}

// Of what the schema of SARIF 2.1.0 requires, and what code-scanning services read.
TEST(AuditScan, WritesSarif) {
    const TestFolder place;
    write_logs(place);
    const auto ran = duizhang(place.path(), {"audit", "scan", "logs", "--format", "sarif"});
    EXPECT_EQ(ran.status, 1);
    const auto log = json_of(ran.out);
    EXPECT_EQ(log.string_at("version"), "2.1.0");
    ASSERT_EQ(log.find("runs")->items().size(), 1U);
    const auto& run = log.find("runs")->items()[0];
    EXPECT_EQ(run.path("tool", "driver")->string_at("name"), "duizhang audit scan");
    EXPECT_EQ(run.find("invocations")->items()[0].boolean_at("executionSuccessful"), true);
    const auto& results = run.find("results")->items();
    ASSERT_EQ(results.size(), 3U);
    for (const auto& result : results) {
        EXPECT_TRUE(result.path("message")->string_at("text"));
        EXPECT_TRUE(result.string_at("ruleId"));
        const auto& place_of = result.find("locations")->items()[0];
        EXPECT_GE(*place_of.path("physicalLocation", "region")->integer_at("startLine"), 1);
        EXPECT_EQ(place_of.path("physicalLocation", "artifactLocation")->string_at("uri")->find(' '),
                  std::string::npos);
    }
    EXPECT_EQ(results[0].string_at("level"), "error");
    EXPECT_THAT(ran.out, Not(HasSubstr("4242424242424242")));
}

TEST(AuditScan, LeavesOutWhatIsAllowed) {
    const TestFolder place;
    ASSERT_EQ(duizhang(place.path(), {"init", "--dir", "books"}).status, 0);
    write_text(place.path() / "a.log", "card 4242424242424242 and card 5555555555554444\n");
    const std::vector<std::string> scan = {"--config", "books/duizhang.toml", "--json", "audit", "scan", "a.log"};
    auto words = scan;
    words.push_back("--fingerprints");
    const auto shown = json_of(duizhang(place.path(), words).out);
    const auto fingerprint = std::string(*shown.find("findings")->items()[0].string_at("fingerprint"));
    EXPECT_EQ(fingerprint.size(), 16U);

    write_text(place.path() / "allowed", "# the till's test card\n" + fingerprint + "  # since May\n");
    words = scan;
    words.insert(words.end(), {"--allow", "allowed"});
    const auto ran = duizhang(place.path(), words);
    const auto report = json_of(ran.out);
    EXPECT_EQ(ran.status, 1);
    EXPECT_EQ(report.find("findings")->items().size(), 1U);
    EXPECT_EQ(report.integer_at("allowed"), 1);

    write_text(place.path() / "allowed", "4242424242424242\n");
    const auto refused = duizhang(place.path(), words);
    EXPECT_EQ(refused.status, 3);
    EXPECT_THAT(refused.err, AllOf(HasSubstr("allowed:1: must be a fingerprint"), Not(HasSubstr("4242424242424242"))));
}

TEST(AuditScan, LeavesOutTestNumbersAndDoubtWhenTold) {
    const TestFolder place;
    write_text(place.path() / "a.log", "card 4242424242424242, 4.24242424242424E+15\n");
    EXPECT_EQ(
        duizhang(place.path(), {"audit", "scan", "a.log", "--allow-test-numbers", "--confidence", "medium"}).status, 0);
}

TEST(AuditScan, RefusesWhatIsntThere) {
    const TestFolder place;
    const auto ran = duizhang(place.path(), {"audit", "scan", "nowhere"});
    EXPECT_EQ(ran.status, 3);
    EXPECT_THAT(ran.err, HasSubstr("nowhere: there is no such file or folder"));
    EXPECT_EQ(duizhang(place.path(), {"audit", "scan"}).status, 2);
}

// As somebody would who owns the database; no trigger keeps him from it.
void plant(const std::string& sql) {
    core::db::Connection admin(Desk::get().admin_connection());
    pqxx::nontransaction session(admin.get());
    session.exec("set session_replication_role = replica");
    session.exec(sql);
}

TEST(AuditDatabase, FindsNothingInBooksThatCallbacksMade) {
    const auto ran = Desk::get().run({"--json", "audit", "database"});
    EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
    const auto report = json_of(ran.out);
    EXPECT_GT(report.integer_at("files"), 30) << "tables";
    EXPECT_GT(report.integer_at("bytes"), 10'000);
    EXPECT_TRUE(report.find("not_looked_into")->items().empty()) << ran.out;
    EXPECT_THAT(ran.err, HasSubstr("payments.orders")) << "progress";
}

TEST(AuditDatabase, FindsWhatWasPlantedInAnyColumn) {
    const auto& tenant = Desk::get().tenant();
    const auto before = Desk::get().books();
    plant(
        "update payments.orders set description = 'paid by card 4242 4242 4242 4242' where ctid = "
        "(select min(ctid) from payments.orders where tenant_id = '" +
        tenant + "')");
    plant("alter table payments.orders add column scan_bytes bytea, add column scan_json jsonb");
    plant(
        "update payments.orders set scan_bytes = convert_to('accNo=6221558812340000', 'UTF8'), "
        "scan_json = '{\"pan\": [\"5555555555554444\"]}' where ctid = "
        "(select min(ctid) from payments.orders where tenant_id = '" +
        tenant + "')");
    plant("grant select on payments.orders to duizhang_service");
    const auto ran = Desk::get().run({"--json", "--quiet", "audit", "database", "--workers", "3"});
    plant("alter table payments.orders drop column scan_bytes, drop column scan_json");
    plant("update payments.orders set description = '' where description like '%4242%'");
    EXPECT_EQ(ran.status, 1) << ran.err;
    const auto report = json_of(ran.out);
    const auto& findings = report.find("findings")->items();
    ASSERT_EQ(findings.size(), 3U) << ran.out;
    EXPECT_EQ(findings[0].string_at("path"), tenant + ":payments.orders.description");
    EXPECT_EQ(findings[1].string_at("path"), tenant + ":payments.orders.scan_bytes");
    EXPECT_EQ(findings[2].string_at("path"), tenant + ":payments.orders.scan_json");
    EXPECT_THAT(ran.out, AllOf(Not(HasSubstr("5555555555554444")), Not(HasSubstr("4242 4242"))));
    EXPECT_EQ(Desk::get().books(), before) << "it writes nothing";
}

// Restored, a dump is text; as it is, it is packed in PostgreSQL's own way.
TEST(AuditScan, LooksIntoADumpOfTheDatabase) {
    const auto& desk = Desk::get();
    plant("create table public.left_behind (note text, bytes bytea)");
    plant("insert into public.left_behind select 'row ' || n, null from generate_series(1, 20000) n");
    plant(
        "insert into public.left_behind values ('card 4242 4242 4242 4242', null), ('', "
        "convert_to('accNo=6221558812340000', 'UTF8'))");
    for (const std::string level : {"6", "0"}) {
        const auto file = desk.place() / ("left" + level + ".dump");
        const auto dump = "/usr/lib/postgresql/15/bin/pg_dump -Fc -Z" + level + " -t public.left_behind -f '" +
                          file.string() + "' -d '" + desk.admin_connection() + "'";
        ASSERT_EQ(std::system(dump.c_str()), 0);
        const auto ran = desk.run({"--json", "audit", "scan", file.string()});
        EXPECT_EQ(ran.status, 1) << ran.err;
        const auto report = json_of(ran.out);
        const auto& findings = report.find("findings")->items();
        ASSERT_EQ(findings.size(), 2U) << ran.out;
        EXPECT_EQ(findings[0].string_at("path"), file.string() + "!public.left_behind");
        EXPECT_EQ(findings[0].integer_at("line"), 20001);
        EXPECT_EQ(findings[1].string_at("encoding"), "hex");
        EXPECT_TRUE(report.find("not_looked_into")->items().empty()) << ran.out;
    }
    plant("drop table public.left_behind");
}

// Whoever reads the source finds no key to anything, and no card but those that are published for testing.
TEST(AuditScan, FindsNothingInTheSource) {
    const TestFolder place;
    std::vector<std::string> words = {"audit", "scan", "--allow-test-numbers", "--confidence", "medium"};
    for (const char* part : {"audit", "config", "core", "docs", "ledger", "migrations", "payments", "reconciliation",
                             "runbooks", "server", "README.md", "ARCHITECTURE.md", "CMakeLists.txt", "dev"}) {
        words.push_back(std::string(DUIZHANG_SOURCE_DIR) + "/" + part);
    }
    const auto ran = duizhang(place.path(), words);
    EXPECT_EQ(ran.status, 0) << ran.out;
    EXPECT_THAT(ran.out, HasSubstr("0 findings"));
}

}  // namespace
}  // namespace e2e
