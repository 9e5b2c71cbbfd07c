// Every table, view and sequence, by every command, as everybody who might come: nobody sees, changes or learns of a
// row of another tenant. The rows are those of two shops with the same orders, callbacks and statements, so that each
// has the other's keys; a table without rows of both would prove nothing, and fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>

#include "core/db/canaries.h"
#include "core/db/connection.h"
#include "core/db/pool.h"
#include "core/db/work.h"
#include "payments/quarantine.h"
#include "payments/release.h"
#include "tests/support/books.h"
#include "tests/support/world.h"

namespace core::db {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field

// A shop whose business has left rows in every table.
class BusyShop : public Shop {
public:
    explicit BusyShop(const SimulatedChannel& channel) : Shop(channel) {
        reconciliation::ScenarioOptions options;
        options.seed = 7;
        options.first_day = BusinessDay{date::year{2027} / 3 / 1};
        options.days = 3;
        options.payments_per_day = 8;
        const Instant signed_at = date::sys_days(date::year{2027} / 3 / 5) + std::chrono::hours(2);
        const auto scenario = reconciliation::make_scenario(channel.simulator(), options, signed_at);
        register_orders(scenario);
        take_in(scenario, signed_at);
        for (const auto& statement : scenario.statements) {
            reconcile(statement);
        }
        fulfil(core::MerchantOrderId(scenario.orders.front().merchant_order_id), signed_at);
        payments::Quarantine quarantine(shops_database(), [](std::string_view text) { return std::string(text); });
        quarantine.add(id(), channel.name(), {payments::CallbackRefusal::Kind::bad_content, "merchant_differs"},
                       {{}, "a body", signed_at});
        // Of so large a sum that legs come to pages and balances at once; and some that wait.
        post("large", 1'000'000'000'000'001);
        for (int i = 0; i < 4; ++i) {
            post("small-" + std::to_string(i), 1);
        }
    }

private:
    void fulfil(const core::MerchantOrderId& order, Instant at) const {
        TenantTransaction transaction(shops_database(), id());
        ASSERT_EQ(payments::fulfil_orders(transaction, {{order, at}}).front(), payments::FulfilmentOutcome::recorded);
        transaction.commit();
    }
    void post(const std::string& key, std::int64_t minor) const {
        TenantTransaction transaction(shops_database(), id());
        const auto entry = ledger::Entry::make(
            entry_head(key), {{account("bank:main"), cny(minor)}, {account("income:sales"), cny(-minor)}});
        ASSERT_TRUE(ledger::post(transaction, *entry).has_value());
        transaction.commit();
    }
};

struct Identity {
    std::string name;
    std::string role;
    std::string tenants;               // the setting
    std::vector<std::string> visible;  // whose rows it may see
};

class Matrix : public testing::Test {
protected:
    Matrix() : admin_(SharedCluster::get().connection_as("duizhang_admin", database_name())), session_(admin_.get()) {
        fill_what_is_empty();
        session_.exec("begin; create role onlooker");
        const auto a = one_.id().text();
        const auto b = two_.id().text();
        identities_ = {{"service, no tenant", "duizhang_service", "", {}},
                       {"service, the one", "duizhang_service", a, {a}},
                       {"service, the other", "duizhang_service", b, {b}},
                       {"service, a third", "duizhang_service", "third", {}},
                       {"service, one and a third", "duizhang_service", a + ",third", {a}},
                       {"service, *", "duizhang_service", "*", {}},
                       {"service, %", "duizhang_service", "shop-%", {}},
                       {"service, with blanks", "duizhang_service", " " + a + " , " + b + " ", {}},
                       {"service, an array", "duizhang_service", "{" + a + "," + b + "}", {}},
                       {"service, quoted", "duizhang_service", "'" + a + "'", {}},
                       {"anybody", "onlooker", a, {}},
                       {"owner, no tenant", "duizhang_owner", "", {}},
                       {"owner, the one", "duizhang_owner", a, {a}}};
    }

    static std::string database_name() {
        Connection service(shops_database().impl().options.connection);
        pqxx::nontransaction session(service.get());
        return session.exec1("select current_database()")[0].c_str();
    }
    // Tables that this business knows nothing of.
    void fill_what_is_empty() {
        for (const auto& shop : {&one_, &two_}) {
            session_.exec("begin");
            set_tenants(session_, shop->id().text());
            for (const auto& table : tenants_relations(session_)) {
                std::string refusal;
                if (!table.is_view && count(table.name, shop->id().text()) == 0) {
                    put_canary(session_, table.name, shop->id().text(), refusal);
                }
            }
            session_.exec("commit");
        }
    }
    std::int64_t count(const std::string& relation, const std::string& tenant) {
        return session_.exec("select count(*) from " + relation + " where tenant_id = " + session_.quote(tenant))[0][0]
            .as<std::int64_t>();
    }

