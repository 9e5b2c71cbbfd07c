// The audit trail at the desk: read, verified, published, exported, and held against by a program of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "core/db/connection.h"
#include "core/json/reader.h"
#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using test_support::text_of;
using test_support::write_text;
using testing::HasSubstr;

Ran verifier(const fs::path& place, std::vector<std::string> words) {
    words.insert(words.begin(), DUIZHANG_BINARY_DIR "/duizhang-verify");
    return test_support::Process(std::move(words), place).finish();
}

core::json::Value trail_of(const std::string& tenant) {
    const auto ran = Desk::get().run({"--json", "audit", "trail", "--tenant", tenant, "--limit", "10000"});
    EXPECT_EQ(ran.status, 0) << ran.err;
    const auto value = core::json::parse(ran.out);
    EXPECT_TRUE(value) << ran.out;
    return value ? *value : core::json::Value();
}

TEST(AuditTrail, SaysWhoReadItAndIsWorthWhatItsSignaturesAre) {
    const auto& desk = Desk::get();
    (void)trail_of(desk.tenant());
    const auto trail = trail_of(desk.tenant());
    const auto& records = trail.find("records")->items();
    ASSERT_FALSE(records.empty());
    EXPECT_EQ(records.back().string_at("act"), "trail.read");
    EXPECT_EQ(records.back().string_at("outcome"), "done");
    EXPECT_THAT(std::string(*records.back().string_at("origin")), HasSubstr("process"));

    const auto sound = desk.run({"audit", "verify"});
    EXPECT_EQ(sound.status, 0) << sound.out << sound.err;
    EXPECT_THAT(sound.out, HasSubstr("are as they were signed"));

    // What an auditor takes along.
    const auto key = desk.run({"audit", "key"});
    ASSERT_EQ(desk.run({"audit", "export", "--tenant", desk.tenant(), "--out", "trail.jsonl"}).status, 0);
    write_text(desk.place() / "trail.key", key.out);
    const auto verified = verifier(desk.place(), {"trail.jsonl", "--key", "trail.key"});
    EXPECT_EQ(verified.status, 0) << verified.out << verified.err;

    auto bundle = text_of(desk.place() / "trail.jsonl");
    bundle.replace(bundle.find("trail.read"), 10, "trail.writ");
    write_text(desk.place() / "changed.jsonl", bundle);
    const auto changed = verifier(desk.place(), {"changed.jsonl", "--key", "trail.key"});
    EXPECT_EQ(changed.status, 1) << changed.out;
    EXPECT_THAT(changed.out, HasSubstr("record"));
}

TEST(AuditTrail, CountsWhatWasDoneInAPeriod) {
    const auto& desk = Desk::get();
    ASSERT_EQ(desk.run({"key", "issue", "--tenant", desk.tenant(), "--role", "reader"}).status, 0);
    const auto today = core::format_day(core::day_of(core::SystemClock().now(), {"UTC", std::chrono::minutes(0)}));
    const auto counts = [&](const std::vector<std::string>& period) {
        std::vector<std::string> words{"--json", "audit", "acts"};
        words.insert(words.end(), period.begin(), period.end());
        const auto ran = desk.run(words);
        EXPECT_EQ(ran.status, 0) << ran.err;
        std::int64_t issued = 0;
        std::int64_t all = 0;
        const auto json = core::json::parse(ran.out);
        for (const auto& one : json->find("acts")->items()) {
            all += one.integer_at("count").value_or(0);
            if (one.string_at("act") == "key.issue" && one.string_at("tenant") == desk.tenant() &&
                one.string_at("outcome") == "done") {
                issued += one.integer_at("count").value_or(0);
            }
        }
        return std::pair(issued, all);
    };
    std::int64_t recorded = 0;
    const auto trail = trail_of(desk.tenant());
    for (const auto& record : trail.find("records")->items()) {
        recorded += record.string_at("act") == "key.issue" ? 1 : 0;
    }
    EXPECT_GT(recorded, 0);
    EXPECT_EQ(counts({}).first, recorded);
    EXPECT_EQ(counts({"--from", today, "--to", today}).first, recorded);
    EXPECT_EQ(counts({"--to", "2026-01-31"}), std::pair(std::int64_t{0}, std::int64_t{0}));
    const auto read = desk.run({"audit", "trail", "--tenant", "_instance", "--act", "trail.read"});
    EXPECT_THAT(read.out, HasSubstr("counts of acts from " + today + " to " + today));
    const auto none = desk.run({"audit", "trail", "--tenant", desk.tenant(), "--to", "2026-01-31", "--json"});
    EXPECT_EQ(core::json::parse(none.out)->find("records")->items().size(), 0U);
    const auto wrong = desk.run({"audit", "acts", "--from", today, "--to", "2026-01-31"});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_THAT(wrong.err, HasSubstr("--from: must not be after --to"));
}

