// `duizhang audit retention` and `audit purge`: what is older than its period goes, leaves a tombstone, and nothing
// else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "core/crypto/digest.h"
#include "core/crypto/encoding.h"
#include "core/json/reader.h"
#include "tests/e2e/cli/desk.h"

namespace e2e {
namespace {

using test_support::duizhang;
using test_support::TestFolder;
using test_support::write_text;
using testing::HasSubstr;

core::json::Value json_of(const Ran& ran) {
    auto value = core::json::parse(ran.out);
    EXPECT_TRUE(value) << ran.out << ran.err;
    return value ? std::move(*value) : core::json::Value::make_null();
}

std::string day_before(int days) {
    const auto now = core::SystemClock().now();
    return core::format_rfc3339(now - std::chrono::hours(24 * days)).substr(0, 10);
}

// A shop with periods for all it keeps but its review lists.
class Retention : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(duizhang(place(), {"init"}).status, 0);
        std::ofstream(place() / "duizhang.toml", std::ios::app)
            << "\n[retention]\ncallback_bodies_days = 30\nquarantine_days = 10\nkept_statements_days = 90\n"
               "statement_files_days = 100\n"
               "\n[[tenant]]\nid = \"shop\"\nname = \"My shop\"\ncurrency = \"USD\"\n";
        cluster_ = std::make_unique<core::db::EmbeddedCluster>(place() / "var" / "postgres");
        fill();
    }
    // Of each kind what is over its period and what isn't.
    void fill() const {
        as("duizhang_admin", R"(
            insert into payments.quarantine (tenant_id, channel, verdict, reason, received_at, body_bytes, body_sha256,
                                             excerpt)
            select 'shop', 'stripe', 'signature', 'bad', now() - n * interval '1 day', 3, repeat('a', 64), 'excerpt ' || n
            from generate_series(1, 20) n;
            insert into payments.inbox (tenant_id, channel, event_id, event_type, body_sha256, redacted_body, received_at)
            select 'shop', 'stripe', 'evt_' || n, 'charge', repeat('b', 64), '{"n": ' || n || '}',
                   now() - n * interval '1 day' from generate_series(28, 33) n;
            insert into access.data_keys (tenant_id, key_no, purpose, state, environment, wrapped, check_value,
                                          master_check, created_at)
            values ('shop', 1, 'statements', 'active', 'production', '\x01', repeat('c', 16), repeat('d', 16), now());
            insert into reconciliation.kept_statements (tenant_id, sha256, byte_count, chunk_count, header, wrapped_key,
                                                        key_no, kept_at)
            values ('shop', repeat('1', 64), 7, 1, '\x01', '\x01', 1, now() - interval '120 days'),
                   ('shop', repeat('2', 64), 7, 1, '\x01', '\x01', 1, now() - interval '20 days');
            insert into reconciliation.kept_chunks (tenant_id, sha256, chunk_no, sealed)
            values ('shop', repeat('1', 64), 1, '\x01'), ('shop', repeat('2', 64), 1, '\x01');
            insert into reconciliation.statement_views (tenant_id, sha256, begin_byte, byte_count, viewed_by, viewed_at)
            values ('shop', repeat('1', 64), 0, 7, 'anna', now() - interval '110 days'))");
        write_text(statements() / day_before(103) / "a.csv", "old");
        write_text(statements() / day_before(103) / "b.csv", "older");
        write_text(statements() / day_before(99) / "a.csv", "young");
    }
    const fs::path& place() const { return folder_.path(); }
    fs::path statements() const { return place() / "var" / "statements" / "shop" / "stripe"; }
    pqxx::result as(const std::string& role, const std::string& sql) const {
        pqxx::connection session(cluster_->connection_as(role, "duizhang"));
        pqxx::nontransaction work(session);
        work.exec("set duizhang.tenant = 'shop'");
        return work.exec(sql);
    }
    std::int64_t number(const std::string& sql) const { return as("duizhang_admin", sql)[0][0].as<std::int64_t>(); }
    Ran run(std::vector<std::string> words) const { return duizhang(place(), std::move(words)); }
    void check_hashes() const;
    void check_rights() const;
    void check_bounds() const;
    // Overdue records by kind, as `audit retention` has them.
    std::map<std::string, std::int64_t> older() const {
        std::map<std::string, std::int64_t> all;
        for (const auto& one : json_of(run({"--json", "audit", "purge", "--dry-run"})).find("kept")->items()) {
            all[std::string(one.string_at("kind").value_or(""))] = one.integer_at("older").value_or(-1);
        }
        return all;
    }

private:
    TestFolder folder_;
    std::unique_ptr<core::db::EmbeddedCluster> cluster_;
};

