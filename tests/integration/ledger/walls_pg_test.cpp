// What the database itself refuses, whatever program writes: raw SQL in the service's role, and in the owner's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "core/db/connection.h"
#include "core/db/work.h"
#include "tests/support/selling_books.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::IsEmpty;

// What a refusal is known by: SQLSTATE, and the constraint's name where it has one.
struct Refusal {
    std::string sqlstate;
    std::string constraint;
    bool operator==(const Refusal&) const = default;
};
void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.sqlstate << " " << refusal.constraint; }

const Refusal kNotRefused{};
const Refusal kNotAllowed{"42501", ""};
const Refusal kImmutable{"23001", "posted_is_immutable"};

class Walls : public SellingBooks {
protected:
    Walls() {
        entry_ = std::to_string(sale("sale:1", 500)->number());
        other_.post(entry_head("sale:1"), {{account("bank:main"), cny(3)}, {account("income:sales"), cny(-3)}});
        enter_on_pages();
        enter_on_pages(other_);
    }
    void TearDown() override {
        EXPECT_EQ(books_.complaints(), "");
        EXPECT_EQ(books_.balances(), (Sums{{"bank:main CNY", 500}, {"income:sales CNY", -500}}));
        EXPECT_EQ(other_.balances(), (Sums{{"bank:main CNY", 3}, {"income:sales CNY", -3}}));
    }

    // Runs the statements in one transaction of the tenant (of none when empty) and commits.
    static Refusal run_as(const std::string& connection, const std::string& tenant,
                          const std::vector<std::string>& statements) {
        core::db::Connection session(connection);
        try {
            pqxx::work work(session.get());
            if (!tenant.empty()) {
                work.exec_params("select set_config('duizhang.tenant', $1, true)", tenant);
            }
            for (const auto& sql : statements) {
                work.exec(sql);
            }
            work.commit();
            return kNotRefused;
        } catch (const std::exception&) {
            try {
                core::db::rethrow_as_failure();
            } catch (const core::db::DatabaseFailure& failure) {
                return {failure.sqlstate(), failure.constraint()};
            }
        }
    }
    Refusal service(const std::vector<std::string>& statements) const {
        return run_as(books_test_database().service_connection(), tenant(), statements);
    }
    Refusal owner(const std::vector<std::string>& statements) const {
        return run_as(books_test_database().owner_connection(), tenant(), statements);
    }

    static std::int64_t count_as_service(const std::string& tenant, const std::string& table) {
        core::db::Connection session(books_test_database().service_connection());
        pqxx::work work(session.get());
        if (!tenant.empty()) {
            work.exec_params("select set_config('duizhang.tenant', $1, true)", tenant);
        }
        return work.exec("select count(*) from " + table)[0][0].as<std::int64_t>();
    }

    std::string tenant() const { return books_.tenant().text(); }
    std::string quoted_tenant() const { return "'" + tenant() + "'"; }

    // An entry of these legs: their accounts, currencies and amounts, each the text of an array.
    static std::string new_entry(const std::string& tenant_id, const std::string& accounts,
                                 const std::string& currencies, const std::string& amounts) {
        return "insert into ledger.entries (tenant_id, event, source_key, group_key, description, occurred_at,"
               " business_date, leg_accounts, leg_currencies, leg_amounts) values ('" +
               tenant_id + "', 'manual', 'raw:1', '', '', now(), '2026-11-18', '" + accounts + "', '" + currencies +
               "', '" + amounts + "')";
    }
    static std::string good_entry(const std::string& tenant_id) {
        return new_entry(tenant_id, "{bank:main,income:sales}", "{CNY,CNY}", "{5,-5}");
    }
    Refusal service_enters(const std::string& accounts, const std::string& currencies,
                           const std::string& amounts) const {
        return service({new_entry(tenant(), accounts, currencies, amounts)});
    }
    std::string late_leg(int number, std::int64_t minor) const {
        return "insert into ledger.pages (account_no, first_entry_id, lines, tenant_id, currency)"
               " select account_no, " +
               entry_ + ", '{{" + entry_ + "," + std::to_string(number) + "," + std::to_string(minor) +
               "}}', tenant_id, 'CNY' from ledger.accounts where account = 'bank:main' and tenant_id = " +
               quoted_tenant();
    }
    std::string late_new_leg(int number, std::int64_t minor) const {
        return "insert into ledger.new_legs (lines, tenant_id, currency) select array[array[account_no, " + entry_ +
               ", " + std::to_string(number) + ", " + std::to_string(minor) +
               "]], tenant_id, 'CNY' from ledger.accounts where account = 'bank:main' and tenant_id = " +
               quoted_tenant();
    }