    std::string list(const std::vector<std::string>& tenants) {
        std::string text = "array[]::text[]";
        for (const auto& tenant : tenants) {
            text += " || " + session_.quote(tenant) + "::text";
        }
        return "(" + text + ")";
    }
    std::string foreign(const Identity& who) { return " where tenant_id <> all " + list(who.visible); }

    // All foreign rows as they are, seen past every wall.
    std::string foreign_rows(const std::string& relation, const Identity& who) {
        return session_
            .exec("select count(*) || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from " + relation +
                  " t" + foreign(who))[0][0]
            .c_str();
    }

    // What the statement does in the name of somebody; `after` is asked before it is undone.
    template <typename After>
    Attempt carry_out(const Identity& who, const std::string& sql, const After& after) {
        ++cells_;
        session_.exec("savepoint cell");
        Attempt done;
        try {
            session_.exec("set local role " + who.role);
            set_tenants(session_, who.tenants);
            done.rows = static_cast<std::int64_t>(session_.exec(sql).affected_rows());
            session_.exec("reset role");
            after();
        } catch (const pqxx::sql_error& refused) {
            done.sqlstate = sqlstate_of(refused);
        }
        session_.exec("rollback to savepoint cell; release savepoint cell");
        return done;
    }
    Attempt carry_out(const Identity& who, const std::string& sql) {
        return carry_out(who, sql, [] {});
    }

    void reads_nothing(const std::string& relation, const Identity& who) {
        for (const char* how : {"", " for update"}) {
            const auto done = carry_out(who, "select from " + relation + foreign(who) + how);
            EXPECT_EQ(done.rows, 0) << relation << how << " as " << who.name;
        }
        const auto all = carry_out(who, "select from " + relation);
        const auto own = session_.exec("select from " + relation + " where tenant_id = any " + list(who.visible));
        const bool is_kept_away =
            who.role == "onlooker" || (who.role == "duizhang_service" && relation == "payments.card_fingerprints");
        EXPECT_EQ(all.rows, is_kept_away ? 0 : static_cast<std::int64_t>(own.size()))
            << relation << " as " << who.name << ": its own rows, and all of them";
        EXPECT_EQ(all.sqlstate, is_kept_away ? "42501" : "") << relation << " as " << who.name;
    }

    void changes_nothing(const std::string& relation, const Identity& who) {
        const auto before = foreign_rows(relation, who);
        const auto mine = session_.quote(who.visible.empty() ? "third" : who.visible.front());
        for (const auto& sql :
             {"update " + relation + " set tenant_id = tenant_id", "update " + relation + " set tenant_id = " + mine,
              "update " + relation + " set tenant_id = " + mine + foreign(who), "delete from " + relation,
              "delete from " + relation + foreign(who),
              "merge into " + relation + " using (select 1) s on true when matched then delete"}) {
            carry_out(who, sql, [&] { EXPECT_EQ(foreign_rows(relation, who), before) << sql << " as " << who.name; });
        }
        if (who.role != "duizhang_owner") {
            EXPECT_NE(carry_out(who, "truncate " + relation + " cascade").sqlstate, "")
                << relation << " as " << who.name;
        }
    }

    std::string insert_of(const std::string& relation, const std::string& tenant, const std::string& as) {
        const std::string row =
            session_
                .exec("select to_jsonb(t) || jsonb_build_object('tenant_id', " + session_.quote(as) + ") from " +
                      relation + " t where tenant_id = " + session_.quote(tenant) + " limit 1")[0][0]
                .c_str();
        // What is computed from the others can't be given.
        const std::string columns =
            session_
                .exec(
                    "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute where attrelid "
                    "= " +
                    session_.quote(relation) +
                    "::regclass and attnum > 0 and not attisdropped and attgenerated = ''")[0][0]
                .c_str();
        return "insert into " + relation + " (" + columns + ") overriding system value select " + columns +
               " from jsonb_populate_record(null::" + relation + ", " + session_.quote(row) + ")";
    }
    void learns_nothing(const std::string& relation, const Identity& who) {
        const auto& stranger = who.visible == std::vector{two_.id().text()} ? one_ : two_;
        const auto there = insert_of(relation, stranger.id().text(), stranger.id().text());
        const auto nowhere = insert_of(relation, stranger.id().text(), "nobody-at-all");
        for (const char* how : {"", " on conflict do nothing"}) {
            const auto done = carry_out(who, there + how);
            EXPECT_NE(done.sqlstate, "") << relation << how << " as " << who.name << ": it wrote another's row";
            EXPECT_NE(done.sqlstate, "23505") << relation << how << " as " << who.name;
            EXPECT_EQ(done.sqlstate, carry_out(who, nowhere + how).sqlstate)
                << relation << how << " as " << who.name << ": a row that is there is told from one that is not";
        }
        if (who.tenants == "third") {
            // The same key for a tenant that has no row of it.
            EXPECT_NE(carry_out(who, insert_of(relation, stranger.id().text(), "third")).sqlstate, "23505") << relation;
        }
    }