TEST_F(Retention, PurgesWhatIsOlderAndLeavesTombstones) {
    EXPECT_EQ(run({"audit", "retention"}).status, 1);
    EXPECT_EQ(older(), (std::map<std::string, std::int64_t>{{"callback_bodies", 4},
                                                            {"quarantine", 11},
                                                            {"kept_statements", 1},
                                                            {"statement_files", 1},
                                                            {"review_lists", 0}}));
    EXPECT_EQ(number("select count(*) from audit.tombstones"), 0) << "a dry run removes nothing";

    const auto purged = run({"--json", "audit", "purge"});

    EXPECT_EQ(purged.status, 0) << purged.err;
    ASSERT_EQ(json_of(purged).find("purged")->items().size(), 4U) << purged.out;
    EXPECT_EQ(run({"audit", "retention"}).status, 0);
    EXPECT_EQ(number("select count(*) from payments.quarantine"), 9);
    EXPECT_EQ(number("select count(*) from payments.inbox"), 6) << "that a message came stays known";
    EXPECT_EQ(number("select count(*) from payments.inbox where redacted_body <> ''"), 2);
    EXPECT_EQ(number("select count(*) from reconciliation.kept_chunks"), 1);
    EXPECT_EQ(number("select count(*) from reconciliation.statement_views"), 1) << "and who was shown what";
    EXPECT_FALSE(fs::exists(statements() / day_before(103)));
    EXPECT_TRUE(fs::exists(statements() / day_before(99) / "a.csv"));
    const auto again = run({"--json", "audit", "purge"});
    EXPECT_TRUE(json_of(again).find("purged")->items().empty()) << again.out;
    check_hashes();
    check_rights();
    write_text(place() / "var" / "review" / "shop" / "stripe" / day_before(1) / "review.csv", "list");
    const auto without = run({"audit", "retention"});
    EXPECT_EQ(without.status, 1) << without.err;
    EXPECT_THAT(without.out, HasSubstr("NO PERIOD"));
    check_bounds();
}

void Retention::check_hashes() const {
    using core::crypto::sha256_hex;
    const auto bytes = [](const std::string& hex) { return *core::crypto::hex_decode(hex); };
    const auto tombstone = [&](const std::string& kind) {
        return as("duizhang_admin",
                  "select content_sha256, record_count, byte_count, subject, purged_by <> '' from "
                  "audit.tombstones where kind = '" +
                      kind + "'")[0];
    };
    std::string bodies;
    for (int n = 33; n >= 30; --n) {
        const auto text = std::to_string(n);
        std::string body = "stripe\x1F";
        body.append("evt_").append(text).append("\x1F").append("{\"n\": ").append(text).append("}");
        bodies += bytes(sha256_hex(body));
    }
    EXPECT_EQ(tombstone("callback_bodies")[0].as<std::string>(), sha256_hex(bodies));
    const auto files = bytes(sha256_hex("a.csv\x1F"
                                        "old")) +
                       bytes(sha256_hex("b.csv\x1F"
                                        "older"));
    EXPECT_EQ(tombstone("statement_files")[0].as<std::string>(), sha256_hex(files));
    EXPECT_EQ(tombstone("statement_files")[1].as<int>(), 2);
    EXPECT_EQ(tombstone("statement_files")[2].as<int>(), 8);
    EXPECT_EQ(tombstone("statement_files")[3].as<std::string>(), "stripe/" + day_before(103));
    EXPECT_EQ(tombstone("kept_statements")[0].as<std::string>(), sha256_hex(bytes(std::string(64, '1'))));
    EXPECT_TRUE(tombstone("quarantine")[4].as<bool>());
}

TEST_F(Retention, PurgesBodiesWithoutLookingThroughTheInbox) {
    as("duizhang_admin", R"(
        insert into payments.inbox (tenant_id, channel, event_id, event_type, body_sha256, redacted_body, received_at)
        select 'shop', 'stripe', 'gone_' || n, 'charge', repeat('b', 64), '', now() - interval '1 year'
        from generate_series(1, 20000) n)");
    as("duizhang_admin", "vacuum analyze payments.inbox");
    const auto scans = [&] {
        return as("duizhang_admin",
                  "select seq_scan from pg_stat_user_tables where relid = 'payments.inbox'::regclass")[0][0]
            .as<int>();
    };
    const auto before = scans();

    ASSERT_EQ(duizhang(place(), {"audit", "purge"}).status, 0);

    EXPECT_EQ(scans(), before);
    EXPECT_GT(
        as("duizhang_admin", "select idx_scan from pg_stat_user_indexes where indexrelname = 'inbox_kept_bodies'")[0][0]
            .as<int>(),
        0);
}

TEST_F(Retention, IsKeptToByNightlyWhichGoesOnWhereAPurgeWasStopped) {
    fs::rename(statements() / day_before(103), statements() / (".purging-" + day_before(103)));

    ASSERT_EQ(run({"nightly"}).status, 0);

    EXPECT_EQ(number("select count(distinct kind) from audit.tombstones"), 4);
    EXPECT_FALSE(fs::exists(statements() / (".purging-" + day_before(103))));
    EXPECT_EQ(number("select record_count from audit.tombstones where kind = 'statement_files'"), 2);
}

void Retention::check_rights() const {
    for (const char* sql : {"delete from payments.inbox", "update payments.inbox set redacted_body = ''",
                            "delete from reconciliation.kept_statements", "delete from reconciliation.kept_chunks",
                            "delete from audit.tombstones", "update audit.tombstones set record_count = 1",
                            "truncate audit.tombstones"}) {
        EXPECT_THROW(as("duizhang_service", sql), pqxx::sql_error) << sql;
    }
    // Nor does a tombstone change for whoever owns the tables.
    EXPECT_THROW(as("duizhang_owner", "delete from audit.tombstones"), pqxx::sql_error);
    EXPECT_THROW(as("duizhang_owner", "update audit.tombstones set record_count = 1"), pqxx::sql_error);
}

void Retention::check_bounds() const {
    auto text = test_support::text_of(place() / "duizhang.toml");
    const std::string days = "callback_bodies_days = 30";
    text.replace(text.find("\n" + days) + 1, days.size(), "callback_bodies_days = 29");
    write_text(place() / "duizhang.toml", text);

    const auto ran = run({"config", "check"});

    EXPECT_EQ(ran.status, 2);
    EXPECT_THAT(ran.err, HasSubstr("callback_bodies_days"));
}

}  // namespace
}  // namespace e2e