    TenantBooks other_;
    std::string entry_;
};

TEST_F(Walls, TakeAnEntryThatBalancesAndRollsBack) {
    // The statements of the tests below are refused for what is wrong with them, not for how they are written.
    EXPECT_EQ(service({good_entry(tenant()),
                       "do $$ begin raise exception 'enough' using errcode = 'P0099';"
                       " end $$"}),
              (Refusal{"P0099", ""}));
}

TEST_F(Walls, RefuseAnEntryThatDoesNotBalance) {
    EXPECT_EQ(service_enters("{bank:main,income:sales}", "{CNY,CNY}", "{5,-4}"), (Refusal{"23514", "legs_balance"}));
    // Adds up to zero only for a reader who ignores the currency.
    EXPECT_EQ(service_enters("{bank:main,income:sales}", "{CNY,USD}", "{5,-5}"), (Refusal{"23514", "legs_balance"}));
}

TEST_F(Walls, RefuseALegWithoutAnAccountACurrencyOrAnAmount) {
    const Refusal not_whole{"23514", "entries_whole_legs"};
    EXPECT_EQ(service_enters("{bank:main}", "{CNY,CNY}", "{5,-5}"), not_whole);
    EXPECT_EQ(service_enters("{bank:main,income:sales,bank:main}", "{CNY,CNY}", "{5,-5}"), not_whole);
    EXPECT_EQ(service_enters("{bank:main,income:sales}", "{CNY}", "{5,-5}"), not_whole);
    EXPECT_EQ(service_enters("{bank:main,income:sales}", "{CNY,CNY}", "{5,-5,5}"), not_whole);
    EXPECT_EQ(service_enters("{{bank:main,income:sales}}", "{{CNY,CNY}}", "{{5,-5}}"), not_whole);
    EXPECT_EQ(service_enters("[0:1]={bank:main,income:sales}", "[0:1]={CNY,CNY}", "[0:1]={5,-5}"), not_whole);
    EXPECT_EQ(service_enters("{bank:main,null}", "{CNY,CNY}", "{5,-5}").constraint, "legs_on_an_account");
    EXPECT_EQ(service_enters("{bank:main,income:sales}", "{CNY,null}", "{5,-5}").constraint, "legs_currency");
    EXPECT_EQ(service_enters("{bank:main,income:sales,bank:main}", "{CNY,CNY,CNY}", "{5,-5,null}").constraint,
              "legs_not_zero");
}

TEST_F(Walls, RefuseAnEntryOfOneLeg) {
    EXPECT_EQ(service_enters("{}", "{}", "{}"), (Refusal{"23514", "entries_two_legs"}));
    EXPECT_EQ(service_enters("{bank:main}", "{CNY}", "{5}"), (Refusal{"23514", "entries_two_legs"}));
}

TEST_F(Walls, RefuseALegOfZero) {
    EXPECT_EQ(service_enters("{bank:main,income:sales,bank:main}", "{CNY,CNY,CNY}", "{5,-5,0}"),
              (Refusal{"23514", "legs_not_zero"}));
}

TEST_F(Walls, RefuseWhatIsNoCurrency) {
    for (const std::string currency : {"cny", "CN", "CNYX", "\"\"", "\"CNY,CNY\""}) {
        EXPECT_EQ(service_enters("{bank:main,income:sales}", "{" + currency + "," + currency + "}", "{5,-5}").sqlstate,
                  "23514")
            << currency;
    }
}