// What somebody may see of it who may not see the rest.
TEST(AuditTrail, ProvesOneRecordAndThatItsHeadsGoOnFromEachOther) {
    const auto& desk = Desk::get();
    write_text(desk.place() / "trail.key", desk.run({"audit", "key"}).out);
    const auto proved = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"--json", "audit", "prove", "--tenant", desk.tenant(), "--out", "proof.json"});
        const auto ran = desk.run(words);
        EXPECT_EQ(ran.status, 0) << ran.err;
        return core::json::parse(ran.out)->integer_at("head").value_or(0);
    };
    (void)trail_of(desk.tenant());
    const auto earlier = proved({"--record", "1"});
    (void)trail_of(desk.tenant());
    (void)proved({"--record", "2", "--from", std::to_string(earlier)});
    const auto both = verifier(desk.place(), {"proof", "proof.json", "--key", "trail.key"});
    EXPECT_EQ(both.status, 0) << both.out << both.err;
    EXPECT_THAT(both.out, testing::AllOf(HasSubstr("proved: record 2 ("), HasSubstr("goes on from the one of size")));
    EXPECT_EQ(trail_of(desk.tenant()).find("records")->items().back().string_at("act"), "trail.prove");

    auto proof = text_of(desk.place() / "proof.json");
    proof.replace(proof.find("\"outcome\":\"done\""), 16, "\"outcome\":\"gone\"");
    write_text(desk.place() / "changed.json", proof);
    const auto changed = verifier(desk.place(), {"proof", "changed.json", "--key", "trail.key", "--json"});
    EXPECT_EQ(changed.status, 1) << changed.out;
    EXPECT_THAT(changed.out, testing::AllOf(HasSubstr("\"changed\""), HasSubstr("\"not_included\"")));

    const auto refused = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"audit", "prove", "--tenant", desk.tenant(), "--out", "none.json"});
        return desk.run(words);
    };
    EXPECT_EQ(refused({}).status, 2);
    EXPECT_EQ(refused({"--record", "1", "--head", "999999"}).status, 3);
    const auto behind = refused({"--record", "999999"});
    EXPECT_EQ(behind.status, 3);
    EXPECT_THAT(behind.err, HasSubstr("doesn't reach that far"));
    EXPECT_FALSE(fs::exists(desk.place() / "none.json"));
}

TEST(AuditTrail, ThatWasTakenBackIsToldByWhatWasPublished) {
    const auto& desk = Desk::get();
    const auto configuration = text_of(desk.place() / "duizhang.toml");
    write_text(desk.place() / "published.toml",
               "[audit]\norigin = \"desk-1\"\ncheckpoint_file = \"heads.jsonl\"\n" + configuration);
    (void)trail_of(desk.tenant());
    ASSERT_EQ(desk.run({"--config", "published.toml", "audit", "checkpoint"}).status, 0);
    EXPECT_THAT(text_of(desk.place() / "heads.jsonl"), HasSubstr("\"origin\":\"desk-1\""));
    EXPECT_EQ(desk.run({"--config", "published.toml", "audit", "verify"}).status, 0);

    core::db::Connection admin(desk.admin_connection());
    pqxx::nontransaction session(admin.get());
    session.exec(
        "begin; set local session_replication_role = replica; create table kept as select * from audit.trail;"
        "delete from audit.trail t where number = (select max(number) from audit.trail o where o.tenant_id = "
        "t.tenant_id);"
        "commit");
    const auto broken = desk.run({"--config", "published.toml", "audit", "verify"});
    EXPECT_EQ(broken.status, 1) << broken.out;
    EXPECT_THAT(broken.out, HasSubstr("vouches for records that are gone"));
    session.exec(
        "begin; set local session_replication_role = replica; delete from audit.trail; insert into audit.trail "
        "select * from kept; drop table kept; commit");
    EXPECT_EQ(desk.run({"--config", "published.toml", "audit", "verify"}).status, 0);
}

}  // namespace
}  // namespace e2e
