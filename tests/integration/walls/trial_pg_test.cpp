// What `tenant verify` does: nothing gets across walls that stand, nothing is left behind, and what does get across is
// told with the table's name.
#include "core/db/wall_trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "core/db/canaries.h"
#include "core/db/connection.h"
#include "tests/integration/walls/weakened.h"
#include "tests/support/movements.h"

namespace core::db {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const TrialProgress kSilent = [](const std::string&, std::size_t, std::size_t) {};

class Trial : public testing::Test {
protected:
    Trial() {
        merchant_.registers(order("O-1", cny(500)));
        merchant_.hears(payment("T-1", cny(500), "O-1"));
    }
    // Every row of every table, past all walls.
    static std::string all_rows() {
        std::string text;
        Connection admin(books_test_database().admin_connection());
        pqxx::work look(admin.get());
        for (const auto& relation : tenants_relations(look)) {
            text +=
                relation.name + " " +
                look.exec(
                        "select count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') from " +
                        relation.name + " t")[0][0]
                    .c_str() +
                "\n";
        }
        return text;
    }
    // After the weakening, which is rolled back with it.
    static WallTrial trial_after(const std::string& sql) {
        Connection admin(books_test_database().admin_connection());
        pqxx::nontransaction session(admin.get());
        session.exec("begin");
        session.exec(sql);
        session.exec("set local role duizhang_service");
        return try_walls(session, {}, kSilent);  // the connection goes, and the transaction with it
    }
    static std::vector<std::string> crossings_of(const WallTrial& trial, const std::string& name) {
        for (const auto& relation : trial.relations) {
            if (relation.name == name) {
                return relation.crossings;
            }
        }
        return {};
    }

    Merchant merchant_;
};

TEST_F(Trial, FindsNothingAcrossAndLeavesNothing) {
    const auto before = all_rows();
    std::size_t told = 0;
    const auto trial = try_walls(books_database(), {merchant_.books().tenant(), core::TenantId("no-rows-yet")},
                                 [&](const std::string& name, std::size_t nth, std::size_t of) {
                                     EXPECT_FALSE(name.empty());
                                     EXPECT_EQ(nth, ++told);
                                     EXPECT_LE(nth, of);
                                 });
    EXPECT_TRUE(trial.holds());
    EXPECT_THAT(trial.breaches, IsEmpty());
    EXPECT_EQ(trial.relations.size(), told);
    for (const auto& relation : trial.relations) {
        EXPECT_GT(relation.canaries, 0) << relation.name << ": its wall is not tried out without a row";
        EXPECT_GT(relation.attempts, 0) << relation.name;
        EXPECT_THAT(relation.crossings, IsEmpty()) << relation.name;
    }
    EXPECT_GE(trial.relations.size(), 16U);
    EXPECT_GE(trial.attempts(), 500);
    EXPECT_EQ(all_rows(), before) << "something is left of the canaries";
    EXPECT_EQ(merchant_.books().complaints(), "");
    std::cout << trial.attempts() << " attempts on " << trial.relations.size() << " tables and views\n";
}

TEST_F(Trial, TellsWhatGetsAcross) {
    const auto of_orders = [](const std::string& sql) { return crossings_of(trial_after(sql), "payments.orders"); };
    EXPECT_THAT(of_orders("alter policy tenant_only on payments.orders using (true)"),
                Contains("a tenant's row is read by another tenant"));
    EXPECT_THAT(of_orders("alter policy tenant_only on payments.orders using (true)"),
                Contains("a tenant's row is read by no tenant"));
    EXPECT_THAT(of_orders("alter policy tenant_only on payments.orders with check (true)"),
                Contains(HasSubstr("written by another tenant")));
    EXPECT_THAT(
        of_orders(
            "create unique index of_all on payments.orders (merchant_order_id) where merchant_order_id = 'canary'"),
        Contains(HasSubstr("told by its key")));
    EXPECT_THAT(of_orders("create policy more on payments.orders as restrictive using (false)"),
                Contains(HasSubstr("not tried")));
    EXPECT_THAT(of_orders("create policy more on payments.orders as restrictive for select using (false)"),
                Contains("a tenant doesn't see its own row"));
    EXPECT_THAT(of_orders("alter table payments.orders disable row level security;"
                          "grant update, delete on payments.orders to duizhang_service"),
                testing::AllOf(Contains("a tenant's row is changed by another tenant"),
                               Contains(HasSubstr("a tenant's row is deleted by no tenant")),
                               Contains(HasSubstr("given away by its own tenant"))));
    EXPECT_THAT(crossings_of(trial_after("alter role duizhang_service bypassrls"), "ledger.legs"),
                Contains("a tenant's row is read by another tenant"));
    EXPECT_THAT(
        of_orders("create or replace function core.tenants() returns text[] language sql stable return array['" +
                  merchant_.books().tenant().text() + "', current_setting('duizhang.tenant')]"),
        Contains("a tenant's row is read by another tenant"));
    EXPECT_THAT(of_orders("create or replace function core.tenants() returns text[] language sql stable as"
                          " $$ select array_agg(tenant_id) from payments.orders $$"),
                Contains(HasSubstr("not tried")))
        << "it asks itself";
}

// Each table's policy and row-level security in turn, as the mutation run of the catalogue's check has them.
TEST_F(Trial, NoticesEveryWallThatIsOpen) {
    std::vector<std::string> open;
    {
        Connection admin(books_test_database().admin_connection());
        pqxx::work look(admin.get());
        for (const auto& [kind, sql] : weakenings(look)) {
            const bool opens = sql.ends_with("disable row level security") || sql.ends_with(" using (true)") ||
                               sql.ends_with("using (tenant_id like '%')");
            // Who may not read a table sees nothing of it through a policy that lets all pass.
            const bool reads_alone = sql.find("payments.card_fingerprints") != std::string::npos &&
                                     !sql.ends_with("disable row level security");
            if (opens && !reads_alone && sql.find("core.") == std::string::npos &&
                sql.find("ledger.leaf") == std::string::npos) {
                open.push_back(sql);
            }
        }
    }
    ASSERT_GE(open.size(), 60U);
    std::size_t noticed = 0;
    for (const auto& sql : open) {
        const auto trial = trial_after(sql);
        const bool crossed = std::any_of(trial.relations.begin(), trial.relations.end(),
                                         [](const auto& relation) { return !relation.crossings.empty(); });
        EXPECT_TRUE(crossed) << sql;
        noticed += crossed ? 1 : 0;
    }
    std::cout << noticed << " of " << open.size() << " open walls noticed by canaries\n";
}

}  // namespace
}  // namespace core::db