TEST_F(Walls, RefuseLegsWithoutTheirEntry) {
    EXPECT_EQ(service({late_leg(3, 5)}), kNotAllowed);
    // Balanced among themselves, and still not what was posted.
    EXPECT_EQ(owner({late_leg(3, 5), late_leg(4, -5)}), kImmutable);
    EXPECT_EQ(service({late_new_leg(3, 5)}), kNotAllowed);
    EXPECT_EQ(owner({late_new_leg(3, 5), late_new_leg(4, -5)}), kImmutable);
}

TEST_F(Walls, RefuseALegOnAnAccountNobodyOpened) {
    EXPECT_EQ(service_enters("{bank:new,income:sales}", "{CNY,CNY}", "{5,-5}"),
              (Refusal{"23503", "legs_on_an_account"}));
}

TEST_F(Walls, LetNobodyChangeWhatIsPosted) {
    const std::vector<std::string> changes = {
        "update ledger.pages set lines = '{{1,1,5}}'",
        "update ledger.new_legs set lines = '{{1,1,1,5}}'",
        "update ledger.entries set description = 'better'",
        "update ledger.accounts set kind = 'income'",
        "delete from ledger.pages",
        "delete from ledger.new_legs",
        "delete from ledger.entries",
        "delete from ledger.accounts",
        "truncate ledger.pages",
        "truncate ledger.new_legs",
        "truncate ledger.pages, ledger.entries cascade",
        "truncate ledger.accounts cascade",
    };
    for (const auto& sql : changes) {
        EXPECT_EQ(service({sql}), kNotAllowed) << sql;
        EXPECT_EQ(owner({sql}), kImmutable) << sql;
    }
}

TEST_F(Walls, LetTheServiceSetNoBalance) {
    const std::vector<std::string> changes = {
        "update ledger.balances set debit_minor = 0",
        "delete from ledger.balances",
        "truncate ledger.balances",
        "insert into ledger.balances values (1, 5, 0, " + quoted_tenant() + ", 'CNY')",
        "select ledger.enter_on_pages(array[" + quoted_tenant() + "])",
    };
    for (const auto& sql : changes) {
        EXPECT_EQ(service({sql}), kNotAllowed) << sql;
    }
}

TEST_F(Walls, LetTheServiceTakeNoWallDown) {
    for (const std::string sql :
         {"alter table ledger.pages disable trigger all", "alter table ledger.pages disable row level security",
          "alter table ledger.pages no force row level security", "drop policy tenant_only on ledger.pages",
          "drop trigger entries_to_legs on ledger.entries", "set session_replication_role = replica",
          "create table ledger.more ()", "create schema mine", "set role duizhang_owner",
          "create or replace function core.tenants() returns text[] language sql as $$ select '{x}'::text[] $$"}) {
        EXPECT_EQ(service({sql}).sqlstate, "42501") << sql;
    }
}

TEST_F(Walls, RefuseRowsOfAnotherTenant) {
    const auto foreign = other_.tenant().text();
    EXPECT_EQ(service({good_entry(foreign)}), kNotAllowed);
    EXPECT_EQ(service({"insert into ledger.accounts (tenant_id, account, kind) values ('" + foreign +
                       "', 'bank:new', 'asset')"}),
              kNotAllowed);
    EXPECT_EQ(owner({good_entry(foreign)}), kNotAllowed);
}

TEST_F(Walls, ShowNoRowsOfAnotherTenant) {
    for (const std::string table : {"ledger.accounts", "ledger.entries", "ledger.pages", "ledger.legs"}) {
        EXPECT_EQ(count_as_service(tenant(), table), table == "ledger.entries" ? 1 : 2) << table;
        EXPECT_EQ(count_as_service(tenant(), table + " where tenant_id <> " + quoted_tenant()), 0) << table;
        EXPECT_EQ(count_as_service("nobody", table), 0) << table;
    }
}