    const SimulatedChannel& channel_ = SimulatedChannel::of("stripe");
    BusyShop one_{channel_};
    BusyShop two_{channel_};
    Connection admin_;
    pqxx::nontransaction session_;
    std::vector<Identity> identities_;
    std::size_t cells_ = 0;
};

TEST_F(Matrix, HasNoCellWhereARowOfAnotherTenantIsSeenChangedOrLearntOf) {
    const auto relations = tenants_relations(session_);
    ASSERT_GE(relations.size(), 16U);
    for (const auto& relation : relations) {
        for (const auto& shop : {&one_, &two_}) {
            ASSERT_GT(count(relation.name, shop->id().text()), 0) << relation.name << " has no row to be reached for";
        }
        for (const auto& who : identities_) {
            reads_nothing(relation.name, who);
            changes_nothing(relation.name, who);
            learns_nothing(relation.name, who);
        }
    }
    for (const auto& row : session_.exec(
             "select c.oid::regclass::text from pg_class c where c.relkind = 'S' and c.relnamespace::regnamespace::text"
             " in ('core', 'config', 'audit', 'ledger', 'payments', 'reconciliation', 'access')")) {
        const std::string sequence = row[0].c_str();
        for (const auto& who : identities_) {
            if (who.role != "duizhang_owner") {
                EXPECT_EQ(carry_out(who, "select last_value from " + sequence).sqlstate, "42501") << sequence;
                EXPECT_EQ(carry_out(who, "select setval('" + sequence + "', 1)").sqlstate, "42501") << sequence;
            }
        }
    }
    for (const auto& row : session_.exec("select p.oid::regprocedure::text from pg_proc p where p.prosecdef"
                                         " and p.pronamespace::regnamespace::text in ('core', 'config', 'audit',"
                                         " 'ledger', 'payments', 'reconciliation', 'access')")) {
        for (const char* role : {"duizhang_service", "onlooker"}) {
            ++cells_;
            EXPECT_FALSE(
                session_.exec_params("select has_function_privilege($1, $2, 'execute')", role, row[0].c_str())[0][0]
                    .as<bool>())
                << row[0].c_str() << " is " << role << "'s to call";
        }
    }
    session_.exec("rollback");
    std::cout << cells_ << " cells of " << relations.size() << " tables and views\n";
    EXPECT_GE(cells_, 2900U);
    EXPECT_EQ(one_.complaint_about_the_books() + two_.complaint_about_the_books(), "");
}

// The cells above would notice: the same questions are answered where the wall is open, and where the row is one's own.
TEST_F(Matrix, AsksWhatCanBeAnswered) {
    const auto& other = identities_[2];
    for (const auto& relation : tenants_relations(session_)) {
        if (relation.is_view) {
            continue;
        }
        const auto own = carry_out(other, insert_of(relation.name, two_.id().text(), two_.id().text())).sqlstate;
        const bool writes =
            session_.exec_params("select has_table_privilege('duizhang_service', $1, 'insert')", relation.name)[0][0]
                .as<bool>();
        EXPECT_EQ(own, writes ? "23505" : "42501") << relation.name;
        session_.exec("savepoint open_wall; alter table " + relation.name + " disable row level security");
        session_.exec("grant all on " + relation.name + " to duizhang_service");
        EXPECT_GT(carry_out(other, "select from " + relation.name + foreign(other)).rows, 0) << relation.name;
        const auto copied = carry_out(other, insert_of(relation.name, one_.id().text(), one_.id().text())).sqlstate;
        EXPECT_NE(copied, "42501") << relation.name;
        session_.exec("alter table " + relation.name + " disable trigger user");
        const auto before = foreign_rows(relation.name, other);
        carry_out(other, "update " + relation.name + " set tenant_id = tenant_id || 'x'",
                  [&] { EXPECT_NE(foreign_rows(relation.name, other), before) << relation.name; });
        session_.exec("rollback to savepoint open_wall");
    }
}

}  // namespace
}  // namespace core::db
