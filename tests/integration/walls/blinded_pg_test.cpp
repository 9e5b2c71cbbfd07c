// No policy blinds a check of the books: the database refuses an entry that doesn't balance whoever can or can't see
// which rows, and verification says so when something stands between it and the rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/db/canaries.h"
#include "core/db/connection.h"
#include "core/db/walls.h"
#include "core/db/work.h"
#include "tests/support/selling_books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::Contains;
using testing::HasSubstr;

constexpr const char* kTables[] = {"ledger.accounts", "ledger.entries",  "ledger.pages",
                                   "ledger.new_legs", "ledger.balances", "ledger.turnovers"};

// What may befall the walls, with a name.
std::vector<std::string> blindfolds() {
    std::vector<std::string> all = {
        "select 'nothing'",
        "create or replace function core.tenants() returns text[] language sql stable return null::text[]",
        "create or replace function core.tenants() returns text[] language sql stable return array['somebody']",
        "create or replace function core.tenants() returns text[] language sql stable"
        " as $$ select array_agg(rolname::text) from pg_roles $$"};
    for (const std::string table : kTables) {
        all.push_back("create policy more on " + table + " as restrictive for select using (false)");
        all.push_back("create policy more on " + table + " as restrictive for select using (random() < 0.5)");
        all.push_back("alter policy tenant_only on " + table + " using (false)");
        all.push_back("alter policy tenant_only on " + table + " using (true) with check (true)");
        all.push_back("drop policy tenant_only on " + table);
        all.push_back("alter table " + table + " disable row level security");
    }
    std::string hidden;
    std::string open;
    for (const std::string table : kTables) {
        hidden += "create policy more on " + table + " as restrictive for select using (false);";
        open += "alter policy tenant_only on " + table + " using (true) with check (true);";
    }
    all.push_back(hidden);
    all.push_back(open);
    return all;
}

class Blindfold : public SellingBooks {
protected:
    Blindfold() {
        sale("sale:1", 500);
        enter_on_pages();
        sale("sale:2", 20);
        other_.post(entry_head("sale:1"), {{account("bank:main"), cny(3)}, {account("income:sales"), cny(-3)}});
    }
    void TearDown() override { EXPECT_EQ(books_.complaints() + other_.complaints(), ""); }

    static std::string entry_of(const std::string& tenant, const std::string& amounts) {
        return "('" + tenant +
               "', 'manual', 'raw:1', '', '', now(), '2026-11-18', '{bank:main,income:sales}', '{CNY,CNY}', '" +
               amounts + "')";
    }
    static std::string insert(const std::vector<std::string>& entries) {
        std::string sql =
            "insert into ledger.entries (tenant_id, event, source_key, group_key, description, occurred_at,"
            " business_date, leg_accounts, leg_currencies, leg_amounts) values ";
        for (const auto& entry : entries) {
            sql += (&entry == &entries.front() ? "" : ", ") + entry;
        }
        return sql;
    }

    // What becomes of the statement behind the blindfold, as that role with those tenants; both are undone.
    core::db::Attempt enter(const std::string& blindfold, const std::string& role, const std::string& tenants,
                            const std::string& sql) {
        pqxx::nontransaction session(admin_.get());
        session.exec("begin; " + blindfold);
        session.exec("set local role " + role);
        core::db::set_tenants(session, tenants);
        const auto done = core::db::attempt(session, sql);
        session.exec("rollback");
        return done;
    }

    std::string one() const { return books_.tenant().text(); }
    std::string two() const { return other_.tenant().text(); }

    TenantBooks other_;
    core::db::Connection admin_{books_test_database().admin_connection()};
};

TEST_F(Blindfold, LetsNoEntryInThatDoesNotBalance) {
    const auto good = insert({entry_of(one(), "{5,-5}"), entry_of(two(), "{4,-4}")});
    EXPECT_EQ(enter("select 'nothing'", "duizhang_service", one() + "," + two(), good).sqlstate, "")
        << "what is refused below is refused for its sum";
    // Off alone; and off in each tenant, with nothing over all in all.
    const std::vector<std::string> bad = {
        insert({entry_of(one(), "{5,-4}")}), insert({entry_of(one(), "{5,-4}"), entry_of(two(), "{4,-5}")}),
        insert({entry_of(two(), "{5,-4}")}), insert({entry_of(one(), "{5,-5}"), entry_of(two(), "{4,-5}")})};
    int by_their_sum = 0;
    for (const auto& blindfold : blindfolds()) {
        for (const std::string role : {"duizhang_service", "duizhang_owner", "duizhang_admin"}) {
            for (const auto& tenants : {std::string(), one(), two(), one() + "," + two(), std::string("nobody")}) {
                for (const auto& sql : bad) {
                    const auto done = enter(blindfold, role, tenants, sql);
                    EXPECT_NE(done.sqlstate, "") << blindfold << "; " << role << " for [" << tenants << "]; " << sql;
                    by_their_sum += done.constraint == "legs_balance" ? 1 : 0;
                }
            }
        }
    }
    EXPECT_GE(by_their_sum, 400) << "the others are refused for want of a right or an account";
    EXPECT_EQ(enter("select 'nothing'", "duizhang_service", one() + "," + two(), bad[1]).constraint, "legs_balance");
}

TEST_F(Blindfold, IsNoticedByTheCheckThatVerificationEndsWith) {
    ASSERT_EQ(books_.verify().breaches, std::vector<std::string>{});
    for (const auto& blindfold : blindfolds()) {
        if (blindfold == "select 'nothing'") {
            continue;
        }
        pqxx::nontransaction session(admin_.get());
        session.exec("begin; " + blindfold);
        session.exec("set local role duizhang_service");
        core::db::set_tenants(session, one());
        EXPECT_FALSE(core::db::wall_breaches(session).empty()) << blindfold;
        session.exec("rollback");
    }
}

TEST_F(Blindfold, ThatHidesEverythingIsToldWhereNothingElseIsWrong) {
    std::string on;
    std::string off;
    for (const std::string table : kTables) {
        on += "create policy more on " + table + " as restrictive for select using (false);";
        off += "drop policy more on " + table + ";";
    }
    books_test_database().administer_here(on);
    const auto seen = books_.verify();
    books_test_database().administer_here(off);
    EXPECT_EQ(seen.entries, 0) << "books of which nothing is seen balance";
    EXPECT_THAT(seen.breaches, Contains(HasSubstr("policy more on ledger.entries")));
    EXPECT_THAT(seen.breaches, testing::Each(HasSubstr("can't be relied on")));
    EXPECT_GT(books_.verify().entries, 0);
}

}  // namespace
}  // namespace ledger