TEST_F(Walls, ShowNothingWithoutATenant) {
    for (const std::string table : {"ledger.accounts",
                                    "ledger.entries",
                                    "ledger.pages",
                                    "ledger.legs",
                                    "ledger.balances",
                                    "ledger.new_legs",
                                    "ledger.kept_balances",
                                    "ledger.turnovers",
                                    "ledger.payouts",
                                    "ledger.payout_steps",
                                    "ledger.due_dates",
                                    "payments.orders",
                                    "payments.movements",
                                    "payments.inbox",
                                    "reconciliation.runs",
                                    "reconciliation.statements",
                                    "reconciliation.discrepancies",
                                    "reconciliation.matches",
                                    "reconciliation.agreed_movements",
                                    "reconciliation.open_items",
                                    "reconciliation.rule_matches",
                                    "reconciliation.proved_items",
                                    "reconciliation.jobs",
                                    "reconciliation.superseded_runs",
                                    "audit.tombstones",
                                    "access.api_keys",
                                    "access.api_answers",
                                    "audit.trail",
                                    "audit.trail_heads",
                                    "reconciliation.bank_statements",
                                    "reconciliation.bank_entries",
                                    "reconciliation.bank_matches",
                                    "reconciliation.bank_settlements"}) {
        EXPECT_EQ(count_as_service("", table), 0) << table;
    }
    EXPECT_EQ(run_as(books_test_database().service_connection(), "", {good_entry(tenant())}), kNotAllowed);
}

TEST_F(Walls, SeeTheTenantOfThePreparedStatementsOwnTransaction) {
    core::db::Connection session(books_test_database().service_connection());
    session.get().prepare("count_entries", "select count(*), min(tenant_id) from ledger.entries");
    // Past the fifth time PostgreSQL may keep one plan for all.
    for (int i = 0; i < 12; ++i) {
        const auto& expected = i % 2 == 0 ? books_.tenant().text() : other_.tenant().text();
        pqxx::work work(session.get());
        work.exec_params("select set_config('duizhang.tenant', $1, true)", expected);
        const auto row = work.exec_prepared("count_entries")[0];
        EXPECT_EQ(row[0].as<int>(), 1);
        EXPECT_EQ(row[1].as<std::string>(), expected);
        work.commit();
    }
}

// The catalog knows every table, those too that no test here names.
class Catalog : public testing::Test {
protected:
    static std::vector<std::string> list(const std::string& sql) {
        std::vector<std::string> found;
        for (const auto& row : books_test_database().administer_here(sql)) {
            found.push_back(row[0].as<std::string>());
        }
        return found;
    }
};

constexpr const char* kOurs = " n.nspname in ('core', 'audit', 'ledger', 'payments', 'reconciliation', 'server') ";

const std::string kTenantsOnly = "'(array_position(( SELECT core.tenants() AS tenants), tenant_id) IS NOT NULL)'";

TEST_F(Catalog, HasTheTablesItSpeaksOf) {
    EXPECT_GE(list(std::string("select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where") +
                   kOurs + "and c.relkind in ('r', 'p')")
                  .size(),
              12U);
}

TEST_F(Catalog, ForcesRowLevelSecurityOnEveryTable) {
    EXPECT_THAT(list(std::string("select c.oid::regclass::text from pg_class c"
                                 " join pg_namespace n on n.oid = c.relnamespace where") +
                     kOurs + "and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)"),
                IsEmpty());
}

TEST_F(Catalog, HasAPolicyOfTheTenantOnEveryTableWithOne) {
    EXPECT_THAT(
        list(std::string("select c.oid::regclass::text from pg_class c"
                         " join pg_namespace n on n.oid = c.relnamespace where") +
             kOurs + "and c.relkind in ('r', 'p') and not exists (select from pg_policy p where p.polrelid = c.oid)"),
        IsEmpty());
    EXPECT_THAT(
        list(std::string("select c.oid::regclass::text from pg_class c"
                         " join pg_namespace n on n.oid = c.relnamespace"
                         " join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'"
                         " join pg_policy p on p.polrelid = c.oid where") +
             kOurs + "and (pg_get_expr(p.polqual, c.oid) is distinct from " + kTenantsOnly +
             " or pg_get_expr(p.polwithcheck, c.oid) is distinct from " + kTenantsOnly + " or not p.polpermissive)"),
        IsEmpty());
}

