// 0009_journal, 0010_new_legs and 0011_turnovers write entries, legs, balances and turnovers anew: what stood in the
// books before stands in them after.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/books.h"
#include "tests/support/books.h"
#include "tests/support/migrations_until.h"

namespace ledger {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the words of the field
using testing::ElementsAre;
using testing::IsEmpty;

// As release 8 posted: two tenants with accounts of the same names, an entry of four legs in two currencies, and
// balances in several stripes.
constexpr const char* kBooksBefore = R"(
set duizhang.tenant = 'one,two';
insert into ledger.accounts (tenant_id, account, kind)
values ('one', 'bank:main', 'asset'), ('one', 'income:sales', 'income'), ('one', 'bank:idle', 'asset'),
       ('two', 'bank:main', 'asset'), ('two', 'income:sales', 'income');
with e as (
    insert into ledger.entries (tenant_id, entry_id, event, source_key, group_key, description, occurred_at,
                                business_date, leg_count)
    overriding system value
    values ('one', 1, 'manual', 'sale:1', 'order:1', 'two currencies', '2026-11-17T01:02:03Z', '2026-11-17', 4),
           ('one', 2, 'manual', 'sale:2', '', 'a second', '2026-11-18T01:02:03Z', '2026-11-18', 2),
           ('two', 3, 'manual', 'sale:1', 'order:1', 'another tenant', '2026-11-18T01:02:03Z', '2026-11-18', 2)
    returning tenant_id, entry_id)
insert into ledger.legs (tenant_id, entry_id, leg_no, account, currency, amount_minor)
select e.tenant_id, l.*
from (values (1, 1, 'bank:main', 'CNY', 500), (1, 3, 'income:sales', 'CNY', -500), (1, 2, 'bank:main', 'USD', 7),
             (1, 4, 'income:sales', 'USD', -7), (2, 1, 'bank:main', 'CNY', 20), (2, 2, 'income:sales', 'CNY', -20),
             (3, 1, 'bank:main', 'CNY', 3), (3, 2, 'income:sales', 'CNY', -3)) as l (entry_id, no, account, currency, minor)
join e using (entry_id);
select setval('ledger.entries_entry_id_seq', 3);
update ledger.balances set stripe = 16, debit_minor = debit_minor - 1
where account = 'bank:main' and tenant_id = 'one' and currency = 'CNY';
insert into ledger.balances (tenant_id, account, currency, stripe, debit_minor, credit_minor)
values ('one', 'bank:main', 'CNY', 17, 1, 0);
)";

// As release 9 posted: a page for each leg, and notes of what they add to balances.
constexpr const char* kPostedBetween = R"(
set duizhang.tenant = 'two';
insert into ledger.entries (tenant_id, event, source_key, group_key, description, occurred_at, business_date,
                            leg_accounts, leg_currencies, leg_amounts)
values ('two', 'manual', 'sale:2', '', 'by release 9', '2026-11-19T01:02:03Z', '2026-11-19',
        '{bank:main,income:sales}', '{CNY,CNY}', '{40,-40}');
)";

// As release 10 posted: its legs wait, without their day.
constexpr const char* kPostedBeforeTurnovers = R"(
set duizhang.tenant = 'two';
insert into ledger.entries (tenant_id, event, source_key, group_key, description, occurred_at, business_date,
                            leg_accounts, leg_currencies, leg_amounts)
values ('two', 'manual', 'sale:3', '', 'by release 10', '2026-12-01T01:02:03Z', '2026-12-01',
        '{bank:main,income:sales}', '{CNY,CNY}', '{500,-500}');
)";

class JournalMigration : public testing::Test {
protected:
    JournalMigration() {
        core::db::migrate(made_.owner_connection(), migrations_until(8));
        made_.administer_here(kBooksBefore);
        core::db::migrate(made_.owner_connection(), migrations_until(9));
        made_.administer_here(kPostedBetween);
        core::db::migrate(made_.owner_connection(), migrations_until(10));
        made_.administer_here(kPostedBeforeTurnovers);
        core::db::migrate(made_.owner_connection());
        database_.emplace(made_.service_options());
    }
    template <typename Use>
    auto read(const char* tenant, Use use) {
        core::db::TenantTransaction transaction(*database_, core::TenantId(tenant));
        return use(transaction);
    }
    std::vector<std::string> balances(const char* tenant, std::optional<core::BusinessDay> until = std::nullopt) {
        std::vector<std::string> lines;
        for (const auto& row : read(tenant, [&](auto& transaction) {
                 return trial_balance(transaction, {until, std::nullopt});
             })) {
            lines.push_back(row.account + " " + row.kind + " " + row.currency + " " + std::to_string(row.debit_minor) +
                            " " + std::to_string(row.credit_minor));
        }
        return lines;
    }

    TestDatabase made_{TestDatabase::Content::nothing};
    std::optional<core::db::Database> database_;
};