TEST_F(Catalog, HasTheTenantInEveryKey) {
    EXPECT_THAT(list(std::string("select k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid"
                                 " join pg_namespace n on n.oid = c.relnamespace"
                                 " join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id' where") +
                     kOurs + "and k.contype in ('p', 'u', 'f') and t.attnum <> all (k.conkey)"),
                IsEmpty());
    EXPECT_THAT(list(std::string("select i.indexrelid::regclass::text from pg_index i"
                                 " join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace"
                                 " join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id' where") +
                     kOurs + "and t.attnum <> all (i.indkey::smallint[])"),
                IsEmpty());
}

TEST_F(Catalog, DeletesNothingInCascades) {
    EXPECT_THAT(list(std::string("select k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid"
                                 " join pg_namespace n on n.oid = c.relnamespace where") +
                     kOurs + "and k.contype = 'f' and (k.confdeltype <> 'a' or k.confupdtype <> 'a')"),
                IsEmpty());
}

TEST_F(Catalog, GivesTheServiceNothingOfItsOwn) {
    EXPECT_THAT(list("select rolname from pg_roles where rolname = 'duizhang_service' and (rolsuper or rolbypassrls"
                     " or rolcreatedb or rolcreaterole or rolreplication)"),
                IsEmpty());
    EXPECT_THAT(list("select d.objid::text from pg_shdepend d where d.refobjid = 'duizhang_service'::regrole"
                     " and d.deptype = 'o'"),
                IsEmpty());
    EXPECT_THAT(list("select r.rolname from pg_roles r where r.rolname <> 'duizhang_service'"
                     " and pg_has_role('duizhang_service', r.oid, 'member')"),
                IsEmpty());
}

TEST_F(Catalog, GivesNobodyMoreThanTheServiceNeeds) {
    EXPECT_THAT(list(std::string("select c.oid::regclass || ' ' || p from pg_class c"
                                 " join pg_namespace n on n.oid = c.relnamespace,"
                                 " unnest(array['truncate', 'references', 'trigger']) p where") +
                     kOurs + "and c.relkind in ('r', 'p') and has_table_privilege('duizhang_service', c.oid, p)"),
                IsEmpty());
    EXPECT_THAT(list("select c.oid::regclass || ' ' || p from pg_class c join pg_namespace n on n.oid = c.relnamespace,"
                     " unnest(array['update', 'delete']) p where n.nspname = 'ledger' and c.relkind in ('r', 'p')"
                     " and has_table_privilege('duizhang_service', c.oid, p)"),
                IsEmpty());
}

// But for the trigger that enters legs, and what it calls, so that the service can write neither legs nor balances:
// nobody else can call them, and they find their tables in no schema but those they name.
TEST_F(Catalog, HasNoFunctionThatRunsAsItsOwnerOrRemembersATenant) {
    EXPECT_THAT(list(std::string("select p.oid::regprocedure::text from pg_proc p"
                                 " join pg_namespace n on n.oid = p.pronamespace where") +
                     kOurs + "and (p.prosecdef or (p.proname = 'tenants' and p.provolatile <> 's')) order by 1"),
                testing::ElementsAre("ledger.enter_legs()", "ledger.enter_on_pages(text[])"));
    EXPECT_THAT(list("select p.oid::regprocedure::text from pg_proc p where p.prosecdef"
                     " and p.pronamespace = 'ledger'::regnamespace"
                     " and 'search_path=pg_catalog, pg_temp' = any (p.proconfig)"
                     " and not has_function_privilege('duizhang_service', p.oid, 'execute')"),
                testing::SizeIs(2));
    EXPECT_THAT(list(std::string("select c.oid::regclass::text from pg_class c"
                                 " join pg_namespace n on n.oid = c.relnamespace where") +
                     kOurs +
                     "and (c.relkind = 'm' or (c.relkind = 'v' and not coalesce(c.reloptions, '{}')"
                     " @> '{security_invoker=true}'))"),
                IsEmpty());
}

}  // namespace
}  // namespace ledger