TEST_F(JournalMigration, KeepsWhatStoodInTheBooks) {
    EXPECT_THAT(balances("one"), ElementsAre("bank:main asset CNY 520 0", "bank:main asset USD 7 0",
                                             "income:sales income CNY 0 520", "income:sales income USD 0 7"));
    EXPECT_THAT(balances("one", day("2026-11-17")),
                ElementsAre("bank:main asset CNY 500 0", "bank:main asset USD 7 0", "income:sales income CNY 0 500",
                            "income:sales income USD 0 7"));
    EXPECT_THAT(balances("two"), ElementsAre("bank:main asset CNY 543 0", "income:sales income CNY 0 543"));
    EXPECT_THAT(balances("two", day("2026-11-30")),
                ElementsAre("bank:main asset CNY 43 0", "income:sales income CNY 0 43"));
    for (const char* tenant : {"one", "two"}) {
        EXPECT_THAT(read(tenant, [](auto& transaction) { return verify(transaction).breaches; }), IsEmpty()) << tenant;
    }

    const auto entry = read("one", [](auto& transaction) { return find_entry(transaction, core::EntryId(1)); });
    ASSERT_TRUE(entry);
    ASSERT_EQ(entry->legs.size(), 4U);
    EXPECT_EQ(entry->legs[1].number, 2);
    EXPECT_EQ(entry->legs[1].account, "bank:main");
    EXPECT_EQ(entry->legs[1].currency, "USD");
    EXPECT_EQ(entry->legs[1].amount_minor, 7);
    EXPECT_EQ(entry->description, "two currencies");
    EXPECT_THAT(read("one", [](auto& transaction) { return account_lines(transaction, "bank:main", 0, 10); }),
                testing::SizeIs(3));
}

TEST_F(JournalMigration, IsPostedOnAfterwards) {
    const auto sale =
        Entry::make(entry_head("sale:3"), {{account("bank:main"), cny(1)}, {account("income:new"), cny(-1)}});
    ASSERT_TRUE(sale);
    core::db::TenantTransaction transaction(*database_, core::TenantId("one"));
    EXPECT_TRUE(post(transaction, *sale));
    const auto again =
        Entry::make(entry_head("sale:1"), {{account("bank:main"), cny(9)}, {account("income:sales"), cny(-9)}});
    ASSERT_TRUE(again);
    EXPECT_FALSE(post(transaction, *again)) << "it is there since before";
    transaction.commit();
    EXPECT_EQ(balances("one").front(), "bank:main asset CNY 521 0");
    EXPECT_THAT(read("one", [](auto& open) { return verify(open).breaches; }), IsEmpty());
}

// 0032_short_rows: as release 31 entered them, all on one page.
TEST(ShortRowsMigration, PartsPagesThatAreLong) {
    const TestDatabase made(TestDatabase::Content::nothing);
    core::db::migrate(made.owner_connection(), migrations_until(31));
    made.administer_here(R"(
set duizhang.tenant = 'one';
insert into ledger.accounts (tenant_id, account, kind) values ('one', 'bank:main', 'asset'), ('one', 'income:sales', 'income');
insert into ledger.entries (tenant_id, event, source_key, group_key, description, occurred_at, business_date,
                            leg_accounts, leg_currencies, leg_amounts)
select 'one', 'manual', 'sale:' || n, '', '', '2026-11-19T01:02:03Z', '2026-11-19', '{bank:main,bank:main,income:sales}',
       '{CNY,CNY,CNY}', array[n, 1, -n - 1]
from generate_series(1, 1000) n;
set session_replication_role = replica;
select ledger.enter_on_pages('{one}');
set session_replication_role = origin;
insert into ledger.entries (tenant_id, event, source_key, group_key, description, occurred_at, business_date,
                            leg_accounts, leg_currencies, leg_amounts)
values ('one', 'manual', 'waits', '', '', '2026-11-19T01:02:03Z', '2026-11-19', '{bank:main,income:sales}', '{CNY,CNY}', '{7,-7}');
)");
    const auto longest = [&] {
        return made.administer_here("select max(array_length(lines, 1)) from ledger.pages")[0][0].as<int>();
    };
    ASSERT_GT(longest(), 500);
    core::db::migrate(made.owner_connection());

    EXPECT_LE(longest(), 82);
    core::db::Database database(made.service_options());
    core::db::TenantTransaction transaction(database, core::TenantId("one"));
    EXPECT_THAT(verify(transaction).breaches, IsEmpty());
    EXPECT_EQ(verify(transaction).legs, 3002);
    EXPECT_EQ(trial_balance(transaction).front().debit_minor, 500'500 + 1000 + 7);
    EXPECT_THAT(account_lines(transaction, "bank:main", 0, 10'000), testing::SizeIs(2001));
}

}  // namespace
}  // namespace ledger
